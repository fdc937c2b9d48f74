"""Bytes as the characters that a QR code packs densest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.identity.base45 import ALPHABET, decode, encode

PUBLISHED = [(b"AB", "BB8"), (b"Hello!!", "%69 VD92EX0"), (b"base-45", "UJCLQE7W581")]


@pytest.mark.parametrize(("data", "text"), PUBLISHED)
def test_the_published_examples_are_written_and_read(data: bytes, text: str) -> None:
    assert encode(data) == text
    assert decode(text) == data


def test_the_published_text_is_read() -> None:
    assert decode("QED8WEX0") == b"ietf!"


@given(st.binary(max_size=200))
def test_what_was_written_is_read_back(data: bytes) -> None:
    assert decode(encode(data)) == data


@given(st.text(ALPHABET, max_size=60))
def test_bytes_have_one_text_so_that_a_used_code_has_no_second_spelling(text: str) -> None:
    try:
        data = decode(text)
    except ValueError:
        return

    assert encode(data) == text


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("A", id="one character left over"),
        pytest.param("BB8B", id="one left over after three"),
        pytest.param("::", id="two characters above 255"),
        pytest.param("GGW", id="65536"),
        pytest.param(":::", id="the largest group"),
        pytest.param("bb8", id="small letters"),
        pytest.param("BÄ8", id="a letter of no QR code"),
    ],
)
def test_what_is_not_base45_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ValueError, match="wanted base45") as caught:
        decode(text)

    assert text not in str(caught.value)
