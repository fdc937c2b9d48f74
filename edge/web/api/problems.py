"""Say what is wrong with a request: problem details that name what was wanted and what came.

Source: RFC 9457, "Problem Details for HTTP APIs".
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final

import orjson
from flask import Response
from pydantic import ValidationError

RETRY_AFTER_S: Final = 5
"""When to try again after the disk was full: the next round of eviction is done by then."""

MAX_MISTAKES: Final = 20
"""Mistakes named in one answer; a body of thousands must not be answered with thousands."""

MAX_CAME: Final = 60
"""Characters of what came that are repeated."""


class ProblemError(Exception):
    """A request that is answered with problem details instead of its result."""

    def __init__(self, status: HTTPStatus, detail: str, **members: object) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.members = members


def mistake(field: str, wanted: str, came: object) -> Mapping[str, str]:
    """Return one entry of ``mistakes``, with no more of ``came`` than a person reads."""
    if isinstance(came, bytes):
        came = came.decode(errors="replace")
    text = came if isinstance(came, str) else repr(came)
    if len(text) > MAX_CAME:
        text = f"{text[:MAX_CAME]}… ({len(text)} characters)"
    return {"field": field, "wanted": wanted, "came": text}


def refused(mistakes: Sequence[Mapping[str, str]], *, status: HTTPStatus) -> ProblemError:
    """Return the error for ``mistakes``; its detail is the first one as a sentence."""
    first = mistakes[0]
    detail = f"{first['field']}: wanted {first['wanted']}, got {first['came']!r}"
    if len(mistakes) > 1:
        detail += f" (and {len(mistakes) - 1} more)"
    return ProblemError(status, detail, mistakes=list(mistakes[:MAX_MISTAKES]))


def invalid(error: ValidationError, *, repeats: bool = True) -> ProblemError:
    """Return the error for a body that does not have its shape.

    ``repeats`` says whether what came may be told again; a customer's code may not.
    """
    entries = error.errors(include_url=False, include_context=False)
    found = [
        mistake(
            _place(entry["loc"]),
            _wanted(entry["type"], entry["msg"]),
            entry["input"] if repeats else "something else",
        )
        for entry in entries
    ]
    is_json = entries[0]["type"] != "json_invalid"
    return refused(
        found, status=HTTPStatus.UNPROCESSABLE_ENTITY if is_json else HTTPStatus.BAD_REQUEST
    )


def respond(status: HTTPStatus, detail: str, **members: object) -> Response:
    """Return problem details as a response.

    ``to_do`` says what helps; the OpenAPI description is where every shape can be read.
    """
    body = {
        "type": "about:blank",
        "title": status.phrase,
        "status": int(status),
        "detail": detail,
        "to_do": TO_DO.get(status, TO_DO[HTTPStatus.UNPROCESSABLE_ENTITY]),
        **members,
    }
    response = Response(
        orjson.dumps(body), status=int(status), content_type="application/problem+json"
    )
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response


TO_DO: Final[Mapping[HTTPStatus, str]] = {
    HTTPStatus.UNPROCESSABLE_ENTITY: "compare the request with /api/v1/openapi.json",
    HTTPStatus.FORBIDDEN: "call from the appliance itself",
    HTTPStatus.INTERNAL_SERVER_ERROR: "tell whoever looks after the appliance; its log has the cause",
    HTTPStatus.METHOD_NOT_ALLOWED: "use a method that /api/v1/openapi.json names for this path",
    HTTPStatus.NOT_FOUND: "see /api/v1/openapi.json for what there is",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "send less at once; events go in batches of up to 200",
    HTTPStatus.SERVICE_UNAVAILABLE: f"send the same request again after {RETRY_AFTER_S} s",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "send JSON with Content-Type: application/json",
}


def _place(location: tuple[str | int, ...]) -> str:
    parts = [f"[{part}]" if isinstance(part, int) else f".{part[:MAX_CAME]}" for part in location]
    return "".join(parts).removeprefix(".") or "body"


def _wanted(kind: str, message: str) -> str:
    words = {
        "missing": "a value here",
        "extra_forbidden": "no such field",
        "finite_number": "a finite number",
    }
    if kind == "json_invalid":
        return f"JSON ({message.removeprefix('Invalid JSON: ')})"
    return words.get(kind, message.removeprefix("Input should be ").removeprefix("Value error, "))
