"""Find ids that a site folder gives twice."""

from collections.abc import Iterable, Iterator

from edge.catalog.draft import Draft, Written, whole
from edge.catalog.entry import Entry
from edge.catalog.product import till_ids


def repeated_ids(draft: Draft) -> Iterator[str]:
    """Yield one mistake per id that is given twice."""
    yield from _repeated_entries("section", draft.sections)
    yield from _repeated_entries("product", draft.products)
    yield from _repeated_entries("offer", draft.offers)
    yield from _repeated_entries("placement", draft.placements)
    yield from _repeated_entries("board", draft.boards)
    yield from _repeated_entries("question", draft.guide)
    yield from _repeated_entries("module", draft.modules)
    yield from _repeated_entries("explanation", draft.explanations)
    yield from _repeated_entries("approver", draft.approvers)
    yield from _repeated_inside(draft)
    yield from _repeated_in_experiments(draft)
    yield from _repeated_till_ids(draft)
    yield from _repeated_gtins(draft)


def _repeated_entries(what: str, group: Iterable[Written[Entry]]) -> Iterator[str]:
    first: dict[str, str] = {}
    for one in group:
        if one.id in first:
            yield f'{one.where}: wanted a new id for each {what}, found "{one.id}" at {first[one.id]}'
        elif one.id:
            first[one.id] = one.where


def _repeated_inside(draft: Draft) -> Iterator[str]:
    if draft.header:
        yield from _repeated("site.yaml: dayparts", (part.id for part in draft.header.dayparts))
        yield from _repeated("site.yaml: languages", draft.header.languages)
    for where, product in whole(draft.products):
        yield from _repeated(f"{where}.options", (group.id for group in product.options))
        for group in product.options:
            choices = (choice.id for choice in group.choices)
            yield from _repeated(f"{where}.options.{group.id}.choices", choices)
    for where, question in whole(draft.guide):
        yield from _repeated(f"{where}.answers", (answer.id for answer in question.answers))


def _repeated_in_experiments(draft: Draft) -> Iterator[str]:
    for where, module in whole(draft.modules):
        yield from _repeated(f"{where}.variants", (one.id for one in module.variants))
    plans = draft.experiments.entry if draft.experiments else None
    if plans is not None:
        tests = (one.id for layer in plans.layers for one in layer.experiments)
        yield from _repeated("experiments.yaml: layers", (layer.id for layer in plans.layers))
        yield from _repeated("experiments.yaml: experiments", tests)


def _repeated(where: str, names: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            yield f'{where}: wanted each id once, found "{name}" again'
        seen.add(name)


def _repeated_till_ids(draft: Draft) -> Iterator[str]:
    first: dict[str, str] = {}
    for where, product in whole(draft.products):
        for till in till_ids(product, pick="one"):
            if till in first:
                yield f'{where}.till: wanted each till id once, found "{till}" at {first[till]} too'
            first.setdefault(till, where)
    # Products share extras, so their ids may repeat; but an extra is not a product as well.
    extras = {
        till: where
        for where, product in whole(draft.products)
        for till in till_ids(product, pick="many")
    }
    for till in sorted(extras.keys() & first.keys()):
        yield f'{extras[till]}.options: wanted an id for the extra, found "{till}" of {first[till]}'


def _repeated_gtins(draft: Draft) -> Iterator[str]:
    first: dict[str, str] = {}
    for where, product in whole(draft.products):
        gtin = product.gtin
        if gtin in first:
            yield f'{where}.gtin: wanted each gtin once, found "{gtin}" at {first[gtin]} too'
        elif gtin:
            first[gtin] = where
