"""Bounds on a message before anybody looks at what it says: how many parts, which fields.

A list of what is allowed, by kind of message (``static_rules.FIELDS``). So what may hold another
graph, a file's name or a function is refused without a rule for each, and nothing can be nested
deeper than the allowed kinds are.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from google.protobuf.message import Message  # type: ignore[import-untyped]

from edge.update.limits import MAX_ENTRIES, MAX_TEXT_BYTES
from edge.update.static_rules import FIELDS, WHY_NOT


def out_of_bounds(whole: Message) -> Iterator[str]:
    """Yield which fields are not allowed and which texts too long, and whether it is too much."""
    left = MAX_ENTRIES
    waiting = [whole]
    while waiting:
        message = waiting.pop()
        kind = message.DESCRIPTOR.name
        for field, value in message.ListFields():
            if field.name not in FIELDS[kind]:
                why = WHY_NOT.get(field.name, "rankers need none")
                yield f"wanted a graph without {kind}.{field.name} ({why}), got one with it"
                continue
            parts = _parts(value, left)
            left -= len(parts)
            if left < 0:
                yield f"wanted at most {MAX_ENTRIES} entries, got more"
                return
            yield from _long_texts(field.name, parts)
            waiting.extend(part for part in parts if isinstance(part, Message))


def _parts(value: Any, most: int) -> list[Any]:  # noqa: ANN401 - any field
    """Return what has to be looked into: messages and texts, one more than ``most`` at most."""
    if isinstance(value, bytes | int | float):
        return []
    if isinstance(value, Message | str):
        return [value]
    is_numbers = isinstance(value[0], bytes | int | float)
    return [] if is_numbers else list(islice(value, most + 1))


def _long_texts(field: str, parts: Iterable[Any]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, str) and len(part) > MAX_TEXT_BYTES:
            yield f"wanted texts of at most {MAX_TEXT_BYTES} characters, got {len(part)} in {field}"
