"""A profile as the bytes that are sealed: JSON of at most 8 kB, newest purchases first."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final, get_args

import orjson

from edge.core.errors import ContractError
from edge.identity.profile import (
    MAX_PURCHASES,
    HelpLevel,
    Profile,
    Purchase,
    Surprise,
    Wishes,
)

MAX_BYTES: Final = 8192
"""Of one profile (decided.md 30); the oldest purchases go first."""
_FEWER: Final = 10


def to_bytes(profile: Profile) -> bytes:
    """Return the profile, cut to its newest purchases.

    Raises:
        ContractError: The wishes alone are too many.
    """
    newest = sorted(profile.purchases, key=lambda p: -p.day)[:MAX_PURCHASES]
    while len(text := _json(replace(profile, purchases=tuple(newest)))) > MAX_BYTES:
        if not newest:
            msg = (
                f"wanted wishes of at most {MAX_BYTES} bytes, got {len(text)}; take some stars or "
                "mutes back"
            )
            raise ContractError(msg)
        del newest[-_FEWER:]
    return text


def from_bytes(text: bytes) -> Profile:
    """Return what ``to_bytes`` gave.

    Raises:
        ContractError: It is something else. What it says stands in no message.
    """
    try:
        raw = orjson.loads(text)
        return Profile(
            wishes=_wishes(raw["wishes"]),
            purchases=tuple(_purchase(*row) for row in raw["purchases"]),
            wrong={str(sku): int(day) for sku, day in raw["wrong"].items()},
            wishes_changed_at=_moment(raw["wishes_changed_at"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        msg = "wanted a profile as this device seals it, found other content"
        raise ContractError(msg) from None


def _json(profile: Profile) -> bytes:
    wishes = profile.wishes
    changed_at = profile.wishes_changed_at
    return orjson.dumps(
        {
            "wishes": {
                "starred": sorted(wishes.starred),
                "muted": sorted(wishes.muted),
                "less": sorted(wishes.less),
                "surprise": wishes.surprise,
                "help_level": wishes.help_level,
                "name": wishes.name,
                "shows_name": wishes.shows_name,
            },
            "purchases": [
                [p.sku, p.day, p.count, p.is_gift, p.gift_said] for p in profile.purchases
            ],
            "wrong": dict(profile.wrong),
            "wishes_changed_at": None if changed_at is None else changed_at.isoformat(),
        }
    )


def _purchase(sku: str, day: int, count: int, is_gift: bool, said: int | None = None) -> Purchase:
    # Rows of earlier releases do not say how often it was said: a mark was said once.
    return Purchase(
        str(sku), int(day), int(count), bool(is_gift), int(is_gift if said is None else said)
    )


def _wishes(raw: dict[str, Any]) -> Wishes:
    surprise: Surprise = next(one for one in get_args(Surprise) if one == raw["surprise"])
    help_level: HelpLevel = next(one for one in get_args(HelpLevel) if one == raw["help_level"])
    return Wishes(
        starred=frozenset(map(str, raw["starred"])),
        muted=frozenset(map(str, raw["muted"])),
        less=frozenset(map(str, raw["less"])),
        surprise=surprise,
        help_level=help_level,
        name=str(raw["name"]),
        shows_name=bool(raw["shows_name"]),
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
