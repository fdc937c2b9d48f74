"""The JSON Schemas and the data map, as they ship inside the package."""

import json
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final

EVENT_SCHEMAS: Final = (
    "decision",
    "engagement",
    "order",
    "stock",
    "health",
    "outbox_dropped",
    "consent",
    "enrolment",
    "taste",
    "erasure",
    "audit_head",
    "release",
)
"""Schemas of an event's ``properties``; ``event`` is the envelope around each."""

LAN: Final = ("lan_stock", "lan_counts", "lan_used", "lan_near")
"""Schemas of what the devices of a shop tell each other."""

UP: Final = ("event", *EVENT_SCHEMAS, "status", "command_result", "release_states", *LAN)
"""Every schema of what leaves the device; each field is in the data map."""

DOWN: Final = ("context", "profile", "erase", "command", "acked", "doorbell", "rollout")
"""Every schema of what reaches it."""

SEALED: Final = ("profile_sealed", "erase_sealed", "taste_sealed")
"""Every schema of what a sealed message holds once whom it is sealed to has opened it."""


def schema(name: str) -> Mapping[str, Any]:
    """Return the JSON Schema ``name``."""
    text = files("edge.wire").joinpath("schemas", f"{name}.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def data_map() -> Mapping[str, Any]:
    """Return what leaves the device: message, field, personal or not, purpose, retention."""
    return tomllib.loads(files("edge.wire").joinpath("data_map.toml").read_text(encoding="utf-8"))


def fields(of: Mapping[str, Any], path: str = "") -> list[str]:
    """Return the path of every field a schema allows: ``lines[].sku``, ``figures.*``."""
    found: list[str] = []
    for name, inner in of.get("properties", {}).items():
        found += _of_value(inner, f"{path}{name}")
    open_end = of.get("additionalProperties")
    if isinstance(open_end, dict):
        found += _of_value(open_end, f"{path}*")
    return found


def _of_value(value: Mapping[str, Any], path: str) -> list[str]:
    if "items" in value:
        return _of_value(value["items"], f"{path}[]")
    return fields(value, f"{path}.") or [path]
