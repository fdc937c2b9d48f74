"""An event's envelope, checked by hand: ``schemas/event.json`` at sixty thousand events a second.

Every text of the envelope that has a form is put on a line of its own, and one expression is held
against all lines at once; it also sees that id, site and device are the same wherever they stand. A
test holds this module and the schema against each other, with generated mutants.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from edge.core.errors import WireContractError

_ID: Final = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_NAME: Final = "[a-z0-9-]{3,32}"
_TIME: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z"

# No form meets a line's end. What may hold anything is checked by its length alone.
_FORMS: Final = {
    "specversion": r"1\.0",
    "id": f"(?P<id>{_ID})",
    "source": f"/sites/(?P<site>{_NAME})/devices/(?P<device>{_NAME})",
    "type": r"instore\.track\.v1",
    "time": _TIME,
    "datacontenttype": "application/json",
    "dataschema": "urn:instore:schema:[a-z_]+:1",
    "clock": "ntp|rtc|none",
    "epoch": "[0-9a-f]{16}",
    "data.type": "track",
    "data.messageId": "(?P=id)",
    "data.timestamp": _TIME,
    "data.originalTimestamp": _TIME,
    "data.sentAt": _TIME,
    "data.context.app.name": "instore-edge",
    "data.context.device.id": "(?P=device)",
    "data.context.site.id": "(?P=site)",
}
_LINES: Final = re.compile("\n".join(f"(?:{form})" for form in _FORMS.values()))
_FREE: Final = {"data.event": 40, "data.anonymousId": 64, "data.context.app.version": 32}
_MOST: Final = tuple(_FREE.values())


class Envelope(NamedTuple):
    """An event whose envelope is right, and what it says of itself."""

    event: Mapping[str, Any]
    site: str
    device: str
    at: datetime


def checked(one: Any) -> Envelope:  # noqa: ANN401 - whatever JSON held
    """Return ``one`` as an event.

    Raises:
        WireContractError: It is not one; the message names what is wrong.
    """
    try:
        data = one["data"]
        context = data["context"]
        found = _LINES.fullmatch("\n".join(_texts(one, data, context)))
        is_right = found is not None and _has_rest(one, data, context)
        at = datetime.fromisoformat(one["time"])
    except (KeyError, TypeError, ValueError) as error:
        raise WireContractError(_mistake(one)) from error
    if found is None or not is_right:
        raise WireContractError(_mistake(one))
    return Envelope(one, found["site"], found["device"], at)


def _texts(one: Any, data: Any, context: Any) -> tuple[str, ...]:  # noqa: ANN401
    """Return the texts of ``_FORMS``, in its order; joining them fails where one is none."""
    return (
        one["specversion"],
        one["id"],
        one["source"],
        one["type"],
        one["time"],
        one["datacontenttype"],
        one["dataschema"],
        one["clock"],
        one["epoch"],
        data["type"],
        data["messageId"],
        data["timestamp"],
        data["originalTimestamp"],
        data["sentAt"],
        context["app"]["name"],
        context["device"]["id"],
        context["site"]["id"],
    )


def _has_rest(one: Any, data: Any, context: Any) -> bool:  # noqa: ANN401
    seq, app = one["seq"], context["app"]
    event, who, version = data["event"], data["anonymousId"], app["version"]
    return (
        type(seq) is int
        and 1 <= seq < 2**53
        and type(data["properties"]) is dict
        and type(event) is type(who) is type(version) is str
        and 0 < len(event) <= _MOST[0]
        and 0 < len(who) <= _MOST[1]
        and 0 < len(version) <= _MOST[2]
        # Each member was looked up, so with these sizes there are no others.
        and (len(one), len(data), len(context), len(app)) == (11, 9, 3, 2)
        and len(context["device"]) == len(context["site"]) == 1
    )


# ---- only for what is wrong ---------------------------------------------------------------


def _mistake(one: object) -> str:
    known: dict[str, str] = {}
    for path, form in _FORMS.items():
        value = _at(one, path)
        if not isinstance(value, str) or "\n" in value:
            return f"{path}: wanted a text like {form}, got {type(value).__name__}"
        found = re.fullmatch(_with(form, known), value)
        if found is None:
            return f"{path}: wanted a text like {form}, got another of {len(value)} characters"
        known |= found.groupdict()
    for path, most in _FREE.items():
        value = _at(one, path)
        if not isinstance(value, str) or not 0 < len(value) <= most:
            return f"{path}: wanted 1 to {most} characters, got something else"
    if not isinstance(_at(one, "data.properties"), dict):
        return "data.properties: wanted an object, got something else"
    return "wanted an envelope as schemas/event.json has it, got another number, moment or member"


def _with(form: str, known: Mapping[str, str]) -> str:
    for name, value in known.items():
        form = form.replace(f"(?P={name})", re.escape(value))
    return form


def _at(one: object, path: str) -> object:
    value = one
    for name in path.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value
