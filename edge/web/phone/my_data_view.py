"""P3 as its page shows it: declared, observed and inferred, in the shop's own words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Final

from babel.dates import format_date, format_datetime

from edge.catalog.site import Site
from edge.identity.consent import Purpose
from edge.identity.profile import Purchase
from edge.web.i18n import speech
from edge.web.my_data_ports import MyData
from edge.web.phone.inferred import usual
from edge.web.phone.visit import screen_name

EPOCH: Final = date(1970, 1, 1)
NAMED: Final = 2
"""A kind of product has no name of its own; so many of its products stand for it."""


@dataclass(frozen=True, slots=True)
class Thing:
    """A product or a kind of product: its id, and what a person calls it."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class BoughtRow:
    """A product bought on one day."""

    product: Thing
    kind: Thing | None
    count: int
    day: int
    is_gift: bool
    is_starred: bool


@dataclass(frozen=True, slots=True)
class BoughtDay:
    """What was bought on one day."""

    on: str
    rows: tuple[BoughtRow, ...]


@dataclass(frozen=True, slots=True)
class SectionOf:
    """The products of a section of the menu, to choose a favourite from."""

    name: str
    products: tuple[Thing, ...]


@dataclass(frozen=True, slots=True)
class MyDataView:
    """Everything on the page but the purposes' own form."""

    mine: MyData
    starred: tuple[Thing, ...]
    muted: tuple[Thing, ...]
    less: tuple[Thing, ...]
    bought: tuple[BoughtDay, ...]
    usual: tuple[tuple[Thing, int], ...]
    """What was bought for oneself, and on how many days."""
    menu: tuple[SectionOf, ...]
    kinds: tuple[Thing, ...]
    since: str
    keeps_until: str
    linked: str

    @property
    def allows_tastes(self) -> bool:
        """Return whether what they tell us may be kept."""
        return Purpose.TASTES in self.mine.purposes

    @property
    def allows_past_orders(self) -> bool:
        """Return whether what they buy may be kept."""
        return Purpose.PAST_ORDERS in self.mine.purposes


def view_of(site: Site, mine: MyData) -> MyDataView:
    """Return what the page shows of ``mine``, in this request's language."""
    wishes = mine.profile.wishes
    purchases = mine.profile.purchases
    return MyDataView(
        mine=mine,
        starred=_products(site, wishes.starred),
        muted=tuple(kind(site, category) for category in sorted(wishes.muted)),
        less=tuple(kind(site, category) for category in sorted(wishes.less)),
        bought=_days(site, purchases, wishes.starred),
        usual=tuple((product(site, sku), days) for sku, days in usual(purchases)),
        menu=_menu(site),
        kinds=_kinds(site, wishes.muted | wishes.less),
        since=day_words(mine.since_at.date()),
        keeps_until=day_words(mine.keeps_until.date()),
        linked=screen_name(mine.linked_screen) if mine.linked_screen else "",
    )


def product(site: Site, sku: str) -> Thing:
    """Return a product; one that is no longer sold keeps its number as its name."""
    found = site.product(sku)
    return Thing(sku, speech().words(found.name) if found else sku)


def kind(site: Site, category: str) -> Thing:
    """Return a kind of product, called by the first of its products."""
    names = [speech().words(p.name) for p in site.products if p.category == category]
    more = " …" if len(names) > NAMED else ""
    return Thing(category, ", ".join(names[:NAMED]) + more if names else category)


def day_words(day: date) -> str:
    """Return a day as this language writes it."""
    return str(format_date(day, format="long", locale=speech().locale))


def until_words(until: datetime) -> str:
    """Return the day of a moment as this language writes it."""
    return day_words(until.date())


def moment_words(at: datetime) -> str:
    """Return a moment as this language writes it, with its zone."""
    return str(format_datetime(at, format="long", locale=speech().locale))


def _products(site: Site, skus: Iterable[str]) -> tuple[Thing, ...]:
    return tuple(sorted((product(site, sku) for sku in skus), key=lambda thing: thing.name))


def _days(
    site: Site, purchases: Iterable[Purchase], starred: frozenset[str]
) -> tuple[BoughtDay, ...]:
    newest_first = sorted(purchases, key=lambda bought: (-bought.day, bought.sku))
    return tuple(
        BoughtDay(
            day_words(EPOCH + timedelta(days=day)),
            tuple(_row(site, bought, starred) for bought in same_day),
        )
        for day, same_day in groupby(newest_first, key=lambda bought: bought.day)
    )


def _row(site: Site, bought: Purchase, starred: frozenset[str]) -> BoughtRow:
    found = site.product(bought.sku)
    return BoughtRow(
        product=product(site, bought.sku),
        kind=kind(site, found.category) if found else None,
        count=bought.count,
        day=bought.day,
        is_gift=bought.is_gift,
        is_starred=bought.sku in starred,
    )


def _menu(site: Site) -> tuple[SectionOf, ...]:
    return tuple(
        SectionOf(
            speech().words(section.name),
            tuple(product(site, p.sku) for p in site.products if p.section == section.id),
        )
        for section in site.sections
    )


def _kinds(site: Site, named: frozenset[str]) -> tuple[Thing, ...]:
    categories = dict.fromkeys(p.category for p in site.products)
    return tuple(kind(site, category) for category in categories if category not in named)
