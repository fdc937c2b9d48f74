"""What central says about customers is taken only from a message sealed to this device."""

from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from edge.core.errors import EdgeError, TrustError, WireContractError
from edge.identity.consent import Purpose
from edge.identity.sealing import seal, unseal
from edge.wire.profile_message import ERASE_INFO, PROFILE_INFO, parse_erase, parse_profile
from edge.wire.schema_files import SEALED, schema

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ID = "019c0000-0000-7000-8000-000000000001"
DEVICE = X25519PrivateKey.from_private_bytes(b"\x07" * 32)
CUSTOMER = {
    "pseudonym": "a1b2c3d4e5f60718",
    "since_at": "2026-02-01T12:00:00Z",
    "language": "de",
    "day_keys": {"20513": "00" * 16, "20514": "11" * 16},
    "purchases": [{"sku": "latte", "day": 20510, "count": 2}],
    "wishes": {"starred": ["latte"], "muted": ["tea"], "surprise": "none"},
    "consents": [
        {
            "event_id": ID,
            "record_id": ID,
            "purpose": "past_orders",
            "state": "given",
            "at": "2026-02-01T12:00:00Z",
        }
    ],
}


def opens(sealed: bytes, info: bytes) -> bytes:
    return unseal(sealed, DEVICE.private_bytes_raw(), info)


def message(inner: object, info: bytes = PROFILE_INFO, to: X25519PrivateKey = DEVICE) -> bytes:
    plain = inner if isinstance(inner, bytes) else orjson.dumps(inner)
    sealed = seal(plain, to.public_key().public_bytes_raw(), info)
    return orjson.dumps(
        {
            "version": 1,
            "message_id": ID,
            "sent_at": "2026-03-01T12:00:00Z",
            "sealed": b64encode(sealed).decode(),
        }
    )


def complaints(name: str, value: object) -> list[str]:
    validator = Draft202012Validator(dict(schema(name)), format_checker=FormatChecker())
    return [error.message for error in validator.iter_errors(value)]


def test_a_profile_brings_day_keys_purchases_wishes_and_consents() -> None:
    payload = message({"customers": [CUSTOMER]})

    (said,) = parse_profile(payload, opens).customers

    assert said.keys_by_day() == {20513: bytes(16), 20514: b"\x11" * 16}
    assert said.purchases[0].sku == "latte"
    assert said.wishes is not None
    assert said.wishes.surprise == "none"
    assert said.consents[0].purpose is Purpose.PAST_ORDERS
    assert complaints("profile", orjson.loads(payload)) == []
    assert complaints("profile_sealed", {"customers": [CUSTOMER]}) == []


def test_an_erasure_names_whom_to_forget() -> None:
    inner = {"pseudonyms": ["a1b2c3d4e5f60718"]}
    payload = message(inner, ERASE_INFO)

    assert parse_erase(payload, opens).pseudonyms == ("a1b2c3d4e5f60718",)
    assert complaints("erase", orjson.loads(payload)) == []
    assert complaints("erase_sealed", inner) == []


def test_a_message_sealed_to_another_device_is_not_taken() -> None:
    other = X25519PrivateKey.from_private_bytes(b"\x08" * 32)

    with pytest.raises(TrustError):
        parse_profile(message({"customers": [CUSTOMER]}, to=other), opens)


def test_a_profile_cannot_be_passed_off_as_an_erasure() -> None:
    with pytest.raises(TrustError):
        parse_erase(message({"customers": [CUSTOMER]}), opens)


WRONG: list[dict[str, Any]] = [
    {"pseudonym": "zz"},
    {"day_keys": {"20513": "00"}},
    {"day_keys": {"tomorrow": "00" * 16}},
    {"purchases": [{"sku": "latte", "day": -1, "count": 1}]},
    {"purchases": [{"sku": "latte", "day": 1, "count": 1, "price": 3}]},
    {"consents": []},
    {"wishes": {"diagnosis": "secret"}},
]


@pytest.mark.parametrize("change", WRONG, ids=[next(iter(w)) + str(n) for n, w in enumerate(WRONG)])
def test_a_wrong_profile_is_refused_whole_and_no_value_is_repeated(change: dict[str, Any]) -> None:
    inner = {"customers": [CUSTOMER, {**CUSTOMER, **change}]}

    with pytest.raises(WireContractError) as refused:
        parse_profile(message(inner), opens)

    assert "profile: wanted schemas/profile.json" in str(refused.value)
    assert "secret" not in str(refused.value)
    assert str(CUSTOMER["pseudonym"]) not in str(refused.value)
    assert complaints("profile_sealed", inner) != []


@given(st.binary(max_size=300))
def test_any_bytes_are_a_message_or_a_refusal(payload: bytes) -> None:
    for parse in (parse_profile, parse_erase):
        with pytest.raises(EdgeError):
            parse(payload, opens)


@given(st.binary(max_size=300))
def test_any_sealed_bytes_are_a_profile_or_a_refusal(inner: bytes) -> None:
    with pytest.raises(EdgeError):
        parse_profile(message(inner), opens)


@pytest.mark.parametrize("name", SEALED)
def test_a_sealed_schema_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(dict(schema(name)))
