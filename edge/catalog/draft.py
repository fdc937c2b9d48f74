"""What a site folder says, entry by entry, before it is known to fit together."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from edge.catalog.approval import Approver
from edge.catalog.content import Module
from edge.catalog.entry import Entry
from edge.catalog.experiments import Experiments
from edge.catalog.explanation import Explanation
from edge.catalog.offer import Offer
from edge.catalog.placement import Placement
from edge.catalog.product import Product
from edge.catalog.site import Board, Question, Section, SiteHeader

E_co = TypeVar("E_co", bound=Entry, covariant=True)


@dataclass(frozen=True, slots=True)
class Written(Generic[E_co]):
    """One entry of a file. ``entry`` is None where it has mistakes of its own.

    The id and the words as written are kept even then: what refers to it is not reported as
    well, and what it refers to is.
    """

    where: str  # "products/coffee.yaml: [2] latte"
    id: str
    raw: Mapping[str, object]
    entry: E_co | None


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything written in a site folder."""

    header: SiteHeader | None
    sections: tuple[Written[Section], ...] = ()
    products: tuple[Written[Product], ...] = ()
    offers: tuple[Written[Offer], ...] = ()
    placements: tuple[Written[Placement], ...] = ()
    boards: tuple[Written[Board], ...] = ()
    guide: tuple[Written[Question], ...] = ()
    modules: tuple[Written[Module], ...] = ()
    explanations: tuple[Written[Explanation], ...] = ()
    approvers: tuple[Written[Approver], ...] = ()
    experiments: Written[Experiments] | None = None


def whole(group: Iterable[Written[E_co]]) -> Iterator[tuple[str, E_co]]:
    """Yield where it is written, and the entry, for those without mistakes of their own."""
    return ((one.where, one.entry) for one in group if one.entry is not None)


def ids_of(group: Iterable[Written[Entry]]) -> frozenset[str]:
    """Return every id of ``group``, with those of entries that have mistakes."""
    return frozenset(one.id for one in group if one.id)
