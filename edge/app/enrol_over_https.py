"""The request to central that a machine joins with. Retried by whoever calls, never here."""

import ssl
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urlsplit

import orjson
import urllib3

from edge.app.enrol_answer import MAX_BYTES
from edge.core.errors import RequestContractError, TrustError, UnavailableError, WireContractError

Post = Callable[[str, Mapping[str, str]], bytes]
"""Posts JSON to a path at central -> the answer's bytes."""

_TIMEOUT_S: Final = 20.0
_ON_THIS_MACHINE: Final = ("127.0.0.1", "localhost", "::1")
_OK, _TOO_MANY = 200, 429


def poster(central: str, trusted_pem: bytes) -> Post:
    """Return what posts to ``central``, whose certificate must be from a trusted authority.

    Raises:
        RequestContractError: It is no https address (http only on this very machine), or there is
            no authority's certificate.
    """
    parts = urlsplit(central)
    is_open = parts.scheme == "http" and parts.hostname in _ON_THIS_MACHINE
    if not parts.hostname or not (parts.scheme == "https" or is_open):
        msg = f"--central: wanted https://HOST, got {central[:100]!r}"
        raise RequestContractError(msg)

    context = _context(trusted_pem)

    def post(path: str, document: Mapping[str, str]) -> bytes:
        with urllib3.PoolManager(ssl_context=context, retries=False, timeout=_TIMEOUT_S) as pool:
            try:
                response = pool.request(
                    "POST",
                    central.rstrip("/") + path,
                    body=orjson.dumps(document),
                    headers={"Content-Type": "application/json"},
                    preload_content=False,
                    redirect=False,
                )
                body = response.read(MAX_BYTES + 1)
                response.release_conn()
            except urllib3.exceptions.HTTPError as error:
                msg = f"wanted central at {parts.hostname}, got {_plain(error)}; try again"
                raise UnavailableError(msg) from error
        return _checked(response.status, body)

    return post


def _context(trusted_pem: bytes) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    try:
        context.load_verify_locations(cadata=trusted_pem.decode("ascii"))
    except (ssl.SSLError, ValueError) as error:
        msg = "--ca: wanted the authority's certificate (PEM), got something else"
        raise RequestContractError(msg) from error
    return context


def _checked(status: int, body: bytes) -> bytes:
    if status == _OK:
        return body
    said = _said(body)
    if status == _TOO_MANY or status >= 500:
        msg = f"wanted central's answer, got {status}: {said}; try again"
        raise UnavailableError(msg)
    if status == 403:
        msg = f"central refused: {said}"
        raise TrustError(msg)
    msg = f"wanted central's answer, got {status}: {said}"
    raise WireContractError(msg)


def _said(body: bytes) -> str:
    try:
        found = orjson.loads(body)
        return str(found["error"])[:400]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return "a page that is not central's"


def _plain(error: Exception) -> str:
    return str(error).split("Caused by", 1)[-1][:200]
