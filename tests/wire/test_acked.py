"""A device forgets only what central signed for it, and central's document keeps its schema."""

from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jsonschema import Draft202012Validator

from edge.core.errors import EdgeError, TrustError, WireContractError
from edge.wire.acked import MAX_ACKED_BYTES, MAX_RUNS, Acked, read_acked, runs_of, sign_acked
from edge.wire.canonical import canonical
from edge.wire.schema_files import schema

KEY = Ed25519PrivateKey.from_private_bytes(b"a" * 32)
CENTRAL = KEY.public_key().public_bytes_raw()
EPOCH = "0123456789abcdef"
ACKED = Acked(
    tenant="harbour", device="kiosk-1", epoch=EPOCH, lanes={"t": ((5, 24), (30, 31)), "m": ()}
)


def _read(payload: bytes, **of: str) -> Acked:
    return read_acked(
        payload, central_key=CENTRAL, **{"tenant": "harbour", "device": "kiosk-1"} | of
    )


def _signed(document: object) -> bytes:
    return canonical({"acked": document, "signature": KEY.sign(canonical(document)).hex()})


def test_what_central_signed_for_this_device_is_read_and_keeps_its_schema() -> None:
    payload = sign_acked(ACKED, KEY.sign)

    assert _read(payload) == ACKED
    Draft202012Validator(dict(schema("acked"))).validate(orjson.loads(payload))


@pytest.mark.parametrize("of", [{"device": "kiosk-2"}, {"tenant": "other-chain"}])
def test_a_word_for_another_device_is_refused(of: dict[str, str]) -> None:
    with pytest.raises(TrustError, match="another device"):
        _read(sign_acked(ACKED, KEY.sign), **of)


def test_a_word_that_somebody_else_signed_or_changed_is_refused() -> None:
    other = Ed25519PrivateKey.generate()
    changed = sign_acked(ACKED, KEY.sign).replace(b"[5,24]", b"[1,99]")

    for payload in (sign_acked(ACKED, other.sign), changed):
        with pytest.raises(TrustError, match="central signed"):
            _read(payload)


DOCUMENT = ACKED.model_dump(mode="json")


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"epoch": "x"},
        {"lanes": {"x": []}},
        {"lanes": {"t": [[0, 1]]}},
        {"lanes": {"t": [[1]]}},
        {"lanes": {"t": [[1, 2]] * (MAX_RUNS + 1)}},
        {"lanes": {"t": [["1", 2]]}},
        {"lanes": {"t": [[1, True]]}},
        {"more": 1},
    ],
)
def test_a_signed_word_of_another_form_is_refused_by_reader_and_schema(
    change: dict[str, Any],
) -> None:
    payload = _signed(DOCUMENT | change)

    with pytest.raises(WireContractError):
        _read(payload)
    assert not Draft202012Validator(dict(schema("acked"))).is_valid(orjson.loads(payload))


@pytest.mark.parametrize(
    "payload", [b"", b"[]", b"{}", b'{"acked":{},"signature":1}', b" " * (MAX_ACKED_BYTES + 1)]
)
def test_anything_else_is_refused(payload: bytes) -> None:
    with pytest.raises(EdgeError):
        _read(payload)


def test_the_largest_word_fits() -> None:
    runs = tuple((2**52 + 2 * n, 2**52 + 2 * n) for n in range(MAX_RUNS))
    acked = ACKED.model_copy(update={"lanes": dict.fromkeys("ctem", runs)})

    assert _read(sign_acked(acked, KEY.sign)) == acked


def test_numbers_become_runs() -> None:
    assert runs_of([1, 2, 3, 7, 9, 10]) == [(1, 3), (7, 7), (9, 10)]
    assert runs_of([]) == []
