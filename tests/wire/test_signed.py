"""Over the broker only central's own word is taken, for this device, for one purpose."""

from datetime import UTC, datetime

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from edge.core.errors import EdgeError, TrustError, WireContractError
from edge.wire.profile_message import ERASE_INFO, PROFILE_INFO
from edge.wire.signed import Stamp, check_signature, signed_text

CENTRAL = Ed25519PrivateKey.from_private_bytes(b"\x03" * 32)
KEY = CENTRAL.public_key().public_bytes_raw()
DEVICE = b"d" * 32
ID = "019c0000-0000-7000-8000-000000000001"
SENT = "2026-03-01T12:00:00Z"


def message(**change: str) -> bytes:
    fields = {"message_id": ID, "sent_at": SENT, "sealed": "AAAA"}
    signature = CENTRAL.sign(signed_text(PROFILE_INFO, DEVICE, ID, SENT, "AAAA")).hex()
    return orjson.dumps({"version": 1, **fields, "signature": signature, **change})


def checked(payload: bytes, key: bytes = KEY, info: bytes = PROFILE_INFO) -> Stamp:
    return check_signature(payload, central_key=key, info=info, device_key=DEVICE)


def test_a_message_that_central_signed_is_taken_and_says_when_it_was_written() -> None:
    stamp = checked(message())

    assert stamp == Stamp(datetime(2026, 3, 1, 12, tzinfo=UTC), ID)
    assert Stamp.from_text(stamp.to_text()) == stamp


@pytest.mark.parametrize(
    "change",
    [
        {"sealed": "AAAB"},
        {"sent_at": "2026-03-01T12:00:01Z"},
        {"message_id": ID[:-1] + "2"},
        {"signature": "00" * 64},
        {"signature": ""},
        {"signature": "zz" * 64},
    ],
    ids=lambda change: next(iter(change)),
)
def test_whatever_is_changed_in_it_is_noticed(change: dict[str, str]) -> None:
    with pytest.raises(TrustError, match="central signed"):
        checked(message(**change))


def test_it_cannot_be_used_for_another_purpose_device_or_center() -> None:
    other = Ed25519PrivateKey.from_private_bytes(b"\x04" * 32).public_key().public_bytes_raw()

    with pytest.raises(TrustError):
        checked(message(), info=ERASE_INFO)
    with pytest.raises(TrustError):
        checked(message(), key=other)
    with pytest.raises(TrustError):
        check_signature(message(), central_key=KEY, info=PROFILE_INFO, device_key=b"e" * 32)
    with pytest.raises(TrustError):
        checked(message(), key=b"")


def test_no_field_can_run_into_the_next() -> None:
    assert signed_text(b"a", b"bc", "d", "e", "f") != signed_text(b"ab", b"c", "d", "e", "f")


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_and_never_an_error_of_ours(payload: bytes) -> None:
    with pytest.raises(EdgeError):
        checked(payload)


@pytest.mark.parametrize("payload", [b"{}", b"[]", b'{"message_id":1}', b"x" * 300_000])
def test_what_is_no_message_is_refused_as_such(payload: bytes) -> None:
    with pytest.raises(WireContractError):
        checked(payload)
