"""Bytes as the 45 characters that a QR code packs densest.

Source: RFC 9285.
"""

from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_PLACES: Final = (1, 45, 45 * 45)
_VALUE: Final = {character: value for value, character in enumerate(ALPHABET)}


def encode(data: bytes) -> str:
    """Return ``data`` in base45: three characters per two bytes, two for a last odd one."""
    return "".join(_characters(data[at : at + 2]) for at in range(0, len(data), 2))


def decode(text: str) -> bytes:
    """Return the bytes of ``text``; every text has at most one reading, and bytes one text.

    Raises:
        ValueError: The text is not base45. What it says stands in no message: it may be a token.
    """
    if len(text) % 3 == 1:
        msg = f"wanted base45, whose length never leaves 1 over by 3, found {len(text)} characters"
        raise ValueError(msg)
    return b"".join(_bytes(text[at : at + 3]) for at in range(0, len(text), 3))


def _characters(pair: bytes) -> str:
    number = int.from_bytes(pair, "big")
    return "".join(ALPHABET[number // place % 45] for place in _PLACES[: len(pair) + 1])


def _bytes(characters: str) -> bytes:
    try:
        number = sum(_VALUE[one] * place for one, place in zip(characters, _PLACES, strict=False))
        return number.to_bytes(len(characters) - 1, "big")
    except (KeyError, OverflowError):
        msg = "wanted base45, found a character or a group of them that means no bytes"
        raise ValueError(msg) from None
