"""What the process that decodes may say: four kinds of bounded messages, nothing else."""

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.devices.code_message import (
    MAX_TEXT_BYTES,
    GarbledError,
    Kind,
    Message,
    State,
    Unpacker,
    packed,
    state_of,
)

TEXTS = st.text(max_size=140)  # some are longer than 512 bytes
MESSAGES = st.builds(Message, st.sampled_from(Kind), st.floats(0, 1e9), TEXTS)


@given(st.lists(MESSAGES, max_size=5), st.integers(1, 40))
def test_messages_arrive_whole_however_a_pipe_cuts_them(messages: list[Message], size: int) -> None:
    sent = [(message, packed(message)) for message in messages]
    whole = b"".join(each for _, each in sent if each is not None)
    unpacker = Unpacker()

    pieces = [whole[at : at + size] for at in range(0, len(whole), size)]
    got = [message for piece in pieces for message in unpacker.feed(piece)]

    assert got == [message for message, each in sent if each is not None]


@given(st.binary(max_size=2_000))
def test_whatever_bytes_come_are_messages_or_refused(piece: bytes) -> None:
    unpacker = Unpacker()
    try:
        got = list(unpacker.feed(piece))
    except GarbledError:
        return

    assert all(len(message.text.encode()) <= MAX_TEXT_BYTES for message in got)
    assert len(unpacker._waiting) <= MAX_TEXT_BYTES + 11


def test_a_text_of_more_than_512_bytes_is_not_sent() -> None:
    assert packed(Message(Kind.QR, 1.0, "x" * 512)) is not None
    assert packed(Message(Kind.QR, 1.0, "ü" * 257)) is None


def test_half_a_surrogate_pair_is_not_sent() -> None:
    assert packed(Message(Kind.QR, 1.0, "\ud800")) is None


@pytest.mark.parametrize(
    "header",
    [
        struct.pack(">BdH", 9, 1.0, 1),
        struct.pack(">BdH", 2, math.nan, 1),
        struct.pack(">BdH", 2, math.inf, 1),
        struct.pack(">BdH", 2, 1.0, 513),
    ],
)
def test_a_header_that_is_none_is_refused_before_anything_more_is_kept(header: bytes) -> None:
    with pytest.raises(GarbledError):
        list(Unpacker().feed(header))


def test_a_text_that_is_no_utf8_is_dropped_and_the_next_one_read() -> None:
    unpacker = Unpacker()
    after = Message(Kind.QR, 2.0, "after")
    whole = packed(after)
    assert whole is not None

    got = list(unpacker.feed(struct.pack(">BdH", 2, 1.0, 2) + b"\xff\xfe" + whole))

    assert got == [after]
    assert unpacker.dropped == 1


@pytest.mark.parametrize("text", ["", "7", "-1", "00", "K1:ABC"])
def test_a_state_that_there_is_not_is_refused(text: str) -> None:
    with pytest.raises(GarbledError) as refused:
        state_of(Message(Kind.STATE, 1.0, text))

    assert "K1" not in str(refused.value)


def test_a_message_never_prints_its_text() -> None:
    assert "K1:SECRET" not in repr(Message(Kind.QR, 1.0, "K1:SECRET"))
    assert state_of(Message(Kind.STATE, 1.0, "0")) is State.LOOKING
