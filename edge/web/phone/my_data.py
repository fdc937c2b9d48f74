"""P3: what is kept about the customer, and everything they can do about it; in a shop, and at central.

A change answers with the page again, so it works without a script; with one, only the page's
content is swapped. Taking a purpose back is never refused, whatever words were shown.
"""

from flask import Response, make_response, render_template, request

from edge.identity.consent import Purpose
from edge.web.i18n import _
from edge.web.my_data_ports import PhoneVisit
from edge.web.phone import leaving, notice
from edge.web.phone.answer import purposes_in
from edge.web.phone.changes import change_in
from edge.web.phone.my_data_view import MyDataView, until_words, view_of
from edge.web.phone.visit import customer, desk, see


def my_data_view(visit: PhoneVisit) -> MyDataView:
    """Return what the page shows of a customer."""
    return view_of(desk().site, desk().own.my_data(visit))


def holds_until(view: MyDataView) -> list[tuple[str, str]]:
    """Return the purposes in force: what a person calls each, and the day it ends."""
    until = view.mine.purposes
    return [(t.name, until_words(until[t.purpose])) for t in notice.terms() if t.purpose in until]


def my_data() -> str:
    """Return the page."""
    return _page(customer(), said=_saved() if "saved" in request.args else "")


def change() -> Response:
    """Apply one change."""
    desk().own.change(customer(), change_in(request.form))
    return see("me?saved=1")


def set_purposes() -> Response:
    """Give and take back purposes. Taking the last one back erases everything."""
    visit = customer()
    in_force = frozenset(desk().own.my_data(visit).purposes)
    wanted = purposes_in(request.form.getlist("purpose"))
    shown = notice.purposes_page(desk(), in_force)
    has_read = desk().may_give and request.form.get("proof") == shown.proof
    # Consent can only be given to the words on the page; it can be taken back without them.
    allowed = wanted if has_read else wanted & in_force
    if not allowed:
        return leaving.erase()
    desk().own.set_purposes(visit, allowed, shown.notice)
    if allowed == wanted:
        return see("me?saved=1")
    words = _("These words changed a moment ago. Please read them again, then answer.")
    return make_response(_page(visit, said=words))


def _page(visit: PhoneVisit, said: str) -> str:
    view = my_data_view(visit)
    in_force = frozenset(view.mine.purposes)
    return render_template(
        "phone/me.html",
        view=view,
        page=notice.purposes_page(desk(), in_force),
        until=holds_until(view),
        said=said,
        Purpose=Purpose,
    )


def _saved() -> str:
    if desk().may_give:
        return _("Saved. It holds from now on.")
    return _("Saved. Shops follow with their next connection.")
