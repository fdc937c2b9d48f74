"""Whom to ask, in which order, and who is left out for a while.

Devices of the shop that pass files on come before the repository itself. None of them is trusted,
every document is verified, so the worst one can do is to say nothing new. That is why the repository
is asked as well when it has not answered for a day: a device that keeps to itself what was stopped
delays it by that much, not by the 14 days for which a signature holds.

Source: fleet.md 6 ("store cache").
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeVar

from edge.core.clock import Clock
from edge.core.errors import UnavailableError
from edge.update.untrusted import SourceUnavailableError, UntrustedReleaseError

ORIGIN_AT_LEAST_EVERY: Final = timedelta(days=1)
LEFT_OUT_FOR: Final = timedelta(days=1)
"""Whoever gave what was not signed is not asked for so long, so that it cannot spoil each try."""

_BEHIND: Final = frozenset({"BadVersionNumberError", "ExpiredMetadataError"})
"""What a device gives that has not looked for a while: its packages are as good as ever."""

_log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass
class Sources:
    """The addresses that may be asked; the last is the repository itself and is always asked.

    Args:
        addresses: Above ``metadata/`` and ``targets/``.
        clock: Tells how long ago something was.
    """

    addresses: Sequence[str]
    clock: Clock
    faults: dict[str, str] = field(default_factory=dict, init=False)
    """By address, what was wrong when it was last asked; for health."""
    _left_out_at: dict[str, datetime] = field(default_factory=dict, init=False)
    _origin_at: datetime | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.addresses = tuple(one.rstrip("/") for one in self.addresses)

    @property
    def origin(self) -> str:
        """The repository itself."""
        return self.addresses[-1]

    def is_origin_due(self) -> bool:
        """Say whether the repository must be asked, whatever others say."""
        return not _is_recent(self._origin_at, self.clock(), ORIGIN_AT_LEAST_EVERY)

    def first(self, ask: Callable[[str], T], *, before: str | None = None) -> T:
        """Return what the first source gives that gives something right.

        Args:
            ask: Asks one address.
            before: Asked before all others.

        Raises:
            SourceUnavailableError: None does, and the repository cannot be reached.
            UntrustedReleaseError: None does, and the repository gave what must not be used.
        """
        failed: UnavailableError | UntrustedReleaseError | None = None
        for address in self._in_order(before):
            try:
                return self.asked(address, ask)
            except (SourceUnavailableError, UntrustedReleaseError) as error:
                failed = error
        if failed is None:
            msg = "wanted to look for releases, got no address; set update.repository"
            raise UnavailableError(msg)
        raise failed

    def origin_too(self, ask: Callable[[str], T]) -> T | None:
        """Return what the repository gives beside what another source gave; None: nothing right."""
        try:
            return self.asked(self.origin, ask)
        except (SourceUnavailableError, UntrustedReleaseError):
            return None

    def asked(self, address: str, ask: Callable[[str], T]) -> T:
        """Ask one address, and remember how it went."""
        try:
            found = ask(address)
        except (SourceUnavailableError, UntrustedReleaseError) as error:
            self._note(address, error)
            raise
        self.faults.pop(address, None)
        if address == self.origin:
            self._origin_at = self.clock()
        return found

    def _in_order(self, before: str | None) -> list[str]:
        now = self.clock()
        rest = [
            one
            for one in self.addresses
            if one == self.origin or not _is_recent(self._left_out_at.get(one), now, LEFT_OUT_FOR)
        ]
        return sorted(rest, key=lambda one: one != before)

    def _note(self, address: str, error: SourceUnavailableError | UntrustedReleaseError) -> None:
        self.faults[address] = str(error)
        if address != self.origin and _is_foul(error):
            self._left_out_at[address] = self.clock()
        _log.warning("releases from %s: %s", address, error)


def _is_foul(error: SourceUnavailableError | UntrustedReleaseError) -> bool:
    return isinstance(error, UntrustedReleaseError) and error.code not in _BEHIND


def _is_recent(at: datetime | None, now: datetime, within: timedelta) -> bool:
    # A clock that was set back makes nothing recent for longer than it is.
    return at is not None and timedelta(0) <= now - at < within
