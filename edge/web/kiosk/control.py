"""What a shopper is in control of: why, how much, which language, help, and the end."""

from dataclasses import replace
from http import HTTPStatus

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import NotFound

from edge.catalog.allergens import Allergen
from edge.web import reasons
from edge.web.i18n import speak, speech
from edge.web.kiosk import rows as kiosk_rows
from edge.web.kiosk.details import has_details, instead
from edge.web.kiosk.known_rows import rows
from edge.web.kiosk.order import CLOSE, review_stage
from edge.web.kiosk.pages import menu_stage
from edge.web.kiosk.request import COOKIE, current, drop_key, go, kiosk, part
from edge.web.kiosk.standing import standing
from edge.web.kiosk.visit import Stage, Visit
from edge.web.kiosk.why import why
from edge.web.parts import parts


def add_to(pages: Blueprint) -> None:
    """Add these pages to the kiosk."""
    post = ["POST"]
    pages.add_url_rule("/why/<decision_id>", "why", why_dialog)
    pages.add_url_rule("/suggestions", "suggestions", suggestions_dialog)
    pages.add_url_rule("/personal/off", "off", switch_suggestions, methods=post)
    pages.add_url_rule("/personal/fewer", "fewer", fewer_like_this, methods=post)
    pages.add_url_rule("/allergens", "allergens", allergens_dialog)
    pages.add_url_rule("/allergens", "avoid", avoid, methods=post)
    pages.add_url_rule("/language", "language", language_dialog)
    pages.add_url_rule("/language", "speak", change_language, methods=post)
    pages.add_url_rule("/over", "over", over_dialog)
    pages.add_url_rule("/help", "help", call_for_help, methods=post)
    pages.add_url_rule("/help/<help_id>", "help_status", help_status)
    pages.add_url_rule("/seen", "seen", seen, methods=post)
    pages.add_url_rule("/alive", "alive", alive, methods=post)
    pages.add_url_rule("/end", "end", end, methods=post)


def why_dialog(decision_id: str) -> str:
    """K10: the main reason, what was used and what was not, and the way out."""
    found = kiosk()
    visit = current()
    slate = visit.slate(decision_id)
    if slate is None:
        raise NotFound
    kiosk_rows.report(found, "why_opened", decision_id)
    site = found.services.site()
    recognised = found.recognised(visit)
    explained = why(
        site,
        slate,
        has_filter=bool(visit.avoid),
        has_fewer=bool(visit.fewer),
        has_muted=bool(recognised and recognised.muted),
    )
    is_personal = explained.uses_tastes and recognised is not None
    daypart = kiosk_rows.when(found)
    return render_template(
        "kiosk/_why.html",
        why=explained,
        is_personal=is_personal,
        has_details=has_details(found, visit, slate),
        instead=instead(found, visit, slate) if is_personal else None,
        view="review" if request.args.get("view") == "review" else "menu",
        sentences=[
            speech().words(item.own) or reasons.sentence(item.reason, daypart, speech())
            for item in explained.items
        ],
    )


def suggestions_dialog() -> str:
    """How suggestions work, in plain words."""
    return render_template("kiosk/_suggestions.html", region=parts().region())


def switch_suggestions() -> Response:
    """Show the normal order for the rest of the visit, or suggestions again."""
    is_off = request.form.get("off") == "1"
    visit = kiosk().change(lambda v: replace(v, is_in_normal_order=is_off))
    return _row(visit)


def fewer_like_this() -> Response:
    """Show fewer of a product's category for the rest of the visit."""
    found = kiosk()
    product = found.product(request.form.get("sku", ""))
    visit = found.change(lambda v: replace(v, fewer=v.fewer | {product.category}))
    return _row(visit)


def allergens_dialog() -> str:
    """K11: fourteen switches. What is set lives with the visit and is never recorded."""
    return render_template("kiosk/_allergens.html", visit=current(), region=parts().region())


def avoid() -> Response:
    """Hide what cannot be made without these; none of them shows everything again."""
    known = {allergen.value for allergen in Allergen}
    chosen = frozenset(Allergen(value) for value in request.form.getlist("avoid") if value in known)
    visit = kiosk().change(lambda v: replace(v, avoid=chosen))
    section_id = request.form.get("section") or None
    return part(menu_stage(visit, section_id), events=(CLOSE,))


def language_dialog() -> str:
    """The shop's languages, each in its own words."""
    return render_template("kiosk/_language.html", site=kiosk().services.site(), visit=current())


def change_language() -> Response:
    """Speak another language from here on."""
    language = speak(request.form.get("lang")).language
    kiosk().change(lambda v: replace(v, language=language))
    return go("kiosk.review" if request.form.get("view") == "review" else "kiosk.menu")


def over_dialog() -> str:
    """Ask before a basket is thrown away."""
    return render_template("kiosk/_over.html", visit=current())


def call_for_help() -> str:
    """K12: tell the associates' tablets which screen asks."""
    call = parts().help_desk.ask(current().screen_id)
    return render_template("kiosk/_help.html", call=call, seen_s=None, is_late=False)


def help_status(help_id: str) -> str:
    """Whether somebody has seen the call, and since when."""
    now = kiosk().now()
    call = parts().help_desk.get(help_id)
    seen_s = int((now - call.seen_at).total_seconds()) if call and call.seen_at else None
    return render_template(
        "kiosk/_help_status.html",
        call=call,
        seen_s=seen_s,
        is_late=bool(call and call.is_late(now)),
    )


def seen() -> Response:
    """A row was painted, and stayed in sight for a second."""
    body = request.get_json(silent=True)
    if isinstance(body, dict):
        kiosk_rows.report_exposure(kiosk(), str(body.get("decision", ""))[:80])
    return Response(status=HTTPStatus.NO_CONTENT)


def alive() -> Response:
    """The page says that somebody touched it, or asks whether its visit is still going on."""
    body = request.get_json(silent=True)
    asked = body if isinstance(body, dict) else {}
    visit = current()
    if asked.get("touched") and visit.stage is not Stage.DONE:
        stage = Stage.ITEM if asked.get("item") else Stage.ORDERING
        kiosk().visits.touch(visit.key, stage)
    return Response(status=HTTPStatus.NO_CONTENT)


def end() -> Response:
    """The visit is over: by a touch, by the timer, or with the order's number taken."""
    found = kiosk()
    visit = found.end(request.cookies.get(COOKIE))
    first = found.screen_ids()[0]
    screen = {"screen": visit.screen_id} if visit and visit.screen_id != first else {}
    if request.mimetype == "application/json":
        return drop_key(Response(status=HTTPStatus.NO_CONTENT))
    return drop_key(go("kiosk.attract", **screen))


def _row(visit: Visit) -> Response:
    if request.form.get("view") == "review":
        return part(review_stage(visit), events=(CLOSE,))
    stands = standing(kiosk(), visit)
    found = rows(kiosk(), visit, stands)
    html = render_template(
        "kiosk/_rows.html", rows=found, stands=stands, visit=current(), region=parts().region()
    )
    return part(html, events=(CLOSE,))
