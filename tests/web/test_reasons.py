"""Every reason has its words, and a row is titled by the reason most of it has."""

import pytest

from edge.decide.values import Reason, Shown, Slate
from edge.web import reasons
from edge.web.speech import Speech, Speeches
from tests.fakes.services import UI, harbour_kitchen

SITE = harbour_kitchen()
SPEECHES = Speeches(UI / "i18n")


def speech(language: str = "en") -> Speech:
    return SPEECHES.speech(SITE.header, language)


def slate(*found: tuple[Reason, bool, bool]) -> Slate:
    shown = tuple(
        Shown(i, f"product:{i}", str(i), 1.0, {}, reason, 1.0, explored, paid)
        for i, (reason, explored, paid) in enumerate(found)
    )
    return Slate("d-1", "kiosk-strip", shown, "fake")


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_a_chip_and_a_sentence(reason: Reason, language: str) -> None:
    when = reasons.during(SITE, "breakfast", speech(language))

    assert reasons.chip(reason, when, speech(language))
    assert reasons.sentence(reason, when, speech(language)).endswith(".")


def test_the_daypart_stands_inside_the_sentence() -> None:
    when = reasons.during(SITE, "breakfast", speech())

    assert reasons.chip(Reason.TIME_OF_DAY, when, speech()) == "Often chosen this morning"


def test_without_a_daypart_it_is_now() -> None:
    assert reasons.during(SITE, None, speech()) == "right now"


def test_a_row_is_titled_by_the_reason_most_of_it_has() -> None:
    found = slate(
        (Reason.POPULAR_NOW, False, False),
        (Reason.GOES_WITH_BASKET, False, False),
        (Reason.GOES_WITH_BASKET, False, False),
    )

    assert reasons.strip_title(found, "now", speech()) == "Goes well with your order"


def test_the_drawn_slot_and_a_paid_one_never_title_the_row() -> None:
    found = slate(
        (Reason.SPONSORED, False, True),
        (Reason.SOMETHING_DIFFERENT, True, False),
        (Reason.POPULAR_HERE, False, False),
    )

    assert reasons.strip_title(found, "now", speech()) == "Popular here"


def test_a_row_of_nothing_else_is_titled_neutrally() -> None:
    found = slate((Reason.SOMETHING_DIFFERENT, True, False))

    assert reasons.strip_title(found, "now", speech()) == "You might like"
