"""One spelling for one meaning: the bytes of a JSON document that are signed.

Keys sorted, no spaces, UTF-8, and only what every language spells alike: no fractions. For such
documents this is RFC 8785.
"""

from typing import Any, Final

import orjson

from edge.core.errors import WireContractError

MAX_DEPTH: Final = 16
MAX_NESTING: Final = 32
"""Of what others send. What is read deeper than 250 cannot be written again, by orjson or by pydantic,
and would end whoever tries."""
_MAX_WHOLE: Final = 2**53 - 1


def canonical(document: object) -> bytes:
    """Return the one spelling of ``document``.

    Raises:
        WireContractError: It holds what is spelled differently elsewhere (fractions, whole numbers
            beyond 2^53, keys that are not ASCII), or is nested deeper than 16.
    """
    _check(document, 0)
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def parse_object(payload: bytes, *, max_bytes: int, what: str) -> dict[str, Any]:
    """Return the JSON object in ``payload``.

    Raises:
        WireContractError: It is longer than ``max_bytes``, not JSON, not an object, or nested deeper
            than 32.
    """
    if len(payload) > max_bytes:
        msg = f"{what}: wanted at most {max_bytes} bytes, got {len(payload)}"
        raise WireContractError(msg)
    try:
        found = orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        msg = f"{what}: wanted JSON, got {error}"
        raise WireContractError(msg) from error
    if not isinstance(found, dict):
        msg = f"{what}: wanted a JSON object, got {type(found).__name__}"
        raise WireContractError(msg)
    # Counting brackets is cheap and enough for nearly every document.
    if payload.count(b"{") + payload.count(b"[") > MAX_NESTING and is_deeper(found, MAX_NESTING):
        msg = f"{what}: wanted values nested at most {MAX_NESTING} deep, got deeper ones"
        raise WireContractError(msg)
    return found


def is_deeper(value: object, than: int) -> bool:
    """Say whether ``value`` is nested deeper; looks level by level, so no depth can overflow it."""
    level: list[Any] = [value]
    for _ in range(than + 1):
        inner: list[Any] = []
        for one in level:
            if isinstance(one, dict):
                inner += one.values()
            elif isinstance(one, list):
                inner += one
        level = [one for one in inner if isinstance(one, dict | list)]
        if not level:
            return False
    return True


def _check(value: object, depth: int) -> None:
    if depth > MAX_DEPTH:
        msg = f"wanted a document nested at most {MAX_DEPTH} deep, got a deeper one"
        raise WireContractError(msg)
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str) or not key.isascii():
                msg = f"wanted ASCII keys in a signed document, got {key!r}"
                raise WireContractError(msg)
            _check(inner, depth + 1)
    elif isinstance(value, list | tuple):
        for inner in value:
            _check(inner, depth + 1)
    elif not _is_plain(value):
        msg = f"wanted text, whole numbers, true, false or null in a signed document, got {value!r}"
        raise WireContractError(msg)


def _is_plain(value: object) -> bool:
    if isinstance(value, int):  # a bool is one
        return abs(value) <= _MAX_WHOLE
    return value is None or isinstance(value, str)
