"""One change to "My data", out of a form: which field, and a value that can be one."""

from typing import Final, get_args

from werkzeug.datastructures import MultiDict

from edge.core.errors import RequestContractError
from edge.identity.profile import HelpLevel, Surprise
from edge.web.my_data_ports import Change

MAX_NAME: Final = 40
MAX_ID: Final = 64
GIFTS: Final = ("gift", "not_gift")
SKUS: Final = ("star", "unstar", "wrong", *GIFTS)
KINDS: Final = ("mute", "less")
CATEGORIES: Final = ("mute", "unmute", "less", "not_less")


def change_in(form: "MultiDict[str, str]") -> Change:
    """Return the change that ``form`` asks for; whether the shop has the thing is seen later.

    Raises:
        RequestContractError: It asks for none.
    """
    if "naming" in form:
        return Change(name=_name(form.get("name", "")), shows_name="shows_name" in form)
    surprise, help_level = form.get("surprise"), form.get("help_level")
    if surprise in get_args(Surprise):
        return Change(surprise=surprise)  # type: ignore[arg-type]
    if help_level in get_args(HelpLevel):
        return Change(help_level=help_level)  # type: ignore[arg-type]
    if form.get("about") in KINDS:
        return Change(**{form["about"]: form.get("kind", "")[:MAX_ID]})  # type: ignore[arg-type]
    return _about_a_thing(form)


def _about_a_thing(form: "MultiDict[str, str]") -> Change:
    field = next((name for name in SKUS + CATEGORIES if form.get(name)), None)
    if field is None:
        msg = "wanted one change of My data, got none; load the page again"
        raise RequestContractError(msg)
    day = form.get("day", type=int) if field in GIFTS else None
    return Change(**{field: form[field][:MAX_ID]}, day=day)  # type: ignore[arg-type]


def _name(typed: str) -> str:
    printable = "".join(c for c in typed if c.isprintable())
    return " ".join(printable.split())[:MAX_NAME]
