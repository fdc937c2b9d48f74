"""What is compressed comes back, and what was made to hurt is refused."""

import gzip
import hashlib

import pytest

from edge.core.errors import WireContractError
from edge.wire.compressed import GZIP, MAX_INFLATED_BYTES, WORTH_BYTES, inflate, squeeze

EVENTS = b'[{"id":"0190","data":{"event":"Offer Shown"}},' * 200


def test_a_large_message_is_compressed_and_comes_back() -> None:
    payload, encoding = squeeze(EVENTS)

    assert encoding == GZIP
    assert len(payload) < len(EVENTS) / 10
    assert inflate(payload, encoding) == EVENTS


@pytest.mark.parametrize("payload", [b"", b"x" * WORTH_BYTES])
def test_a_small_message_goes_as_it_is(payload: bytes) -> None:
    assert squeeze(payload) == (payload, "")
    assert inflate(payload, "") == payload


def test_a_message_that_would_grow_goes_as_it_is() -> None:
    noise = hashlib.shake_256(b"noise").digest(20_000)

    assert squeeze(noise)[1] == ""


def test_the_same_events_make_the_same_bytes() -> None:
    assert squeeze(EVENTS) == squeeze(EVENTS)


@pytest.mark.parametrize(
    ("payload", "encoding"),
    [
        (gzip.compress(bytes(MAX_INFLATED_BYTES + 1)), GZIP),
        (gzip.compress(bytes(1 << 28), 1), GZIP),
        (gzip.compress(EVENTS)[:-1], GZIP),
        (gzip.compress(EVENTS) + b"more", GZIP),
        (gzip.compress(EVENTS) * 2, GZIP),
        (EVENTS, GZIP),
        (b"", GZIP),
        (gzip.compress(EVENTS), "br"),
    ],
    ids=["a byte too many", "bomb", "cut", "tail", "two", "plain", "empty", "another encoding"],
)
def test_what_is_no_whole_gzip_message_or_too_much_is_refused(
    payload: bytes, encoding: str
) -> None:
    with pytest.raises(WireContractError):
        inflate(payload, encoding)


def test_exactly_the_most_is_taken() -> None:
    assert len(inflate(gzip.compress(bytes(MAX_INFLATED_BYTES)), GZIP)) == MAX_INFLATED_BYTES
