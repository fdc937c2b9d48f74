"""Events about customers name them to central alone."""

from base64 import b64decode
from datetime import UTC, datetime

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from edge.core.chance import system_chance
from edge.core.clock import SettableClock
from edge.core.errors import TrustError
from edge.identity.sealing import seal, unseal
from edge.wire.cloudevents import Event, Origin
from edge.wire.customer_events import ENROLMENT_INFO, SUBJECT_INFO, CustomerEvents

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CENTRAL = X25519PrivateKey.from_private_bytes(b"\x05" * 32)
PSEUDONYM = bytes.fromhex("a1b2c3d4e5f60718")


def events(central_key: bytes) -> CustomerEvents:
    origin = Origin("harbour", "kiosk-01", "0.1.0", lambda: "rtc")
    return CustomerEvents(origin, SettableClock(NOON), system_chance, central_key)


def properties(made: Event) -> dict[str, str]:
    found: dict[str, str] = orjson.loads(made.body)["data"]["properties"]
    return found


def test_only_central_reads_whom_an_erasure_is_about() -> None:
    made = events(CENTRAL.public_key().public_bytes_raw()).erasure("e" * 32, PSEUDONYM, "customer")
    sealed = b64decode(properties(made)["subject_sealed"])

    opened = unseal(sealed, CENTRAL.private_bytes_raw(), SUBJECT_INFO)

    assert orjson.loads(opened) == {"pseudonym": PSEUDONYM.hex()}
    assert PSEUDONYM not in made.body
    assert PSEUDONYM.hex().encode() not in made.body


def test_without_centrals_key_an_event_names_nobody() -> None:
    made = events(b"").erasure("e" * 32, PSEUDONYM, "retention")

    assert properties(made)["subject_sealed"] == ""


def test_events_about_customers_leave_before_everything_else() -> None:
    assert events(b"").erasure("e" * 32, PSEUDONYM, "central").lane == "c"


def test_the_same_enrolment_never_looks_the_same_twice() -> None:
    maker = events(CENTRAL.public_key().public_bytes_raw())

    assert properties(maker.enrolment(b"key")) != properties(maker.enrolment(b"key"))


@pytest.mark.parametrize("where", [0, 20, 40, -1])
def test_a_sealed_message_that_was_changed_does_not_open(where: int) -> None:
    sealed = bytearray(seal(b"text", CENTRAL.public_key().public_bytes_raw(), ENROLMENT_INFO))
    sealed[where] ^= 1

    with pytest.raises(TrustError, match="sealed to this device"):
        unseal(bytes(sealed), CENTRAL.private_bytes_raw(), ENROLMENT_INFO)


def test_a_message_sealed_for_one_purpose_does_not_open_for_another() -> None:
    sealed = seal(b"text", CENTRAL.public_key().public_bytes_raw(), ENROLMENT_INFO)

    with pytest.raises(TrustError):
        unseal(sealed, CENTRAL.private_bytes_raw(), SUBJECT_INFO)


@pytest.mark.parametrize("sealed", [b"", b"short", bytes(32), bytes(80)])
def test_what_was_never_sealed_does_not_open(sealed: bytes) -> None:
    with pytest.raises(TrustError):
        unseal(sealed, CENTRAL.private_bytes_raw(), SUBJECT_INFO)
