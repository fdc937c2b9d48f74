"""Bounds on a message before anybody looks at what it says: how many parts, which fields.

A list of what is allowed, by kind of message (``static_rules.FIELDS``). So what may hold another
graph, a file's name or a function is refused without a rule for each, and nothing can be nested
deeper than the allowed kinds are.
"""

from collections.abc import Iterator
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
            if field.type not in (field.TYPE_MESSAGE, field.TYPE_STRING):
                continue
            is_one = isinstance(value, Message | str | bytes)
            parts = [value] if is_one else list(islice(value, left + 1))
            left -= len(parts)
            if left < 0:
                yield f"wanted at most {MAX_ENTRIES} entries, got more"
                return
            if field.type == field.TYPE_STRING:
                yield from _texts(field.name, parts)
            else:
                waiting.extend(parts)


def _texts(field: str, parts: list[Any]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, bytes):  # how protobuf hands on what is no UTF-8
            yield f"wanted texts in UTF-8, got other bytes in {field}"
        elif len(part) > MAX_TEXT_BYTES:
            yield f"wanted texts of at most {MAX_TEXT_BYTES} characters, got {len(part)} in {field}"
