"""The base of everything written in a site folder, and the words in it.

The same classes are the file format and the values the service works with: a field exists
once, with its limits, and a key that is not a field is a mistake.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
"""A short name for one thing: lower-case letters, digits and hyphens, at most 40."""

Sku = Id
"""A product's identifier; the model's items use the same."""

Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")]

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=240)]

Words = dict[Language, Text]
"""A text in each language of the site, by language tag."""

Minor = Annotated[int, Field(ge=0, le=10_000_000)]
"""Money in the smallest unit of the site's currency (pence, cents)."""


class Entry(BaseModel):
    """Something written in a site folder: frozen, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


def in_language(words: Words, language: str) -> str:
    """Return the text in ``language``, else in its base language, else the first one written.

    ``edge site check`` refuses a shop whose texts miss a language, so the last step is only
    for a shop that added a language a moment ago.
    """
    return words.get(language) or words.get(language[:2]) or next(iter(words.values()))
