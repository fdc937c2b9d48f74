"""What a recognised visitor is in control of: which row, how much of it, and leaving again."""

from collections.abc import Mapping
from dataclasses import replace

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue

from edge.web.i18n import speak
from edge.web.kiosk.known_rows import CHOICES, rows
from edge.web.kiosk.order import CLOSE, review_stage
from edge.web.kiosk.pages import menu_stage
from edge.web.kiosk.request import asking, current, go, kiosk, part, visit_here
from edge.web.kiosk.standing import standing
from edge.web.kiosk.visit import Stage, Visit
from edge.web.parts import parts


def add_to(pages: Blueprint) -> None:
    """Add these pages to the kiosk."""
    post = ["POST"]
    pages.add_url_rule("/standing", "standing", standing_line)
    pages.add_url_rule("/rows", "rows", choose_row, methods=post)
    pages.add_url_rule("/personal/leave", "leave", leave, methods=post)
    pages.add_url_rule("/personal/forget", "forget_dialog", forget_dialog)
    pages.add_url_rule("/personal/forget", "forget", forget, methods=post)


def standing_part(visit: Visit) -> str:
    """Return the line that says how the visitor stands."""
    stands = standing(kiosk(), visit)
    return render_template("kiosk/_standing.html", stands=stands, view=_view(request.args))


def standing_line() -> str:
    """The line alone, when an invitation came or went."""
    return standing_part(current())


def choose_row() -> str:
    """Look at another row, or unfold them all."""
    row_id = request.form.get("row", "")
    found = kiosk()
    visit = found.change(
        lambda v: replace(v, is_unfolded=True, row_id=row_id if row_id in CHOICES else v.row_id)
    )
    stands = standing(found, visit)
    return render_template(
        "kiosk/_rows.html",
        rows=rows(found, visit, stands),
        stands=stands,
        visit=current(),
        region=parts().region(),
    )


def leave() -> ResponseReturnValue:
    """Order as a guest after all: the screen is neutral at once, the basket stays."""
    screen_id = asking(request.form.get("screen", ""))
    visit = _let_go(screen_id)
    if visit is None:
        return go("kiosk.start", screen=screen_id, lang=speak(request.form.get("lang")).language)
    return part(_stage(visit), events=(CLOSE,))


def forget_dialog() -> str:
    """Ask first, and say what goes, what stays, and where the rest can be erased."""
    return render_template("kiosk/_forget.html", view=_view(request.args))


def forget() -> ResponseReturnValue:
    """Forget on this kiosk: who was here, what they were shown, and what they wished for."""
    if _let_go(current().screen_id) is None:
        return go("kiosk.attract")
    visit = kiosk().change(lambda v: replace(v, fewer=frozenset(), is_in_normal_order=False))
    if visit.stage is Stage.DONE:
        return go("kiosk.done", number=visit.display_no, forgotten=1)
    said = render_template("kiosk/_forgotten.html", screen_id=visit.screen_id)
    return part(_stage(visit) + said)


def _let_go(screen_id: str) -> Visit | None:
    """Let whoever is recognised go; return the visit that asks, now a guest's, if there is one."""
    found = kiosk()
    found.leave(screen_id)
    visit = visit_here()
    g.visit = found.met(visit) if visit else None
    return visit_here()


def _stage(visit: Visit) -> str:
    return review_stage(visit) if _view(request.form) == "review" else menu_stage(visit)


def _view(sent: Mapping[str, str]) -> str:
    return "review" if sent.get("view") == "review" else "menu"
