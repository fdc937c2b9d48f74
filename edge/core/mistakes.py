"""Say what is wrong with something a person wrote: where, what was wanted, what was found.

Works on pydantic's errors and the JSON Schema of the same model, so that "wanted" is always
what the declaration says and no limit is written twice. A type whose pattern does not explain
itself carries its own words: ``Field(json_schema_extra={"wanted": "..."})``.
"""

import difflib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError

Schema = Mapping[str, Any]
"""A part of a JSON Schema, as pydantic writes it."""

_LONGEST_FOUND = 60
_MOST_NAMES = 12
_FORMATS = {"time": "a time such as 07:30", "date": "a date such as 2026-03-01"}


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong. ``problem`` stands alone where "wanted, found" does not fit."""

    path: str
    wanted: str = ""
    found: str = ""
    problem: str = ""

    @property
    def text(self) -> str:
        """What is wrong, without the place."""
        return self.problem or f"wanted {self.wanted}, found {self.found}"


def mistakes_in(error: ValidationError, model: type[BaseModel]) -> list[Mistake]:
    """Return one mistake per error that ``model`` found, in the order of its fields."""
    root = _schema(model)
    errors = error.errors(include_url=False)
    places = [one["loc"] for one in errors]
    return [_mistake(dict(one), root) for one in errors if not _follows(dict(one), places)]


def found(value: object) -> str:
    """Return ``value`` as a person would recognise it, cut to one short line."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST_FOUND else f"{text[: _LONGEST_FOUND - 1]}…"


def closest(name: str, names: Iterable[str]) -> str:
    """Return `` did you mean "x"?`` for the nearest of ``names``, or nothing."""
    near = difflib.get_close_matches(name, list(names), n=1, cutoff=0.6)
    return f' did you mean "{near[0]}"?' if near else ""


def listed(names: Iterable[str]) -> str:
    """Return ``names`` sorted and joined, cut where nobody reads on."""
    ordered = sorted(names)
    more = len(ordered) - _MOST_NAMES
    shown = ", ".join(ordered[:_MOST_NAMES]) or "none"
    return f"{shown} and {more} more" if more > 0 else shown


def path_of(parts: Sequence[int | str]) -> str:
    """Return ``("options", 0, "id")`` as ``options[0].id``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    return text.removeprefix(".")


@cache
def _schema(model: type[BaseModel]) -> Schema:
    return model.model_json_schema()


def _follows(error: Mapping[str, Any], places: Iterable[Sequence[int | str]]) -> bool:
    """Return whether a list only counts as short because entries in it have mistakes."""
    size = len(error["loc"])
    return error["type"] == "too_short" and any(
        len(place) > size and place[:size] == error["loc"] for place in places
    )


def _mistake(error: Mapping[str, Any], root: Schema) -> Mistake:
    parts: tuple[int | str, ...] = error["loc"]
    if error["type"] == "extra_forbidden":
        keys = _at(root, parts[:-1]).get("properties", {})
        key = str(parts[-1])
        problem = f"unknown key;{closest(key, keys)} allowed: {', '.join(keys)}"
        return Mistake(path_of(parts), problem=problem)
    if error["type"] == "value_error":
        return Mistake(path_of(parts), problem=str(error["ctx"]["error"]))
    what = "nothing" if error["type"] == "missing" else found(error["input"])
    if parts and parts[-1] == "[key]":
        parts = parts[:-2]
        what = f"the key {what}"
    return Mistake(path_of(parts), wanted=_wanted(_at(root, parts), root), found=what)


def _at(root: Schema, parts: Sequence[int | str]) -> Schema:
    """Return the part of the schema that describes the value at ``parts``."""
    here = _plain(root, root)
    for part in parts:
        here = _plain(_inside(here, part), root)
    return here


def _inside(schema: Schema, part: int | str) -> Schema:
    inner: Schema | None = schema.get("properties", {}).get(part)
    patterns: Mapping[str, Schema] = schema.get("patternProperties", {})
    return inner or schema.get("items") or next(iter(patterns.values()), None) or _other(schema)


def _other(schema: Schema) -> Schema:
    other = schema.get("additionalProperties")
    return other if isinstance(other, Mapping) else {}


def _plain(schema: Schema, root: Schema) -> Schema:
    """Follow a reference, and look through "or null"."""
    if "$ref" in schema:
        named: Schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
        return {**named, **{key: value for key, value in schema.items() if key != "$ref"}}
    if "anyOf" in schema:
        kinds = [kind for kind in schema["anyOf"] if kind.get("type") != "null"]
        return {**_plain(kinds[0], root), "or_null": len(kinds) < len(schema["anyOf"])}
    return schema


def _wanted(schema: Schema, root: Schema) -> str:
    kind = str(schema.get("type", ""))
    text = str(
        schema.get("wanted")
        or _one_of(schema)
        or _FORMATS.get(str(schema.get("format")))
        or _structure(schema, kind, root)
        or f"{_KINDS.get(kind, 'a value')}{_limits(schema, kind)}"
    )
    return f"{text} or null" if schema.get("or_null") else text


_KINDS = {
    "integer": "a whole number",
    "number": "a number",
    "string": "text",
    "boolean": "true or false",
}


def _one_of(schema: Schema) -> str:
    if "const" in schema:
        return f'"{schema["const"]}"'
    return f"one of {', '.join(map(str, schema['enum']))}" if "enum" in schema else ""


def _structure(schema: Schema, kind: str, root: Schema) -> str:
    if kind == "array":
        inner = _plain(schema.get("items", {}), root)
        each = f", each {_wanted(inner, root)}" if inner else ""
        return f"a list{_limits(schema, kind)}{each}"
    if kind != "object":
        return ""
    if "properties" in schema:
        return f"the keys {', '.join(schema['properties'])}"
    keys = _one_of(schema.get("propertyNames", {}))
    return f"a mapping with keys {keys}" if keys else "a mapping"


_BOUNDS = {
    "integer": ("minimum", "maximum", ""),
    "number": ("minimum", "maximum", ""),
    "string": ("minLength", "maxLength", " characters"),
    "array": ("minItems", "maxItems", " entries"),
}


def _limits(schema: Schema, kind: str) -> str:
    if "pattern" in schema:
        return f" of the form {schema['pattern'].strip('^$')}"
    if kind not in _BOUNDS:
        return ""
    least, most, unit = _BOUNDS[kind]
    of = " of" if unit else ""
    low, high = schema.get(least), schema.get(most)
    if low is not None and high is not None:
        return f"{of or ' from'} {low} to {high}{unit}"
    if low is not None:
        return f" of at least {low}{unit}"
    return f" of at most {high}{unit}" if high is not None else ""
