"""What a recognised visitor sees beside the menu: their usual, and one row of a few to choose.

Only the row that is looked at is asked for; a choice nobody opened is not decided. When the
customer wants less help, nothing is until they unfold it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from edge.web.i18n import _
from edge.web.kiosk import rows as kiosk_rows
from edge.web.kiosk.request import Kiosk
from edge.web.kiosk.rows import Row
from edge.web.kiosk.standing import Standing
from edge.web.kiosk.visit import Visit

USUAL: Final = "kiosk-usual"
TASTES: Final = "kiosk-tastes"
NEW: Final = "kiosk-new"
CHOICES: Final = (TASTES, NEW, kiosk_rows.STRIP)
"""The rows to choose between; the last is the one that guests see."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A row that can be looked at instead."""

    row_id: str
    title: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Rows:
    """All rows of a page. A guest has one, and nothing to choose."""

    row: Row | None
    usual: Row | None = None
    choices: tuple[Choice, ...] = ()
    is_folded: bool = False
    has_reasons: bool = False
    """The customer wants more help: each card says its reason."""


def rows(kiosk: Kiosk, visit: Visit, stands: Standing) -> Rows:
    """Return the rows for ``visit`` at the menu."""
    if not stands.uses or visit.is_in_normal_order:
        return Rows(row=kiosk_rows.ask(kiosk, visit, kiosk_rows.STRIP))
    if stands.help_level == "less" and not visit.is_unfolded:
        return Rows(row=None, is_folded=True)
    choices = [row_id for row_id in CHOICES if kiosk.services.site().placement(row_id)]
    row_id, row = _first(kiosk, visit, choices)
    return Rows(
        row=row,
        usual=kiosk_rows.ask(kiosk, visit, USUAL),
        choices=tuple(Choice(one, _title(one), one == row_id) for one in choices),
        has_reasons=stands.help_level == "more",
    )


def _first(kiosk: Kiosk, visit: Visit, choices: list[str]) -> tuple[str, Row | None]:
    """Return what was chosen, or, before a choice, the first row that has something."""
    if visit.row_id in choices:
        return visit.row_id, kiosk_rows.ask(kiosk, visit, visit.row_id)
    for row_id, row in _asked(kiosk, visit, choices):
        if row is not None:
            return row_id, row
    return "", None


def _asked(kiosk: Kiosk, visit: Visit, choices: list[str]) -> Iterator[tuple[str, Row | None]]:
    return ((row_id, kiosk_rows.ask(kiosk, visit, row_id)) for row_id in choices)


def _title(row_id: str) -> str:
    titles = {
        TASTES: _("Goes with what you like"),
        NEW: _("New for you"),
        kiosk_rows.STRIP: _("Right now"),
    }
    return titles[row_id]
