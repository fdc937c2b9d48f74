"""What a customer bought and told us, as it goes up to central: lane c, sealed, in absolute values.

Absolute, so that repeats and swapped messages change nothing. Each message also says which
withdrawals were known where it was said: what did not know of one ends with it at central, also if
it comes late, after the customer has consented again.

Source: ADR 0031.
"""

import hashlib
from collections.abc import Iterable
from typing import Annotated, Any, Final

import orjson
from pydantic import ConfigDict, Field

from edge.identity.consent import ConsentEvent, Purpose
from edge.identity.consent_merge import withdrawals
from edge.identity.informed import KEPT_PURPOSES, Informed, Knows
from edge.wire.profile_facts import (
    Day,
    Entry,
    PurchaseLine,
    Short,
    WishesSaid,
    profile_of,
    purchase_line,
    wishes_said,
)

TASTE_INFO: Final = b"instore taste 1"

MAX_LINES: Final = 100
"""Of one message, so that it stays below what an event may hold; a whole profile is two of them."""

MAX_KNOWN: Final = 200
_MARK_BYTES: Final = 8

Mark = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]


class TasteSaid(Entry):
    """What a taste event holds once central has opened it."""

    # A later release of the appliance may say more; what it adds is not understood here.
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    pseudonym: Mark
    purchases: Annotated[tuple[PurchaseLine, ...], Field(max_length=MAX_LINES)] = ()
    wishes: WishesSaid | None = None
    wrong: Annotated[dict[Short, Day], Field(max_length=MAX_LINES)] = Field(default_factory=dict)
    knows: dict[Purpose, Annotated[tuple[Mark, ...], Field(max_length=MAX_KNOWN)]] = Field(
        default_factory=dict
    )

    @property
    def informed(self) -> Informed:
        """Return it as a profile that holds nothing else, and which withdrawals it knew of."""
        knows = {purpose: frozenset(marks) for purpose, marks in self.knows.items()}
        return Informed(profile_of(self.purchases, self.wishes, self.wrong), knows)


def known_withdrawals(consents: Iterable[ConsentEvent]) -> Knows:
    """Return marks of the withdrawals that ``consents`` are or know of, by purpose."""
    said = tuple(consents)
    return {
        purpose: frozenset(_mark(one) for one in withdrawals(said, purpose))
        for purpose in KEPT_PURPOSES
    }


def taste_plains(pseudonym: bytes, told: Informed) -> list[bytes]:
    """Return what is to be sealed, in as many parts as it takes; nothing where there is nothing."""
    profile = told.profile
    lines = [purchase_line(one) for one in profile.purchases]
    wrong, wishes = sorted(profile.wrong.items()), wishes_said(profile)
    parts: list[bytes] = []
    while lines or wrong or wishes:
        plain: dict[str, Any] = {
            "pseudonym": pseudonym.hex(),
            "purchases": lines[:MAX_LINES],
            "wrong": dict(wrong[:MAX_LINES]),
            "knows": {
                purpose.value: sorted(marks)[:MAX_KNOWN] for purpose, marks in told.knows.items()
            },
        }
        parts.append(orjson.dumps(plain if wishes is None else {**plain, "wishes": wishes}))
        lines, wrong, wishes = lines[MAX_LINES:], wrong[MAX_LINES:], None
    return parts


def _mark(event_id: str) -> str:
    return hashlib.sha256(event_id.encode()).digest()[:_MARK_BYTES].hex()
