"""The headers every response carries, an error's too.

Pages may load what this service serves and nothing else: no inline script, no inline style, no
other origin, no frame around them. The phone's pages alone may also have a service worker and
a manifest, so that a customer's code can be drawn without a network.

Source: screens.md, "CSP (every response)"; security.md, "Web rules".
"""

from typing import Final

from flask import Flask, Response, request

CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "media-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    )
)

PHONE: Final = "/p/"
PHONE_POLICY: Final = f"{CONTENT_SECURITY_POLICY}; worker-src 'self'; manifest-src 'self'"

EVERYWHERE: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

NO_STORE: Final = "no-store"


def install(app: Flask) -> None:
    """Put the headers on every response of ``app``."""
    app.after_request(_add)


def _add(response: Response) -> Response:
    for name, value in EVERYWHERE.items():
        response.headers[name] = value
    if request.path.startswith(PHONE):
        response.headers["Content-Security-Policy"] = PHONE_POLICY
    # Only the static route names its own caching: its content is public and named by its hash.
    if not response.headers.get("Cache-Control", "").startswith("public"):
        response.headers["Cache-Control"] = NO_STORE
    return response
