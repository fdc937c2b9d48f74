"""Check that the entries of a site folder fit together."""

from collections import Counter
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet

from edge.catalog.approved import stale_approvals
from edge.catalog.draft import Draft, Written, whole
from edge.catalog.duplicates import repeated_ids
from edge.catalog.entry import Entry
from edge.catalog.hours import mistakes_in_hours
from edge.catalog.product import OptionGroup, Product
from edge.catalog.put_together import mistakes_in_content, mistakes_in_experiments
from edge.catalog.references import broken_references
from edge.catalog.site import Site, SiteHeader
from edge.core.mistakes import found, listed

MAX_BOARD_ROWS = 22
"""More rows cannot be read from where people stand; the shop splits them over two boards."""


ConditionCheck = Callable[[str], str | None]
"""A condition in CEL -> what is wrong with it, or None."""


def mistakes_between(
    draft: Draft,
    pictures: AbstractSet[str] | None,
    regions: AbstractSet[str] | None,
    condition: ConditionCheck | None = None,
) -> list[str]:
    """Return everything that does not fit together.

    Args:
        draft: What is written; of entries with mistakes of their own only the id counts.
        pictures: File names that exist; None: not checked.
        regions: Regions whose rules exist; None: not checked.
        condition: Says what is wrong with a condition; None: not checked.
    """
    mistakes: list[str] = []
    if draft.header:
        mistakes += mistakes_in_hours(draft.header)
        mistakes += _untranslated(draft, draft.header)
    mistakes += repeated_ids(draft)
    mistakes += broken_references(draft, pictures, regions)
    for rule in (
        _wrong_products,
        _wrong_offers,
        _misplaced_offers,
        _wrong_placements,
        _wrong_boards,
        mistakes_in_content,
        mistakes_in_experiments,
    ):
        mistakes += rule(draft)
    if condition is not None:
        mistakes += _wrong_conditions(draft, condition)
    return mistakes


def warnings(site: Site) -> list[str]:
    """Return what a shop can run with but somebody should know, one line each."""
    used = frozenset(tag for product in site.products for tag in product.tags)
    idle = [
        f"{question.id}.{answer.id}"
        for question in site.guide
        for answer in question.answers
        if answer.tags and not answer.tags & used
    ]
    unpriced = [p.sku for p in site.products if p.price_minor is None]
    unsaid = [p.sku for p in site.products if p.allergens is None]
    told = (
        (unpriced, "products without a price (a kiosk cannot sell them)"),
        (unsaid, "products whose allergens nobody has said (a kiosk cannot sell them)"),
        (idle, "answers in guide.yaml that fit no product"),
        (_stale(site), "entries changed after they were approved (edge site approve)"),
    )
    return [f"{len(names)} {what}: {listed(names)}" for names, what in told if names]


def _stale(site: Site) -> list[str]:
    offers = [offer.offer for offer in site.offers if stale_approvals(offer)]
    return offers + [module.id for module in site.modules if stale_approvals(module)]


def _untranslated(draft: Draft, header: SiteHeader) -> Iterator[str]:
    yield from _without_language("site.yaml:", header, header)
    groups: tuple[tuple[Written[Entry], ...], ...] = (
        draft.sections,
        draft.products,
        draft.offers,
        draft.placements,
        draft.boards,
        draft.guide,
        draft.modules,
        draft.explanations,
    )
    for group in groups:
        for where, entry in whole(group):
            yield from _without_language(where, entry, header)


def _without_language(where: str, entry: Entry, header: SiteHeader) -> Iterator[str]:
    dot = " " if where.endswith(":") else "."
    for path, words in _words(entry):
        missing = [language for language in header.languages if language not in words]
        if missing:
            wanted = ", ".join(header.languages)
            yield f"{where}{dot}{path}: wanted a text in {wanted}; missing: {', '.join(missing)}"


_NO_WORDS = frozenset({"opening", "pictures", "modules", "stock"})
"""Mappings that hold no text per language."""


def _words(entry: Entry) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield every text of ``entry`` with its path; no other mapping holds any."""
    for name, value in entry:
        if isinstance(value, dict) and name not in _NO_WORDS:
            if value:
                yield name, value
        elif isinstance(value, tuple):
            inner = ((i, one) for i, one in enumerate(value) if isinstance(one, Entry))
            for index, one in inner:
                yield from ((f"{name}[{index}].{path}", words) for path, words in _words(one))


def _wrong_products(draft: Draft) -> Iterator[str]:
    for where, product in whole(draft.products):
        least = _least(product)
        if least is not None and least < 0:
            yield f"{where}.options: wanted a price of at least 0 in every choice, found {least}"
        for group in product.options:
            defaults = [choice.id for choice in group.choices if choice.default]
            if group.pick == "one" and len(defaults) > 1:
                yield (
                    f"{where}.options.{group.id}: wanted at most one default, "
                    f"found {', '.join(defaults)}"
                )


def _least(product: Product) -> int | None:
    if product.price_minor is None:
        return None
    return product.price_minor + sum(_cheapest(group) for group in product.options)


def _cheapest(group: OptionGroup) -> int:
    prices = [choice.price_minor for choice in group.choices]
    return min(prices) if group.pick == "one" else sum(price for price in prices if price < 0)


def _wrong_offers(draft: Draft) -> Iterator[str]:
    for where, offer in whole(draft.offers):
        if offer.valid_from and offer.valid_to and offer.valid_to < offer.valid_from:
            yield (
                f"{where}.valid_to: wanted {offer.valid_from} (valid_from) or later, "
                f"found {offer.valid_to}"
            )
        least = offer.weather.min_temp_c if offer.weather else None
        most = offer.weather.max_temp_c if offer.weather else None
        if least is not None and most is not None and most < least:
            yield f"{where}.weather.max_temp_c: wanted at least {least:g} (min_temp_c), found {most:g}"


def _wrong_conditions(draft: Draft, condition: ConditionCheck) -> Iterator[str]:
    """Yield conditions that cannot be compiled, also of offers with other mistakes."""
    for one in draft.offers:
        text = one.raw.get("eligible_when")
        wrong = condition(text) if isinstance(text, str) and text else None
        if wrong is not None:
            yield f"{one.where}.eligible_when: {wrong}"


def _misplaced_offers(draft: Draft) -> Iterator[str]:
    surfaces = {placement.id: placement.surface for _, placement in whole(draft.placements)}
    for where, offer in whole(draft.offers):
        for name in sorted(offer.placements & surfaces.keys()):
            if surfaces[name] not in offer.surfaces:
                yield (
                    f"{where}.placements: wanted placements on {listed(offer.surfaces)}, "
                    f'found "{name}" on {surfaces[name]}'
                )


def _wrong_placements(draft: Draft) -> Iterator[str]:
    for where, placement in whole(draft.placements):
        explore, slots = placement.explore_slot, placement.slots
        if explore is not None and explore >= slots:
            yield (
                f"{where}.explore_slot: wanted 0 to {slots - 1} ({slots} slots), "
                f"found {found(explore)}"
            )


def _wrong_boards(draft: Draft) -> Iterator[str]:
    rows = Counter(product.section for _, product in whole(draft.products))
    placements = {placement.id: placement for _, placement in whole(draft.placements)}
    for where, board in whole(draft.boards):
        shown = sum(rows[section] for section in set(board.sections))
        if shown > MAX_BOARD_ROWS:
            yield (
                f"{where}.sections: wanted at most {MAX_BOARD_ROWS} products on a board, "
                f"found {shown}; split them over two boards"
            )
        hero = placements.get(board.hero or "")
        if hero and (hero.slots, hero.surface) != (1, "signage"):
            yield (
                f"{where}.hero: wanted a placement on signage with 1 slot, "
                f'found "{hero.id}" on {hero.surface} with {hero.slots}'
            )
