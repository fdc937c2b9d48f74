"""A length of time as it is written in a site folder: 30m, 1h, 7d."""

import re
from datetime import timedelta
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, PlainSerializer

from edge.core.mistakes import found

_UNIT_S: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_WRITTEN: Final = re.compile(r"([1-9]\d{0,5})([smhd])")


def read_span(value: object) -> timedelta:
    """Return the span that ``value`` says: a whole number and s, m, h or d.

    Raises:
        ValueError: It says something else, or more than 13 months.
    """
    if isinstance(value, timedelta):
        return value
    written = _WRITTEN.fullmatch(value) if isinstance(value, str) else None
    if written is None:
        msg = f"wanted a length of time such as 30m, 1h or 7d, found {found(value)}"
        raise ValueError(msg)
    span = timedelta(seconds=int(written[1]) * _UNIT_S[written[2]])
    if span > LONGEST:
        msg = f"wanted at most {LONGEST.days}d, found {value}"
        raise ValueError(msg)
    return span


def write_span(span: timedelta) -> str:
    """Return ``span`` in the largest unit that says it exactly."""
    seconds = int(span.total_seconds())
    unit = next(unit for unit in "dhms" if seconds % _UNIT_S[unit] == 0)
    return f"{seconds // _UNIT_S[unit]}{unit}"


LONGEST: Final = timedelta(days=396)
"""Nothing in a shop is remembered for longer than 13 months."""

Span = Annotated[
    timedelta,
    BeforeValidator(read_span),
    PlainSerializer(write_span, return_type=str, when_used="json"),
    Field(json_schema_extra={"wanted": "a length of time such as 30m, 1h or 7d"}),
]
