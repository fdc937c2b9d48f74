"""What a phone sends when it answers the question for consent, as a form or as JSON.

The key is 32 bytes in hexadecimal and comes in JSON only, made and kept by the phone's own
script. A form comes from a browser that cannot keep one.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from flask import request

from edge.core.errors import RequestContractError
from edge.identity.consent import Purpose
from edge.web.guard import JSON

_KEY: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Answer:
    """Yes or no, to which purposes, over the age or not, to which words."""

    is_yes: bool
    purposes: frozenset[Purpose]
    is_over_age: bool
    proof: str
    beacon_key: bytes | None = field(default=None, repr=False)


def is_json() -> bool:
    """Return whether this request comes from the page's own script."""
    return request.mimetype == JSON


def answered() -> Answer:
    """Return the answer in this request.

    Raises:
        RequestContractError: It is not one; nothing is recorded.
    """
    if not is_json():
        form = request.form
        return Answer(
            is_yes=form.get("answer") == "yes",
            purposes=purposes_in(form.getlist("purpose")),
            is_over_age="over_age" in form,
            proof=form.get("proof", ""),
        )
    body = request.get_json()
    said = body if isinstance(body, dict) else {}
    return Answer(
        is_yes=said.get("answer") == "yes",
        purposes=purposes_in(_list(said.get("purposes"))),
        is_over_age=said.get("over_age") is True,
        proof=str(said.get("proof", "")),
        beacon_key=_key(said.get("beacon_key")),
    )


def purposes_in(said: Iterable[object]) -> frozenset[Purpose]:
    """Return the purposes that are named.

    Raises:
        RequestContractError: One is not ours.
    """
    known = {purpose.value: purpose for purpose in Purpose}
    found = [known.get(str(name)) for name in said]
    if None in found:
        msg = f"wanted purposes out of {', '.join(known)}; got another. Load the page again."
        raise RequestContractError(msg)
    return frozenset(purpose for purpose in found if purpose)


def _list(said: object) -> list[object]:
    return said if isinstance(said, list) else []


def _key(said: object) -> bytes:
    if not isinstance(said, str) or not _KEY.fullmatch(said):
        msg = "wanted a key of 64 hexadecimal digits, got something else. Load the page again."
        raise RequestContractError(msg)
    return bytes.fromhex(said)
