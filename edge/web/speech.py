"""How a shop speaks one language: words, money and hours.

Msgids are the English sentences themselves, so English needs no file. Each surface keeps its
own ``kiosk_ui/i18n/<language>/<surface>.po``; they are read once at the start and merged.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from babel.core import Locale
from babel.dates import format_time, get_day_names
from babel.localedata import locale_identifiers
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal, get_currency_precision
from babel.support import NullTranslations, Translations

from edge.catalog.entry import in_language
from edge.catalog.site import SiteHeader
from edge.core.errors import SiteContractError


@dataclass(frozen=True, slots=True)
class Speech:
    """One language as this shop speaks it."""

    language: str
    locale: Locale
    currency: str
    translations: NullTranslations

    def gettext(self, message: str, **values: object) -> str:
        """Return ``message`` in this language with ``values`` put in by name."""
        return _fill(self.translations.ugettext(message), values)

    def ngettext(self, one: str, many: str, number: int, **values: object) -> str:
        """Return the form for ``number``; it may be used as ``%(num)d``."""
        text = self.translations.ungettext(one, many, number)
        return _fill(text, {"num": number, **values})

    def words(self, words: Mapping[str, str] | None) -> str:
        """Return a shop's own text in this language; "" where there is none."""
        return in_language(dict(words), self.language) if words else ""

    def money(self, minor: int) -> str:
        """Return an amount of minor units as a price: £3.10, 3,10 €."""
        digits = get_currency_precision(self.currency)
        amount = Decimal(minor).scaleb(-digits)
        return format_currency(amount, self.currency, locale=self.locale)

    def hour(self, at: time) -> str:
        """Return a time of day as the shop writes it: 15:00, 3:00 PM."""
        return str(format_time(at, format="short", locale=self.locale))

    def weekday(self, day: int) -> str:
        """Return the name of a weekday, 0 for Monday."""
        return str(get_day_names("wide", locale=self.locale)[day])

    def number(self, value: float) -> str:
        """Return a number as this language writes it."""
        return format_decimal(value, locale=self.locale)

    @property
    def direction(self) -> str:
        """Which way it is written: "ltr" or "rtl"."""
        return str(self.locale.text_direction)


class Speeches:
    """Every language there is a folder for, and English."""

    def __init__(self, folder: Path) -> None:
        self._translations: dict[str, NullTranslations] = {"en": NullTranslations()}
        for language in sorted(path for path in folder.iterdir() if path.is_dir()):
            self._translations[language.name] = _merged(language)
        self._spoken: dict[tuple[str, str, str], Speech] = {}

    def speech(self, header: SiteHeader, language: str | None = None) -> Speech:
        """Return how the shop ``header`` speaks ``language`` (its first one for None or unknown)."""
        wanted = language if language in header.languages else header.languages[0]
        key = (wanted, header.region, header.currency)
        if key not in self._spoken:
            self._spoken[key] = Speech(
                language=wanted,
                locale=_locale(wanted, header.region),
                currency=header.currency,
                translations=self._of(wanted),
            )
        return self._spoken[key]

    def _of(self, language: str) -> NullTranslations:
        known = self._translations
        return known.get(language) or known.get(language[:2]) or known["en"]


def _locale(language: str, region: str) -> Locale:
    # English in Britain writes 15:00 and in America 3:00 PM; German in Britain is just German.
    found = Locale.negotiate(
        [f"{language[:2]}_{region.upper()}", language[:2]], locale_identifiers()
    )
    return found or Locale.parse("en")


def _merged(folder: Path) -> NullTranslations:
    merged: Translations | None = None
    for path in sorted(folder.glob("*.po")):
        translations = _read(path)
        merged = translations if merged is None else merged.merge(translations)
    return merged or NullTranslations()


def _read(path: Path) -> Translations:
    return Translations(fp=io.BytesIO(_compiled(path.parent.name, path.name, path.read_bytes())))


@lru_cache(maxsize=64)
def _compiled(language: str, name: str, text: bytes) -> bytes:
    # Keyed by the text itself: applications of one process compile each catalog once.
    compiled = io.BytesIO()
    try:
        catalog = read_po(io.BytesIO(text), locale=language, abort_invalid=True)
    except (ValueError, UnicodeDecodeError) as error:
        msg = f"{language}/{name}: wanted a gettext catalog, found {error}"
        raise SiteContractError((msg,)) from error
    write_mo(compiled, catalog)
    return compiled.getvalue()


def _fill(text: str, values: Mapping[str, object]) -> str:
    return text % values if values else text.replace("%%", "%")
