"""Words, money and hours as each language of a shop writes them."""

from datetime import time
from pathlib import Path

import pytest

from edge.core.errors import SiteContractError
from edge.web.speech import Speech, Speeches
from tests.fakes.services import UI, harbour_kitchen

HEADER = harbour_kitchen().header
SPEECHES = Speeches(UI / "i18n")


def speech(language: str, **changes: object) -> Speech:
    return SPEECHES.speech(HEADER.model_copy(update=changes), language)


@pytest.mark.parametrize(
    ("language", "currency", "minor", "expected"),
    [
        ("en", "GBP", 310, "£3.10"),
        ("de", "EUR", 310, "3,10\xa0€"),
        ("en", "JPY", 310, "¥310"),
        ("en", "GBP", 0, "£0.00"),
        ("de", "EUR", 1234567, "12.345,67\xa0€"),
    ],
)
def test_money_is_whole_minor_units_written_as_a_price(
    language: str, currency: str, minor: int, expected: str
) -> None:
    assert speech(language, currency=currency).money(minor).replace("JP¥", "¥") == expected


def test_english_in_britain_counts_to_24_and_in_america_to_12() -> None:
    assert speech("en", region="gb").hour(time(15)) == "15:00"
    assert speech("en", region="us").hour(time(15)).replace("\u202f", " ") == "3:00 PM"


def test_a_language_the_shop_does_not_speak_becomes_its_first() -> None:
    assert speech("xx").language == "en"
    assert SPEECHES.speech(HEADER).language == "en"


def test_a_language_without_a_catalog_speaks_english_sentences() -> None:
    french = speech("fr", languages=("fr",))

    assert french.language == "fr"
    assert french.gettext("Sold out") == "Sold out"


def test_words_are_put_in_by_name() -> None:
    assert speech("de").gettext("Popular here %(when)s", when="jetzt") == "Hier beliebt jetzt"


def test_the_plural_follows_the_number() -> None:
    one, many = "Waiting for %(num)d second", "Waiting for %(num)d seconds"

    assert speech("de").ngettext(one, many, 1) == "Wartet seit 1 Sekunde"
    assert speech("de").ngettext(one, many, 3) == "Wartet seit 3 Sekunden"


def test_a_broken_catalog_is_named(tmp_path: Path) -> None:
    (tmp_path / "de").mkdir()
    (tmp_path / "de" / "board.po").write_bytes(b'msgid "\xff"\nmsgstr ""')

    with pytest.raises(SiteContractError, match=r"de/board\.po"):
        Speeches(tmp_path)
