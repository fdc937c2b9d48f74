"""How long each role's word still holds, and which keepers have to meet soon."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from edge.central.fleet.releases.repository_state import RepositoryState
from edge.central.fleet.releases.signing_roles import OFFLINE, ONLINE, SigningRole


@dataclass(frozen=True, slots=True)
class Holding:
    """One role, and until when devices take what it signed."""

    role: SigningRole
    version: int
    until: datetime
    left: timedelta

    @property
    def is_short(self) -> bool:
        """Say whether a third of its life or less is left: time to renew it."""
        return self.left <= self.role.life / 3

    def to_text(self) -> str:
        """Return it as a line for people."""
        line = f"{self.role.name} version {self.version} holds until {self.until:%Y-%m-%d}"
        if self.left <= timedelta(0):
            return (
                f"{line}: EXPIRED, devices take nothing new from it; they go on with what they have"
            )
        days = f"{line}, {self.left.days} days"
        if not self.is_short:
            return days
        how = "`edge fleet refresh`" if self.role.is_online else "`edge fleet sign --renew`"
        return f"{days}: renew it now with {how}"


def holdings(state: RepositoryState, now: datetime) -> tuple[Holding, ...]:
    """Return every role, offline ones first."""
    return tuple(_holding(role, state, now) for role in (*OFFLINE, *ONLINE))


def _holding(role: SigningRole, state: RepositoryState, now: datetime) -> Holding:
    signed = state.of(role.name).signed
    return Holding(role, signed.version, signed.expires, signed.expires - now)
