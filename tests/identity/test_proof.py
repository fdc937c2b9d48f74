"""A phone proves itself with something that is never drawn, once, within a minute."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.identity.code_reader import CodeReader
from edge.identity.codes import k1
from edge.identity.day_keys import day_key, day_of
from edge.identity.presence import Refusal
from edge.identity.profile import CustomerId
from edge.identity.proof import ProofReader, proof
from edge.identity.windows import Windows

NOON = datetime(2026, 9, 21, 12, tzinfo=UTC)
AMIRA = CustomerId(b"a" * 16)
KEY = day_key(bytes(range(32)), 7, day_of(NOON))


@pytest.fixture
def windows() -> Windows:
    known = Windows()
    known.put(AMIRA, {day_of(NOON): KEY}, NOON)
    known.roll(NOON)
    return known


def test_a_fresh_proof_says_whose_phone_it_is_once(windows: Windows) -> None:
    reader = ProofReader(windows)
    made = proof(KEY, NOON, b"1234")

    assert reader.read(made, NOON) == AMIRA
    assert reader.read(made, NOON) is Refusal.USED


def test_a_code_that_stood_on_a_display_proves_nothing(windows: Windows) -> None:
    shown = k1(KEY, NOON, b"1234")

    assert ProofReader(windows).read(shown, NOON) is Refusal.UNREADABLE
    assert ProofReader(windows).read("P1:" + shown[3:], NOON) is Refusal.FORGED


def test_a_proof_is_no_code_at_a_kiosk(windows: Windows) -> None:
    made = proof(KEY, NOON, b"1234")
    kiosk = CodeReader(windows, {}, lambda _: None)

    assert kiosk.read(made, NOON) is None
    assert kiosk.read("K1:" + made[3:], NOON) is Refusal.FORGED


@pytest.mark.parametrize(
    ("off_s", "refusal"), [(61, Refusal.LATE), (-61, Refusal.EARLY), (60, None), (-60, None)]
)
def test_a_proof_holds_for_a_minute_either_way(
    off_s: int, refusal: Refusal | None, windows: Windows
) -> None:
    made = proof(KEY, NOON - timedelta(seconds=off_s), b"1234")

    assert ProofReader(windows).read(made, NOON) == (refusal or AMIRA)


def test_a_phone_of_nobody_here_proves_nothing(windows: Windows) -> None:
    made = proof(b"other key 16 byt", NOON, b"1234")

    assert ProofReader(windows).read(made, NOON) is Refusal.UNKNOWN


@given(st.text(max_size=80) | st.text("0123456789ABC $%*+-./:", max_size=60).map("P1:".__add__))
def test_any_other_text_is_refused_and_never_an_error(text: str) -> None:
    assert isinstance(ProofReader(Windows()).read(text, NOON), Refusal)
