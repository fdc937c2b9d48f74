"""Who may be recognised here: a customer's keys as this device holds them.

A holder is sealed under the customer's own key whenever at rest (edge/store), and nothing of it
is ever printed: every field that leads to a person is left out of its repr.

Source: decided.md 28, 30, 31.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final

from edge.core.errors import ContractError
from edge.identity.day_keys import BEACON_KEY_BYTES, DAY_KEY_BYTES, PSEUDONYM_BYTES, day_key
from edge.identity.profile import CustomerId

CUSTOMER_ID_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Holder:
    """A customer who consented, and what their codes and beacons are told by."""

    customer_id: CustomerId = field(repr=False)
    subject_ref: str = field(repr=False)
    """Random; what consent records call them. Only here does it stand beside anything else."""
    pseudonym: bytes | None = field(repr=False)
    """What their K2 and K4 codes call them (8 bytes); None before central has given one."""
    beacon_key: bytes | None = field(repr=False)
    """The phone's key (32 bytes) where it enrolled here; else central sends day keys."""
    day_keys: Mapping[int, bytes] = field(repr=False)
    """Day -> key (16 bytes), as central sent them."""
    is_reported: bool
    """Central has been told of the enrolment."""
    since_at: datetime
    language: str

    def to_json(self) -> bytes:
        """Return everything, for sealing only."""
        return json.dumps(
            {
                "customer_id": self.customer_id.hex(),
                "subject_ref": self.subject_ref,
                "pseudonym": _hex(self.pseudonym),
                "beacon_key": _hex(self.beacon_key),
                "day_keys": {str(day): key.hex() for day, key in sorted(self.day_keys.items())},
                "is_reported": self.is_reported,
                "since_at": self.since_at.isoformat(),
                "language": self.language,
            },
            separators=(",", ":"),
        ).encode()

    @classmethod
    def from_json(cls, text: bytes) -> "Holder":
        """Return what ``to_json`` gave.

        Raises:
            ContractError: It is something else. What it says stands in no message.
        """
        try:
            raw = json.loads(text)
            return cls(
                customer_id=CustomerId(_sized(raw["customer_id"], CUSTOMER_ID_BYTES)),
                subject_ref=str(raw["subject_ref"]),
                pseudonym=_optional(raw["pseudonym"], PSEUDONYM_BYTES),
                beacon_key=_optional(raw["beacon_key"], BEACON_KEY_BYTES),
                day_keys=_day_keys(raw["day_keys"]),
                is_reported=bool(raw["is_reported"]),
                since_at=datetime.fromisoformat(raw["since_at"]),
                language=str(raw["language"]),
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            msg = (
                "wanted a holder as this device seals it, found other content; "
                "the customer must enrol again"
            )
            raise ContractError(msg) from None


def keys_for(holder: Holder, group: int, days: range) -> Mapping[int, bytes]:
    """Return the day keys of ``days``: central's, and where there is none, the phone key's.

    Days without either are left out; on those the customer's K1 and beacon mean nothing here.
    """
    keys = {day: key for day, key in holder.day_keys.items() if day in days}
    if holder.beacon_key is not None:
        for day in days:
            if day not in keys:
                keys[day] = day_key(holder.beacon_key, group, day)
    return MappingProxyType(keys)


def _hex(value: bytes | None) -> str | None:
    return None if value is None else value.hex()


def _sized(text: str, size: int) -> bytes:
    value = bytes.fromhex(text)
    if len(value) != size:
        raise ValueError
    return value


def _optional(text: str | None, size: int) -> bytes | None:
    return None if text is None else _sized(text, size)


def _day_keys(raw: Mapping[str, str]) -> Mapping[int, bytes]:
    return MappingProxyType({int(day): _sized(key, DAY_KEY_BYTES) for day, key in raw.items()})
