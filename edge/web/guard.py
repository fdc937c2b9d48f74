"""Who may ask for what: known hosts, requests from our own pages, bodies of a bearable size.

A page of another origin can make a browser send a request to this service. Three things stand
against it: the browser says where a request comes from (``Sec-Fetch-Site``, else ``Origin``);
a form carries a token that only our pages know; and what carries no token must be JSON, which
another origin cannot send without asking first.

Source: security.md, T8 and "Web rules".
"""

import hashlib
import hmac
import json
from typing import Final
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, request
from markupsafe import Markup
from werkzeug.exceptions import (
    BadRequest,
    Forbidden,
    RequestEntityTooLarge,
    UnsupportedMediaType,
)

from edge.core.chance import Chance
from edge.web.ports import WebSettings

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
COOKIE: Final = "edge_form"
FIELD: Final = "csrf_token"
HEADER: Final = "X-CSRF-Token"
JSON: Final = "application/json"


class UnknownHostError(BadRequest):
    """The request names a host this appliance does not answer for."""


class StaleFormError(Forbidden):
    """A form without a valid token: it was not made by us, or before a restart."""


def install(app: Flask, settings: WebSettings, chance: Chance) -> None:
    """Check every request to ``app`` before a page sees it."""
    app.config.update(
        MAX_CONTENT_LENGTH=settings.max_body_bytes,
        MAX_FORM_MEMORY_SIZE=settings.max_body_bytes,
        MAX_FORM_PARTS=50,
    )
    app.extensions["edge.guard"] = (chance(32), chance)

    @app.before_request
    def check() -> None:
        _check_host(settings.allowed_hosts)
        length = request.content_length
        if length is not None and length > settings.max_body_bytes:
            msg = f"wanted at most {settings.max_body_bytes} bytes, got {length}; send less at once"
            raise RequestEntityTooLarge(msg)
        if request.method not in SAFE_METHODS:
            _check_origin()
            _check_form_or_json()

    app.after_request(_keep_cookie)
    app.jinja_env.globals.update(
        csrf_token=form_token, csrf_field=_field, htmx_headers=_htmx_headers
    )


def form_token() -> str:
    """Return the token that forms of this browser carry."""
    seed = request.cookies.get(COOKIE, "") or g.get("form_seed", "")
    if not seed:
        _, chance = current_app.extensions["edge.guard"]
        seed = g.form_seed = chance(16).hex()
    return _token(seed)


def _check_host(allowed: tuple[str, ...]) -> None:
    host = request.host.lower()
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    if host not in allowed and name not in allowed:
        msg = (
            f"This appliance answers for {', '.join(allowed)}, and the request asked for "
            f"{host[:80]!r}. Add the name to the allowed hosts in its settings."
        )
        raise UnknownHostError(msg)


def _check_origin() -> None:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site != "same-origin":
            msg = f"wanted a request from our own pages, got one that is {site[:20]}"
            raise Forbidden(msg)
        return
    # A browser that does not say it at all sends "null" with forms, because of our
    # Referrer-Policy: then the token decides.
    origin = request.headers.get("Origin")
    if origin not in (None, "null") and urlsplit(origin).netloc.lower() != request.host.lower():
        msg = f"wanted a request from our own pages, got one from {origin[:80]}"
        raise Forbidden(msg)


def _check_form_or_json() -> None:
    is_json = request.mimetype == JSON
    if request.path.startswith("/api/"):
        if not is_json:
            msg = f"wanted Content-Type {JSON}, got {request.mimetype[:60] or 'none'!r}"
            raise UnsupportedMediaType(msg)
        return
    if is_json and request.headers.get("Origin") != "null":
        return
    seed = request.cookies.get(COOKIE, "")
    token = request.headers.get(HEADER) or request.form.get(FIELD, "")
    if not seed or not hmac.compare_digest(token.encode(), _token(seed).encode()):
        msg = "This page was open for too long. Load it again, then try once more."
        raise StaleFormError(msg)


def _token(seed: str) -> str:
    secret, _ = current_app.extensions["edge.guard"]
    return hmac.new(secret, seed.encode(), hashlib.sha256).hexdigest()


def _field() -> Markup:
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, form_token())


def _htmx_headers() -> str:
    return json.dumps({HEADER: form_token()})


def _keep_cookie(response: Response) -> Response:
    seed = g.get("form_seed")
    if seed:
        response.set_cookie(COOKIE, seed, httponly=True, samesite="Strict", path="/")
    return response
