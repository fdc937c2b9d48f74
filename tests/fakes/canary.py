"""Values that give themselves away wherever they are: in clear, in hexadecimal, in base64.

A canary that is looked for in a few ways only is not looked for, so each has every spelling that
a log line, a message or a file name could give it.
"""

import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from edge.wire.schema_files import data_map

_PADDED: Final = 3
"""base64 spells bytes in three ways, by what stands before them."""


@dataclass
class Canaries:
    """Secrets and personal facts by name, and a search for all of them at once."""

    spellings: dict[bytes, str] = field(default_factory=dict)

    def add(self, name: str, value: str | bytes) -> None:
        """Look for ``value`` from now on."""
        for spelling in spelled(value):
            self.spellings[spelling] = name

    @property
    def names(self) -> set[str]:
        """What is looked for."""
        return set(self.spellings.values())

    def found_in(self, *texts: bytes) -> set[str]:
        """Return the names of the canaries that are in ``texts``."""
        whole = b"\n".join(texts)
        return {name for spelling, name in self.spellings.items() if spelling in whole}


def spelled(value: str | bytes) -> Iterator[bytes]:
    """Yield the ways ``value`` could be written."""
    raw = value.encode() if isinstance(value, str) else value
    yield raw
    for before in range(_PADDED):
        # Without what its neighbours share with it.
        for encode in (b64encode, urlsafe_b64encode):
            yield encode(bytes(before) + raw)[(4 * before + 2) // 3 :].rstrip(b"=")[:-1]
    yield raw.hex().encode()
    if isinstance(value, str):
        return
    yield raw.hex().upper().encode()
    yield raw.hex(":").encode()
    yield str(list(raw)).encode()
    yield repr(raw)[2:-1].encode()


def uuid_spellings(frame: bytes) -> tuple[str, str]:
    """Return how a radio's software writes the 16 bytes of a beacon."""
    text = frame.hex()
    dashed = "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
    return dashed, dashed.upper()


def beyond_the_data_map(payload: bytes) -> list[bytes]:
    """Return the values of a message that the data map does not call personal."""
    found: list[bytes] = []
    parsed = orjson.loads(payload)
    for message in parsed if isinstance(parsed, list) else [parsed]:
        kind = str(message.get("dataschema", ":status:")).split(":")[-2]
        listed = {**data_map()["event"]["fields"], **_inner(kind)}
        personal = [_pattern(name) for name, row in listed.items() if row["personal"][:3] == "yes"]
        found += [
            orjson.dumps(value)
            for path, value in _flat(message)
            if not any(pattern.fullmatch(path) for pattern in personal)
        ]
    return found


def _inner(kind: str) -> dict[str, Any]:
    fields = data_map().get(kind, {"fields": {}})["fields"]
    return {f"data.properties.{name}": row for name, row in fields.items()}


def _pattern(field_name: str) -> re.Pattern[str]:
    return re.compile(re.escape(field_name).replace(r"\*", r"[^.]+"))


def _flat(value: object, path: str = "") -> Iterable[tuple[str, object]]:
    """Yield (path, value) of every leaf, and every name of a field as a value of its object."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield path, name
            yield from _flat(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for inner in value:
            yield from _flat(inner, f"{path}[]")
    else:
        yield path, value
