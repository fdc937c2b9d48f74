"""What a board says: a pure function of the shop, the moment, the stock and the hero.

No person can reach a board, because nothing here has a field for one. The same facts give
the same view, so a board is repainted only when something on it changed.
"""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from edge.catalog.product import Product
from edge.catalog.site import Board, Section, Site
from edge.context.moment import Context
from edge.decide.values import Reason, Slate
from edge.web import reasons
from edge.web.as_shown import offer_as_shown
from edge.web.board.columns import MAX_ROWS, RowView, SectionView, columns, tier
from edge.web.board.hours import heading, reopening, until_at
from edge.web.portion import shown_portion
from edge.web.region import Region
from edge.web.speech import Speech

MAX_ROWS_BESIDE_HERO = 16
LONG_NAME = 16
"""Characters above which the hero's name is set smaller, so that it keeps to two lines."""


@dataclass(frozen=True, slots=True)
class BoardFacts:
    """Everything a board may know."""

    site: Site
    board: Board
    context: Context
    sold_out: AbstractSet[str]
    hero: Slate | None
    region: Region
    picture: Callable[[Product | Section], str | None]
    """The address of the largest picture of a product or section; None where it has none."""


@dataclass(frozen=True, slots=True)
class HeroView:
    """The one product a board proposes, and why."""

    sku: str
    picture: str | None
    chip: str
    is_sponsored: bool
    name: str
    is_long: bool
    description: str
    price: str
    price_from: str
    kcal: str
    legal: str = ""
    """What must stand beside the offer."""


@dataclass(frozen=True, slots=True)
class ClosedView:
    """What a board says outside opening hours."""

    title: str
    again: str


@dataclass(frozen=True, slots=True)
class BoardView:
    """A whole board in words, in one language."""

    language: str
    direction: str
    brand: str
    tagline: str
    daypart: str
    hours: str
    until_ms: int
    """When the daypart ends, as a script counts time; 0 when nobody knows."""
    hero: HeroView | None
    columns: tuple[tuple[SectionView, ...], ...]
    tier: int
    more: str
    statements: tuple[str, ...]
    tax_note: str
    notice: str
    closed: ClosedView | None


def board_view(facts: BoardFacts, speech: Speech) -> BoardView:
    """Return what the board of ``facts`` says in the language of ``speech``."""
    sections = _sections(facts, speech)
    count = sum(len(section.rows) for section in sections)
    hero = _hero(facts, speech) if 0 < count <= MAX_ROWS_BESIDE_HERO else None
    header, context = facts.site.header, facts.context
    daypart, hours = heading(header, context, speech)
    return BoardView(
        language=speech.language,
        direction=speech.direction,
        brand=header.name,
        tagline=speech.words(header.tagline),
        daypart=daypart,
        hours=hours,
        until_ms=until_at(header, context),
        hero=hero,
        columns=columns(_marked(sections, hero)),
        tier=tier(min(count, MAX_ROWS), has_hero=hero is not None),
        more=speech.gettext("More at the counter and on our kiosks.") if count > MAX_ROWS else "",
        statements=_statements(facts.region, speech),
        tax_note=speech.words(facts.region.tax_note),
        notice=speech.words(facts.region.notice),
        closed=_closed(facts, speech),
    )


def hero_product(facts: BoardFacts) -> Product | None:
    """Return the product the hero slate shows; None when it cannot be sold now."""
    if facts.hero is None or not facts.hero.shown:
        return None
    product = facts.site.product(facts.hero.shown[0].sku)
    if product is None or not product.is_complete() or product.sku in facts.sold_out:
        return None
    return product


def _sections(facts: BoardFacts, speech: Speech) -> tuple[SectionView, ...]:
    sections = {section.id: section for section in facts.site.sections}
    found = []
    for section_id in facts.board.sections:
        rows = tuple(
            _row(product, facts.sold_out, speech)
            for product in facts.site.products
            if product.section == section_id and _is_served(product, facts.context)
        )
        if rows:
            section = sections[section_id]
            picture = facts.picture(section)
            found.append(SectionView(speech.words(section.name), rows, picture=picture))
    return tuple(found)


def _is_served(product: Product, context: Context) -> bool:
    # Without an hour (a clock that was never set) nothing may depend on it: all day.
    is_its_time = context.daypart_id is None or not product.dayparts
    return product.is_complete() and (is_its_time or context.daypart_id in product.dayparts)


def _row(product: Product, sold_out: AbstractSet[str], speech: Speech) -> RowView:
    price, price_from, kcal = _figures(product, speech)
    return RowView(
        sku=product.sku,
        name=speech.words(product.name),
        price=price,
        price_from=price_from,
        kcal=kcal,
        is_sold_out=product.sku in sold_out,
    )


def _figures(product: Product, speech: Speech) -> tuple[str, str, str]:
    portion = shown_portion(product)
    kcal = ""
    if portion.kcal is not None:
        kcal = speech.gettext("%(kcal)s kcal", kcal=speech.number(portion.kcal))
    price_from = speech.gettext("from") if portion.is_from else ""
    return speech.money(portion.price_minor), price_from, kcal


def _hero(facts: BoardFacts, speech: Speech) -> HeroView | None:
    product = hero_product(facts)
    if product is None or facts.hero is None:
        return None
    shown = facts.hero.shown[0]
    offer = offer_as_shown(facts.site, facts.hero, shown)
    when = reasons.during(facts.site, facts.context.daypart_id, speech)
    reason = Reason.SPONSORED if shown.is_sponsored else shown.reason
    name = speech.words(product.name)
    price, price_from, kcal = _figures(product, speech)
    return HeroView(
        sku=product.sku,
        # What the shop proposes is what the picture shows: over ice, nothing steams.
        picture=facts.picture(offer.pictured(product) if offer else product),
        chip=reasons.chip(reason, when, speech),
        is_sponsored=shown.is_sponsored,
        name=name,
        is_long=len(name) > LONG_NAME,
        # Why the shop put it there says more than what it is: a latte on a hot day is over ice.
        description=speech.words(offer.headline if offer else product.description),
        price=price,
        price_from=price_from,
        kcal=kcal,
        legal=speech.words(offer.legal if offer else None),
    )


def _marked(sections: Sequence[SectionView], hero: HeroView | None) -> tuple[SectionView, ...]:
    return tuple(section.marked(hero.sku if hero else None) for section in sections)


def _statements(region: Region, speech: Speech) -> tuple[str, ...]:
    statements = [
        speech.words(region.kcal.statement) if region.kcal.required else "",
        speech.words(region.allergens.ask),
        speech.gettext("Pictures are illustrations."),
    ]
    return tuple(statement for statement in statements if statement)


def _closed(facts: BoardFacts, speech: Speech) -> ClosedView | None:
    if facts.context.is_open:
        return None
    again = reopening(facts.site.header, facts.context.local_at, speech)
    return ClosedView(title=speech.gettext("We are closed"), again=again)
