"""The home key opens data at central; nothing leads from it to the phone's key, or from day keys to it."""

from datetime import UTC, datetime

import pytest

from edge.identity.codes import k1
from edge.identity.day_keys import day_key, day_of, pseudonym_of
from edge.identity.home_key import home_day_key, home_key, home_tag
from edge.identity.presence import Refusal
from edge.identity.proof import ProofReader, proof
from edge.identity.windows import Windows

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
BEACON_KEY = bytes(range(32))


def test_the_derivation_is_the_agreed_one() -> None:
    # The phone's script derives the same: tests/browser/test_my_data_at_home.py.
    key = home_key(BEACON_KEY, 7)

    assert key.hex() == "a6260297444543424a83ac9387d47b3c7078d46bfeced41e9e2eda43d093ed71"
    assert home_tag(key).hex() == "2f996a2e0906b81c34afd52a434c459b"


def test_every_group_has_another_key_and_nothing_of_it_is_the_phones() -> None:
    keys = {home_key(BEACON_KEY, group) for group in (0, 1, 4_294_967_295)}
    tags = {home_tag(key) for key in keys}

    assert len(keys) == len(tags) == 3
    assert BEACON_KEY not in keys
    assert not any(tag.startswith(pseudonym_of(BEACON_KEY)) for tag in tags)


@pytest.mark.parametrize("text", ["code", "proof"])
def test_a_home_key_opens_no_kiosk_and_no_page_in_a_shop(text: str) -> None:
    windows = Windows()
    windows.put(b"c" * 16, {day_of(NOW): day_key(BEACON_KEY, 1, day_of(NOW))}, NOW)  # type: ignore[arg-type]
    windows.roll(NOW)
    made = home_day_key(home_key(BEACON_KEY, 1), day_of(NOW))

    shown = proof(made, NOW, b"1234") if text == "proof" else k1(made, NOW, b"1234")

    assert ProofReader(windows).read(f"P1:{shown[3:]}", NOW) == Refusal.UNKNOWN
