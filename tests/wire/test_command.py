from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.core.errors import EdgeError, TrustError, WireContractError
from edge.wire.canonical import canonical
from edge.wire.command import Addressee, Command, read_command, sign_command

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(b"c" * 32)
CENTRAL = KEY.public_key().public_bytes_raw()
US = Addressee("harbour", "harbour-kitchen", "kiosk-1", last_seq=4)
COMMAND = Command(
    command_id="018f0000-0000-7000-8000-000000000001",
    name="log-tail",
    arguments={"lines": 20},
    tenant="harbour",
    site="harbour-kitchen",
    device="kiosk-1",
    seq=5,
    issued_at=NOW,
    expires_at=NOW + timedelta(minutes=10),
)


def _read(payload: bytes, to: Addressee = US, now: datetime = NOW) -> Command:
    return read_command(payload, central_key=CENTRAL, to=to, now=now)


def test_a_command_of_central_for_this_device_is_read() -> None:
    assert _read(sign_command(COMMAND, KEY.sign)) == COMMAND


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"device": "kiosk-2"}, "another device"),
        ({"site": "other-shop"}, "another device"),
        ({"tenant": "other-chain"}, "another device"),
        ({"seq": 4}, "above number 4"),
        ({"expires_at": NOW}, "holds for at most"),
        ({"expires_at": NOW + timedelta(hours=1)}, "holds for at most"),
        ({"issued_at": NOW - timedelta(minutes=1), "expires_at": NOW}, "holds at"),
        (
            {
                "issued_at": NOW - timedelta(minutes=11),
                "expires_at": NOW - timedelta(minutes=1),
            },
            "holds at",
        ),
        (
            {
                "issued_at": NOW + timedelta(minutes=5),
                "expires_at": NOW + timedelta(minutes=9),
            },
            "holds at",
        ),
    ],
)
def test_a_signed_command_that_is_not_for_us_not_new_or_not_now_is_refused(
    change: dict[str, Any], why: str
) -> None:
    with pytest.raises(TrustError, match=why):
        _read(sign_command(COMMAND.model_copy(update=change), KEY.sign))


def _with(**change: object) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda found: found | change


@pytest.mark.parametrize(
    "spoil",
    [
        lambda found: {**found, "command": {**found["command"], "name": "identify"}},
        _with(signature="00" * 64),
        _with(signature="zz"),
    ],
)
def test_a_command_that_was_changed_on_its_way_is_refused(
    spoil: Callable[[dict[str, Any]], dict[str, Any]],
) -> None:
    found = spoil(orjson.loads(sign_command(COMMAND, KEY.sign)))
    with pytest.raises(TrustError, match="central signed"):
        _read(orjson.dumps(found))


@pytest.mark.parametrize("spoil", [_with(more=1), _with(signature=7), lambda found: {}])
def test_what_is_no_command_is_refused(
    spoil: Callable[[dict[str, Any]], dict[str, Any]],
) -> None:
    with pytest.raises(WireContractError):
        _read(orjson.dumps(spoil(orjson.loads(sign_command(COMMAND, KEY.sign)))))


def test_a_signed_document_that_is_no_command_is_refused() -> None:
    document = {"do": "anything"}
    signed = {"command": document, "signature": KEY.sign(canonical(document)).hex()}
    with pytest.raises(EdgeError, match="mistakes"):
        _read(orjson.dumps(signed))


def test_the_same_command_is_not_taken_twice() -> None:
    payload = sign_command(COMMAND, KEY.sign)
    with pytest.raises(TrustError, match="repeat"):
        _read(payload, replace(US, last_seq=COMMAND.seq))
