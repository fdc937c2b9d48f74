"""The code a screen shows: one per screen, for its time, read by a phone."""

from datetime import UTC, datetime, timedelta

import pytest

from edge.web.kiosk.pairings import ShownPairings, in_threes, picture
from edge.web.recognition_ports import Pairing

NOW = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
URL = "HTTPS://KIOSK.SHOP.EXAMPLE:8443/P/ABCDEFGHIJKLMNOPQRST"


def pairing(url: str = URL) -> Pairing:
    return Pairing(url, "ABCDEF", NOW + timedelta(seconds=60))


def test_a_screen_shows_its_newest_until_its_time_is_over() -> None:
    pairings = ShownPairings()
    pairings.put("kiosk-1", pairing())
    pairings.put("kiosk-1", newest := pairing(URL[:-1] + "X"))

    assert pairings.get("kiosk-1", NOW + timedelta(seconds=59)) == newest
    assert pairings.get("kiosk-1", NOW + timedelta(seconds=60)) is None
    assert pairings.get("kiosk-2", NOW) is None


def test_what_is_dropped_is_not_shown_and_dropping_nothing_is_fine() -> None:
    pairings = ShownPairings()
    pairings.drop("kiosk-1")
    pairings.put("kiosk-1", pairing())
    pairings.drop("kiosk-1")

    assert pairings.get("kiosk-1", NOW) is None


def test_the_picture_is_the_address_and_nothing_else() -> None:
    drawn = picture(pairing()).decode()

    assert "<script" not in drawn
    assert "KIOSK" not in drawn  # drawn, not written
    assert drawn.count("<path") == 2


@pytest.mark.parametrize(("code", "said"), [("ABCDEF", "ABC DEF"), ("ABCD", "ABC D"), ("", "")])
def test_a_code_is_read_in_threes(code: str, said: str) -> None:
    assert in_threes(code) == said
