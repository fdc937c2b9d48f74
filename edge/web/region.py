"""What the food law of a region wants a screen to say.

Read from ``kiosk_ui/region/<region>.toml``; a region without a file says the strictest of what
we know (Great Britain's), because a notice too many harms nobody.
"""

import tomllib
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from edge.catalog.entry import Words
from edge.core.errors import SiteContractError

STRICTEST: Final = "gb"


class Kcal(BaseModel):
    """Whether kcal must stand beside a price, and the sentence that goes with it."""

    model_config = ConfigDict(frozen=True)

    required: bool
    statement: Words


class AllergenWords(BaseModel):
    """The words that stand before, around and after a list of allergens."""

    model_config = ConfigDict(frozen=True)

    heading: Words
    ask: Words
    cross_contact: Words


class Region(BaseModel):
    """The rules of one region; keys a screen does not use yet are left alone."""

    model_config = ConfigDict(frozen=True)

    id: str
    prices_include_tax: bool
    tax_note: Words
    kcal: Kcal
    allergens: AllergenWords
    notice: Words


def load_region(folder: Path, region: str) -> Region:
    """Return the rules of ``region``.

    Raises:
        SiteContractError: The file is not what it should be.
    """
    path = folder / f"{region}.toml"
    if not path.is_file():
        path = folder / f"{STRICTEST}.toml"
    try:
        return Region.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        msg = f"region/{path.name}: wanted the food-law words of a region, found {error}"
        raise SiteContractError((msg,)) from error
