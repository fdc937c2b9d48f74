"""What a customer takes with them: their data as JSON and to read, and the consent receipt."""

from collections.abc import Mapping

import orjson
from flask import Response, render_template

from edge.web.phone.my_data import holds_until, my_data_view
from edge.web.phone.visit import customer, desk

PLAIN = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS


def export_json() -> Response:
    """Everything that is kept, for a machine."""
    return _json("my-data.json", desk().own.export(customer()))


def export_html() -> Response:
    """Everything that is kept, for a person: in plain words, then field by field."""
    visit = customer()
    view = my_data_view(visit)
    page = render_template(
        "phone/export.html",
        view=view,
        until=holds_until(view),
        export=desk().own.export(visit),
        shop=desk().site.header.name,
        controller=desk().controller,
    )
    return _attachment("my-data.html", page.encode(), "text/html; charset=utf-8")


def receipt() -> Response:
    """The consent receipt: what was said when, to which words, and a signature."""
    return _json("consent-receipt.json", desk().own.receipt(customer()))


def _json(name: str, content: Mapping[str, object]) -> Response:
    return _attachment(name, orjson.dumps(content, option=PLAIN), "application/json")


def _attachment(name: str, content: bytes, content_type: str) -> Response:
    response = Response(content, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
