"""Find what a site folder refers to but does not have.

Works on the words as written, so that an entry with another mistake is checked as well.
"""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet

from edge.catalog.draft import Draft, Written, ids_of, whole
from edge.catalog.entry import Entry
from edge.catalog.offer import Offer
from edge.core.mistakes import closest, listed

Known = Mapping[str, AbstractSet[str]]
"""By kind of thing, the names that exist; a kind that is not known is not checked."""


def broken_references(
    draft: Draft, pictures: AbstractSet[str] | None, regions: AbstractSet[str] | None
) -> Iterator[str]:
    """Yield one mistake per name of something that is not there; None is not checked."""
    known = _known(draft, pictures)
    if draft.header and regions is not None:
        yield from _unknown("site.yaml: region", "region", [draft.header.region], regions)
    yield from _in(draft.sections, known, picture="picture")
    yield from _in(draft.products, known, section="section", dayparts="daypart", picture="picture")
    yield from _in(
        draft.offers,
        known,
        skus="product",
        placements="placement",
        dayparts="daypart",
        explain="explanation",
    )
    for offer in draft.offers:
        yield from _in_offer(offer, known)
    for one in draft.modules:
        variants = one.raw.get("variants")
        for shown in (one.raw, *(variants if isinstance(variants, list) else ())):
            if isinstance(shown, dict):
                names = [shown.get("picture")]
                yield from _unknown(f"{one.where}.picture", "picture", names, known.get("picture"))
    yield from _in_experiments(draft, known)
    yield from _in_pictures(draft.offers, known)
    yield from _in(draft.placements, known, sections="section", fallback="product")
    yield from _in(draft.boards, known, sections="section", hero="placement")
    for where, question in whole(draft.guide):
        for answer in question.answers:
            place = f"{where}.answers.{answer.id}.picture"
            yield from _unknown(place, "picture", [answer.picture], known.get("picture"))


def _known(draft: Draft, pictures: AbstractSet[str] | None) -> Known:
    known = {
        "section": ids_of(draft.sections),
        "product": ids_of(draft.products),
        "placement": ids_of(draft.placements),
        "module": ids_of(draft.modules),
        "explanation": ids_of(draft.explanations),
        "offer": ids_of(draft.offers),
        "category": frozenset(
            category
            for one in draft.products
            if isinstance(category := one.raw.get("category"), str)
        ),
    }
    if draft.header:
        known["daypart"] = frozenset(part.id for part in draft.header.dayparts)
    if pictures is not None:
        known["picture"] = frozenset(pictures)
    return known


def _in(group: Iterable[Written[Entry]], known: Known, **fields: str) -> Iterator[str]:
    """Check ``fields`` (name of the field -> what it names) of every entry of ``group``."""
    for one in group:
        for name, what in fields.items():
            value = one.raw.get(name)
            names = value if isinstance(value, list) else [value]
            yield from _unknown(f"{one.where}.{name}", what, names, known.get(what))


def _in_offer(one: Written[Offer], known: Known) -> Iterator[str]:
    """Check what an offer names inside its own fields."""
    inside = (
        ("modules", "module", _values(one.raw.get("modules"))),
        ("needs.stock", "product", _keys(one.raw, "needs", "stock")),
        ("taxonomy.category", "category", [_inner(one.raw, "taxonomy", "category")]),
        (
            "links.trigger_categories",
            "category",
            _listed(_inner(one.raw, "links", "trigger_categories")),
        ),
    )
    for field, what, names in inside:
        yield from _unknown(f"{one.where}.{field}", what, names, known.get(what))


def _in_experiments(draft: Draft, known: Known) -> Iterator[str]:
    plans = draft.experiments.entry if draft.experiments else None
    for layer in plans.layers if plans else ():
        where = f"experiments.yaml: {layer.id}"
        yield from _unknown(
            f"{where}.placements", "placement", layer.placements, known.get("placement")
        )
        for test in layer.experiments:
            for name, arm in test.arms.items():
                place = f"{where}.{test.id}.arms.{name}"
                yield from _unknown(
                    f"{place}.module_variants", "module", arm.module_variants, known.get("module")
                )
                yield from _unknown(
                    f"{place}.offers_off", "offer", arm.offers_off, known.get("offer")
                )


def _inner(raw: Mapping[str, object], outer: str, inner: str) -> object:
    value = raw.get(outer)
    return value.get(inner) if isinstance(value, dict) else None


def _keys(raw: Mapping[str, object], outer: str, inner: str) -> list[object]:
    value = _inner(raw, outer, inner)
    return list(value) if isinstance(value, dict) else []


def _values(value: object) -> list[object]:
    return list(value.values()) if isinstance(value, dict) else []


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _in_pictures(offers: Iterable[Written[Entry]], known: Known) -> Iterator[str]:
    """Check the pictures an offer has of its own: of which products, and which files."""
    for one in offers:
        pictures, skus = one.raw.get("pictures"), one.raw.get("skus")
        if not isinstance(pictures, dict) or not isinstance(skus, list):
            continue
        proposed = frozenset(sku for sku in skus if isinstance(sku, str))
        where = f"{one.where}.pictures"
        yield from _unknown(where, "product of this offer", pictures, proposed)
        for sku, name in pictures.items():
            yield from _unknown(f"{where}.{sku}", "picture", [name], known.get("picture"))


def _unknown(
    where: str, what: str, names: Iterable[object], known: AbstractSet[str] | None
) -> Iterator[str]:
    if known is None:
        return
    for name in names:
        if isinstance(name, str) and name not in known:
            near = closest(name, known)
            yield f'{where}: wanted a known {what}, found "{name}";{near} allowed: {listed(known)}'
