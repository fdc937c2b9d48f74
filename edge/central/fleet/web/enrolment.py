"""The two addresses that devices join at; JSON in and out, nothing else is shown.

Behind TLS only: the claim is a secret until it is used. ``may`` keeps one sender from keeping the
database busy; guessing a claim of 160 bits is not what it is for.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from flask import Blueprint, Response, jsonify, request

from edge.central.fleet.provision.renewal import Renewal
from edge.core.errors import ContractError, EdgeError, RequestContractError, TrustError
from edge.wire.canonical import parse_object

MAX_BYTES: Final = 16 * 1024


class Answer(Protocol):
    """A membership, as it is sent."""

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON."""
        ...


Enrol = Callable[[str, bytes], Answer]
"""Claim and certificate request -> membership."""
Renew = Callable[[Renewal], Answer]
"""A renewal with its proof -> membership."""
May = Callable[[str], bool]
"""Whether this sender may try now."""


def enrolment(enrol: Enrol, renew: Renew, may: May) -> Blueprint:
    """Return the pages that devices join at, to be registered by the fleet's server."""
    pages = Blueprint("enrolment", __name__)

    @pages.post("/enrol")
    def join() -> Response:
        return _answered(may, lambda: _join(enrol, _said("claim", "csr")))

    @pages.post("/enrol/renew")
    def stay() -> Response:
        return _answered(may, lambda: _stay(renew, _said("certificate", "csr", "at", "signature")))

    return pages


def _join(enrol: Enrol, said: Mapping[str, str]) -> Answer:
    return enrol(said["claim"], said["csr"].encode())


def _stay(renew: Renew, said: Mapping[str, str]) -> Answer:
    try:
        signature = bytes.fromhex(said["signature"])
    except ValueError as error:
        msg = "'signature': wanted hexadecimal digits, got something else"
        raise RequestContractError(msg) from error
    return renew(Renewal(said["certificate"].encode(), said["csr"].encode(), said["at"], signature))


def _answered(may: May, act: Callable[[], Answer]) -> Response:
    if not may(request.remote_addr or ""):
        return _response({"error": "wanted fewer requests; try again in a minute"}, 429)
    try:
        return _response(act().to_document(), 200)
    except EdgeError as error:
        return _response({"error": str(error)}, _status(error))


def _response(document: dict[str, Any], status: int) -> Response:
    response = jsonify(document)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response


def _said(*names: str) -> dict[str, str]:
    """Return the fields of the request, each of them a text."""
    if request.mimetype != "application/json":
        msg = "wanted application/json, got another content type"
        raise RequestContractError(msg)
    found = parse_object(request.stream.read(MAX_BYTES + 1), max_bytes=MAX_BYTES, what="request")
    if set(found) != set(names) or not all(isinstance(one, str) for one in found.values()):
        msg = f"wanted exactly the texts {', '.join(names)}, got something else"
        raise RequestContractError(msg)
    return found


def _status(error: EdgeError) -> int:
    match error:
        case TrustError():
            return 403
        case ContractError():
            return 400
        case _:
            return 503
