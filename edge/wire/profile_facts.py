"""What is known of a customer, as messages say it; in both directions, and hostile until parsed.

What stands at its default is left out, so that a line of a purchase takes some 40 bytes.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from edge.identity.profile import (
    MAX_COUNT,
    MAX_GIFT_SAID,
    HelpLevel,
    Profile,
    Purchase,
    Surprise,
    Wishes,
)

MAX_WISHES: Final = 200
"""Stars, mutes and "less" each, as a customer's page allows."""

Short = Annotated[str, Field(min_length=1, max_length=64)]
Day = Annotated[int, Field(ge=0, le=100_000)]
"""Whole days since 1970-01-01 UTC."""


def _of_our_time(at: datetime) -> datetime:
    if not 2000 <= at.year <= 2100:
        msg = "wanted a moment from 2000 to 2100"
        raise ValueError(msg)
    return at


Moment = Annotated[AwareDatetime, AfterValidator(_of_our_time)]
"""With room on both sides: what is reckoned from it must be a moment as well."""


class Entry(BaseModel):
    """A part of a message about people: values never appear in an error."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, hide_input_in_errors=True
    )


class PurchaseLine(Entry):
    """What was bought on a day, anywhere in the group."""

    sku: Short
    day: Day
    count: Annotated[int, Field(ge=1, le=MAX_COUNT)]
    is_gift: bool = False
    gift_said: Annotated[int, Field(ge=0, le=MAX_GIFT_SAID)] = 0


class WishesSaid(Entry):
    """What the customer told central or a shop themselves."""

    starred: Annotated[tuple[Short, ...], Field(max_length=MAX_WISHES)] = ()
    muted: Annotated[tuple[Short, ...], Field(max_length=MAX_WISHES)] = ()
    less: Annotated[tuple[Short, ...], Field(max_length=MAX_WISHES)] = ()
    surprise: Surprise = "usual"
    help_level: HelpLevel = "usual"
    name: Annotated[str, Field(max_length=40)] = ""
    shows_name: bool = False
    changed_at: Moment | None = None


def profile_of(
    purchases: Iterable[PurchaseLine], wishes: WishesSaid | None, wrong: Mapping[str, int]
) -> Profile:
    """Return what a message said."""
    return Profile(
        wishes=Wishes() if wishes is None else _wishes(wishes),
        purchases=tuple(
            Purchase(one.sku, one.day, one.count, one.is_gift, one.gift_said) for one in purchases
        ),
        wrong=dict(wrong),
        wishes_changed_at=None if wishes is None else wishes.changed_at,
    )


def purchase_line(one: Purchase) -> dict[str, Any]:
    """Return a purchase for a message."""
    said: dict[str, Any] = {"sku": one.sku, "day": one.day, "count": one.count}
    if one.is_gift:
        said["is_gift"] = True
    if one.gift_said:
        said["gift_said"] = one.gift_said
    return said


def wishes_said(profile: Profile) -> dict[str, Any] | None:
    """Return the wishes for a message; None: nothing was ever wished."""
    wishes, at = profile.wishes, profile.wishes_changed_at
    if at is None and wishes == Wishes():
        return None
    return {
        "starred": sorted(wishes.starred),
        "muted": sorted(wishes.muted),
        "less": sorted(wishes.less),
        "surprise": wishes.surprise,
        "help_level": wishes.help_level,
        "name": wishes.name,
        "shows_name": wishes.shows_name,
        # To the microsecond: two places must not take turns in finding the other's word newer.
        "changed_at": at and at.isoformat(),
    }


def _wishes(said: WishesSaid) -> Wishes:
    name = " ".join("".join(c for c in said.name if c.isprintable()).split())
    return Wishes(
        starred=frozenset(said.starred),
        muted=frozenset(said.muted),
        less=frozenset(said.less),
        surprise=said.surprise,
        help_level=said.help_level,
        name=name,
        shows_name=said.shows_name and bool(name),
    )
