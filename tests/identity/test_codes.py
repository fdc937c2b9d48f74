"""The codes a phone draws."""

import hmac
from datetime import timedelta

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from edge.identity import base45
from edge.identity.codes import K1, K2, K4, Issuer, credential, k1, k2, k4, parse, public_key_of
from tests.fakes import frozen_token
from tests.fakes.frozen_token import AT, DAY_KEY, ROLLING_ID

ISSUER = Issuer(b"shop", bytes(range(32)))
OTHER = Issuer(b"shop", bytes(range(1, 33)))
PHONE = bytes(range(32, 64))
PSEUDONYM = b"pseudo-8"
CREDENTIAL = credential(ISSUER, PSEUDONYM, AT + timedelta(days=90), 3, public_key_of(PHONE))
K1_CODE = k1(DAY_KEY, AT, b"once")
K2_CODE = k2(ISSUER, PSEUDONYM, AT, b"once", 2)
K4_CODE = k4(CREDENTIAL, PHONE, AT, b"once")


@pytest.mark.parametrize(
    ("code", "characters", "version"),
    [(K1_CODE, 41, 3), (K2_CODE, 134, 6), (K4_CODE, 284, 10)],
    ids=["K1", "K2", "K4"],
)
def test_a_code_is_as_long_as_agreed_and_fits_its_symbol(
    code: str, characters: int, version: int
) -> None:
    symbol = segno.make(code, error="m", boost_error=False)

    assert len(code) == characters
    assert (symbol.version, symbol.mode) == (version, "alphanumeric")


def test_a_k1_code_has_the_agreed_layout() -> None:
    raw = base45.decode(K1_CODE[3:])

    assert raw[:17] == b"\x01" + ROLLING_ID + (1_790_000_000).to_bytes(4, "big") + b"once"
    assert len(raw) == 25
    assert raw[17:] == hmac.new(DAY_KEY, b"KB1-QR" + raw[:17], "sha256").digest()[:8]
    assert frozen_token.K1_CODE == K1_CODE
    assert parse(K1_CODE) == K1(1_790_000_000, ROLLING_ID, b"once", raw)


def test_a_k4_code_is_a_credential_and_the_phones_proof() -> None:
    raw = base45.decode(K4_CODE[3:])
    expires = int((AT + timedelta(days=90)).timestamp())

    assert len(CREDENTIAL) == 115
    assert CREDENTIAL[:51] == (
        b"\x01shop" + PSEUDONYM + expires.to_bytes(4, "big") + b"\x00\x03" + public_key_of(PHONE)
    )
    assert raw[:123] == CREDENTIAL + (1_790_000_000).to_bytes(4, "big") + b"once"
    assert len(raw) == 187
    assert parse(K4_CODE) == K4(
        1_790_000_000, expires, 3, b"shop", PSEUDONYM, public_key_of(PHONE), b"once", raw
    )


def test_a_k2_code_has_the_agreed_layout() -> None:
    raw = base45.decode(K2_CODE[3:])

    assert raw[:23] == (
        b"\x01shop" + PSEUDONYM + (1_790_000_000).to_bytes(4, "big") + b"once" + b"\x00\x02"
    )
    assert len(raw) == 87
    assert parse(K2_CODE) == K2(1_790_000_000, 2, b"shop", PSEUDONYM, b"once", raw)


def test_each_code_is_good_with_the_key_it_was_made_with_and_no_other() -> None:
    one, two, four = parse(K1_CODE), parse(K2_CODE), parse(K4_CODE)
    assert isinstance(one, K1)
    assert isinstance(two, K2)
    assert isinstance(four, K4)

    assert one.is_made_with(DAY_KEY)
    assert not one.is_made_with(bytes(16))
    assert two.is_signed_by(ISSUER.public_key)
    assert not two.is_signed_by(OTHER.public_key)
    assert four.is_signed_by(ISSUER.public_key)
    assert not four.is_signed_by(OTHER.public_key)
    assert not four.is_signed_by(b"no key")


def changed(code: str, place: int) -> str:
    raw = bytearray(base45.decode(code[3:]))
    raw[place] ^= 1
    return code[:3] + base45.encode(bytes(raw))


@pytest.mark.parametrize("place", range(1, 25))
def test_a_change_of_any_byte_of_a_k1_code_is_found(place: int) -> None:
    code = parse(changed(K1_CODE, place))

    assert isinstance(code, K1)
    assert not code.is_made_with(DAY_KEY)


@pytest.mark.parametrize("place", range(1, 87))
def test_a_change_of_any_byte_of_a_k2_code_is_found(place: int) -> None:
    code = parse(changed(K2_CODE, place))

    assert isinstance(code, K2)
    assert not code.is_signed_by(ISSUER.public_key)


@pytest.mark.parametrize("place", range(1, 187))
def test_a_change_of_any_byte_of_a_k4_code_is_found(place: int) -> None:
    code = parse(changed(K4_CODE, place))

    assert isinstance(code, K4)
    assert not code.is_signed_by(ISSUER.public_key)


def test_a_stolen_credential_is_no_use_without_the_phones_key() -> None:
    code = parse(k4(CREDENTIAL, bytes(32), AT, b"once"))

    assert isinstance(code, K4)
    assert not code.is_signed_by(ISSUER.public_key)


def test_a_signature_of_one_kind_of_code_is_none_of_another() -> None:
    as_holder = parse(k4(CREDENTIAL, ISSUER.secret, AT, b"once"))
    raw = base45.decode(K2_CODE[3:])

    assert isinstance(as_holder, K4)
    assert not as_holder.is_signed_by(ISSUER.public_key)
    assert parse("K4:" + base45.encode(raw)) is None


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("K1:", id="a name alone"),
        pytest.param(K1_CODE[:-1], id="cut"),
        pytest.param(K1_CODE + "0", id="longer"),
        pytest.param(K1_CODE[3:], id="without its name"),
        pytest.param(K1_CODE.lower(), id="in small letters"),
        pytest.param(" " + K1_CODE, id="after a blank"),
        pytest.param("K2:" + K1_CODE[3:], id="under another name"),
        pytest.param("K3:" + K1_CODE[3:], id="under no name of ours"),
        pytest.param("K1:" + base45.encode(b"\x02" + bytes(24)), id="of a later version"),
        pytest.param("K1:ÄÖÜ", id="no base45"),
    ],
)
def test_what_is_no_whole_code_is_nothing(text: str) -> None:
    assert parse(text) is None


@given(st.sampled_from(["K1:", "K2:", "K4:"]), st.binary(max_size=200))
def test_any_bytes_are_taken_apart_without_an_error(name: str, raw: bytes) -> None:
    code = parse(name + base45.encode(raw))

    assert code is None or code.raw == raw


def test_nothing_of_a_token_is_shown_when_it_is_printed() -> None:
    assert repr(parse(K1_CODE)) == "K1(at_s=1790000000)"
    for text in (repr(parse(K2_CODE)), repr(parse(K4_CODE)), repr(ISSUER)):
        assert "pseudo" not in text
        assert "once" not in text
        assert "secret" not in text
