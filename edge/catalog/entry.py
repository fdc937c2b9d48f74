"""The base of everything written in a site folder, and the words in it.

The same classes are the file format and the values the service works with: a field exists
once, with its limits, and a key that is not a field is a mistake. Whole numbers are strict,
so that ``true`` or ``"3"`` is never a price.
"""

import re
from datetime import date, time
from typing import Annotated

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
)

from edge.core.mistakes import found

Id = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$"),
    Field(
        json_schema_extra={
            "wanted": "an id of lower-case letters, digits and hyphens, at most 40 characters"
        }
    ),
]
"""A short name for one thing: lower-case letters, digits and hyphens, at most 40."""

Sku = Id
"""A product's identifier; the model's items use the same."""

Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")]

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=240)]

Words = Annotated[
    dict[Language, Text],
    Field(json_schema_extra={"wanted": "a text per language, such as {en: Tea, de: Tee}"}),
]
"""A text in each language of the site, by language tag."""

Minor = Annotated[int, Field(ge=0, le=10_000_000, strict=True)]
"""Money in the smallest unit of the site's currency (pence, cents)."""

Till = Annotated[
    str,
    StringConstraints(min_length=1, max_length=120),
    Field(json_schema_extra={"wanted": "a till's own id in quotes, of 1 to 120 characters"}),
]
"""What the till calls a product: a number or a name, as it stands in its export."""

Picture = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$"),
    Field(json_schema_extra={"wanted": "a picture's file name without a folder"}),
]
"""The name of a file below ``kiosk_ui/static/art/``."""


def _time_only(value: object) -> object:
    # Pydantic would read 7.30 as seconds, and "10:00Z" as a time in another zone.
    if isinstance(value, str) and re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        return value
    if isinstance(value, time) and value.tzinfo is None:
        return value
    msg = f"wanted a time such as 07:30, found {found(value)}"
    raise ValueError(msg)


def _date_only(value: object) -> object:
    # Pydantic would read 20260301 as seconds since 1970.
    if type(value) is date or (isinstance(value, str) and re.fullmatch(_DATE, value)):
        return value
    msg = f"wanted a date such as 2026-03-01, found {found(value)}"
    raise ValueError(msg)


_DATE = r"\d{4}-\d{2}-\d{2}"


def _as_written(at: time) -> str:
    return at.strftime("%H:%M")


# Written back as it is read, so that a kept catalog can be read again.
ShopTime = Annotated[
    time,
    BeforeValidator(_time_only),
    PlainSerializer(_as_written, return_type=str, when_used="json"),
]
"""A time of day in the shop's own time, written 07:30."""

ShopDate = Annotated[date, BeforeValidator(_date_only)]
"""A day in the shop's own time, written 2026-03-01."""


class Entry(BaseModel):
    """Something written in a site folder: frozen, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


def in_language(words: Words, language: str) -> str:
    """Return the text in ``language``, else in its base language, else the first one written.

    ``edge site check`` refuses a shop whose texts miss a language, so the last step is only
    for a shop that added a language a moment ago.
    """
    return words.get(language) or words.get(language[:2]) or next(iter(words.values()))
