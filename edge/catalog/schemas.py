"""The formats of a site folder as JSON Schemas, for editors that check while somebody writes."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel

from edge.catalog.approval import Approver
from edge.catalog.content import Module
from edge.catalog.experiments import Experiments
from edge.catalog.explanation import Explanation
from edge.catalog.offer import Offer
from edge.catalog.placement import Placement
from edge.catalog.policy_rules import PolicyRules
from edge.catalog.product import Product
from edge.catalog.site import Board, Question, Section, SiteHeader

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

_FORMATS: Final = {
    "duration": r"^[1-9]\d{0,5}[smhd]$",
    "time": r"^([01]\d|2[0-3]):[0-5]\d$",
    "date": r"^\d{4}-\d{2}-\d{2}$",
}

_LISTS: Final[Mapping[str, type[BaseModel]]] = {
    "sections": Section,
    "products": Product,
    "offers": Offer,
    "placements": Placement,
    "boards": Board,
    "guide": Question,
    "content": Module,
    "explain": Explanation,
    "approvers": Approver,
}
_SINGLES: Final[Mapping[str, type[BaseModel]]] = {
    "site": SiteHeader,
    "policy": PolicyRules,
    "experiments": Experiments,
}


def schemas() -> dict[str, dict[str, Any]]:
    """Return file or folder of a site -> the JSON Schema of one such file."""
    found = {name: _named(name, model.model_json_schema()) for name, model in _SINGLES.items()}
    for name, model in _LISTS.items():
        entry = model.model_json_schema()
        inner = entry.pop("$defs", {})
        title = entry["title"]
        # A file that holds comments only is as good as none.
        whole = {"type": ["array", "null"], "items": {"$ref": f"#/$defs/{title}"}}
        found[name] = _named(name, {**whole, "$defs": {**inner, title: entry}})
    # A policy file says only what it tightens, so that no part of it has to be whole.
    for one in found["policy"]["$defs"].values():
        one.pop("required", None)
    return found


def _named(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    whole = {"$schema": _DIALECT, **schema, "title": f"{name} of a site folder"}
    plain: dict[str, Any] = _as_written(whole)
    return plain


def _as_written(schema: Any) -> Any:  # noqa: ANN401 - any part of a schema
    """Say spans and times as they are written here, and refuse keys that are of no pattern."""
    if isinstance(schema, list):
        return [_as_written(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: _as_written(value) for key, value in schema.items()}
    pattern = _FORMATS.get(str(inner.get("format")))
    if pattern and isinstance(inner.get("format"), str):
        inner = {key: value for key, value in inner.items() if key not in ("format", "default")}
        inner["pattern"] = pattern
    if "patternProperties" in inner:
        inner["additionalProperties"] = False
    return inner
