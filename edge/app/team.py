"""Add people and tablets: what the commands and the demo do.

Source: security.md, "Roles for tablets and operators"; decided.md 38.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from edge.app.pins import PinCost, Pins
from edge.app.staff import code_hash
from edge.core.chance import Chance, readable, system_chance
from edge.core.clock import Clock, system_clock
from edge.core.errors import RequestContractError
from edge.store.audit import AuditEntry
from edge.store.chain import Mac
from edge.store.chain_keys import late_mac
from edge.store.keys import KeyFile
from edge.store.staff import Member, StaffRole
from edge.store.store import Store

CODE_LASTS: Final = timedelta(minutes=30)
CODE_CHARACTERS: Final = 8  # 40 bits
MAX_NAME: Final = 40
_USER_ID: Final = re.compile(r"[a-z][a-z0-9-]{1,31}")
_WAIT_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class EnrolmentCode:
    """A code that enrols one tablet, once."""

    code: str = field(repr=False)
    until_at: datetime


class TeamOffice:
    """Changes who is in the team and which tablets they use; each change is audited.

    Args:
        store: An open store.
        clock: The time.
        chance: For salts and codes.
        cost: What trying a PIN costs; a shop's, if none.
    """

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock = system_clock,
        chance: Chance = system_chance,
        cost: PinCost | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._chance = chance
        self._pins = pins_of(store.keys, chance, cost)

    def put(self, user_id: str, name: str, role: StaffRole, pin: str) -> None:
        """Add a member, or put them in place of the one of that id.

        Raises:
            RequestContractError: The id, the name or the PIN will not do.
        """
        if _USER_ID.fullmatch(user_id) is None:
            msg = (
                "wanted a user id of 2 to 32 small letters, digits or hyphens, beginning with a "
                f"letter, got {user_id[:40]!r}"
            )
            raise RequestContractError(msg)
        member = Member(user_id, _named(name), role, self._pins.hashed(user_id, pin))
        self._store.staff.put(member, self._clock()).result(_WAIT_S)
        self._note("put_member", f"{user_id} as {role}")

    def set_pin(self, user_id: str, pin: str) -> None:
        """Give a member another PIN.

        Raises:
            RequestContractError: There is no such member, or the PIN will not do.
        """
        member = self._store.staff.member(user_id)
        if member is None:
            raise _no_member(user_id)
        changed = replace(member, pin_hash=self._pins.hashed(user_id, pin))
        self._store.staff.put(changed, self._clock()).result(_WAIT_S)
        self._note("set_pin", user_id)

    def remove(self, user_id: str) -> None:
        """Take a member out of the team; they are signed out with their next request.

        Raises:
            RequestContractError: There is no such member.
        """
        if not self._store.staff.remove(user_id).result(_WAIT_S):
            raise _no_member(user_id)
        self._note("remove_member", user_id)

    def offer_tablet(self, name: str) -> EnrolmentCode:
        """Return a code that enrols one tablet, to be called ``name``, for half an hour."""
        code = readable(self._chance, CODE_CHARACTERS)
        until = self._clock() + CODE_LASTS
        kept = code_hash(staff_mac(self._store.keys), code)
        self._store.staff.offer_code(kept, _named(name), until).result(_WAIT_S)
        self._note("offer_tablet", name)
        return EnrolmentCode(f"{code[:4]}-{code[4:]}", until)

    def remove_tablet(self, name: str) -> None:
        """Let a tablet be used no more.

        Raises:
            RequestContractError: There is none of that name.
        """
        if not self._store.staff.remove_tablet(name).result(_WAIT_S):
            msg = f"wanted an enrolled tablet, there is none called {name[:40]!r}"
            raise RequestContractError(msg)
        self._note("remove_tablet", name)

    def _note(self, action: str, detail: str) -> None:
        self._store.audit.add(AuditEntry("operator", action, detail=detail)).result(_WAIT_S)


def demo_staff(
    store: Store,
    pin: str,
    *,
    clock: Clock = system_clock,
    chance: Chance = system_chance,
    cost: PinCost | None = None,
) -> None:
    """Add the demo's team under one PIN: Amira, an associate, and Jonas, a lead."""
    office = TeamOffice(store, clock=clock, chance=chance, cost=cost)
    office.put("amira", "Amira", "associate", pin)
    office.put("jonas", "Jonas", "lead", pin)


def pins_of(keys: KeyFile, chance: Chance, cost: PinCost | None = None) -> Pins:
    """Return PINs under the device's pepper."""
    return Pins(late_mac(keys.derive, "pin-pepper"), chance, cost)


def staff_mac(keys: KeyFile) -> Mac:
    """Return the keyed hash for codes and counters of staff."""
    return late_mac(keys.derive, "staff-hmac")


def _named(name: str) -> str:
    kept = " ".join(name.split())
    if not 1 <= len(kept) <= MAX_NAME or not kept.isprintable():
        msg = f"wanted a name of 1 to {MAX_NAME} characters, got {kept[:MAX_NAME]!r}"
        raise RequestContractError(msg)
    return kept


def _no_member(user_id: str) -> RequestContractError:
    msg = f"wanted a member of the team, there is no {user_id[:40]!r}; `edge staff list` shows them"
    return RequestContractError(msg)
