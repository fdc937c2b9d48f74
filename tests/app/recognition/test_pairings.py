"""A pairing opens once, for a minute, and guessing closes it."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import segno

from edge.app.recognition.pairings import TRIES, Pairings
from edge.core.chance import system_chance
from edge.core.clock import SettableClock

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(NOON)


@pytest.fixture
def pairings(clock: SettableClock) -> Pairings:
    return Pairings(clock, system_chance, "shop-17.example:8443")


def token(url: str) -> str:
    return url.rpartition("/")[2]


def test_the_address_is_short_enough_for_a_small_code(pairings: Pairings) -> None:
    url = pairings.begin("kiosk-1").url

    assert re.fullmatch(r"HTTPS://SHOP-17\.EXAMPLE:8443/P/[A-Z2-7]{20}", url)
    assert segno.make_qr(url, error="m", boost_error=False).version == 3


def test_on_the_machine_itself_the_address_needs_no_certificate(clock: SettableClock) -> None:
    here = Pairings(clock, system_chance, "127.0.0.1:8080").begin("kiosk-1")

    assert here.url.startswith("HTTP://127.0.0.1:8080/P/")


def test_a_token_opens_once(pairings: Pairings) -> None:
    said = token(pairings.begin("kiosk-1").url)

    assert pairings.take(said) == "kiosk-1"
    assert pairings.take(said) is None


def test_a_code_may_be_typed_in_small_letters(pairings: Pairings) -> None:
    assert pairings.take(f" {pairings.begin('kiosk-1').code.lower()} ") == "kiosk-1"


def test_a_pairing_is_over_after_a_minute(pairings: Pairings, clock: SettableClock) -> None:
    said = token(pairings.begin("kiosk-1").url)

    clock.at = NOON + timedelta(seconds=60)

    assert pairings.take(said) is None


def test_a_new_pairing_of_a_screen_closes_the_one_before(pairings: Pairings) -> None:
    first = token(pairings.begin("kiosk-1").url)
    second = token(pairings.begin("kiosk-1").url)

    assert pairings.take(first) is None
    assert pairings.take(second) == "kiosk-1"


def test_five_wrong_guesses_close_the_code_and_leave_the_token(pairings: Pairings) -> None:
    pairing = pairings.begin("kiosk-1")
    wrong = "A" * 6 if pairing.code != "A" * 6 else "B" * 6
    for _ in range(TRIES):
        assert pairings.take(wrong) is None

    assert pairings.take(pairing.code) is None
    assert pairings.take(token(pairing.url)) == "kiosk-1"


@pytest.mark.parametrize("said", ["", "x", "%", "K1:ABC", "A" * 600, "ÄÖÜ234"])
def test_anything_else_opens_nothing(said: str, pairings: Pairings) -> None:
    pairings.begin("kiosk-1")

    assert pairings.take(said) is None
