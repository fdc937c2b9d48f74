"""The ways out: erase everything, or take the key off this phone.

Both end on a page that lets the browser's script delete the key, and both work without it:
the device has forgotten by then, or the key's last use is over.
"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Response, make_response, render_template

from edge.web.phone.visit import customer, desk, drop_key


@dataclass(frozen=True, slots=True)
class Proof:
    """What the customer may keep of an erasure: it names nobody."""

    erasure_id: str
    local_at: datetime


def erase() -> Response:
    """Forget everything, then show the proof."""
    erased = desk().own.erase(customer())
    zone = ZoneInfo(desk().site.header.timezone)
    proof = Proof(erased.erasure_id, erased.at.astimezone(zone))
    return drop_key(make_response(render_template("phone/erased.html", proof=proof)))


def unlink() -> Response:
    """Take the key off this phone; what is kept runs out by itself."""
    visit = customer()
    mine = desk().own.my_data(visit)
    desk().own.disconnect(visit)
    page = render_template("phone/unlinked.html", keeps_until=mine.keeps_until)
    return drop_key(make_response(page))
