"""What lets the card work without a network: its shell, the worker that keeps it, the manifest.

The shell holds nothing personal: the code is drawn from the key in the browser. The worker
keeps these files only, and answers with them only when the network does not.
"""

from typing import Final

import orjson
from flask import Response, render_template

from edge.web.i18n import speech
from edge.web.parts import parts
from edge.web.phone.visit import HOME, phone

SHELL: Final = "/p/shell"
FILES: Final = (
    "css/fonts.css",
    "css/tokens.css",
    "css/phone.css",
    "js/phone-early.js",
    "js/phone.js",
    "js/phone-card.js",
    "js/phone-clock.js",
    "js/phone-code.js",
    "js/phone-demo.js",
    "js/phone-key.js",
    "vendor/htmx.min.js",
    "vendor/qrcode-generator.js",
    "art/ui.svg",
    "art/brand.svg",
    "fonts/figtree-latin-wght-normal.woff2",
    "fonts/bricolage-grotesque-latin-wght-normal.woff2",
)
"""All that the shell loads."""


def shell() -> str:
    """Return the start page as a phone without a network shows it."""
    return render_template("phone/start.html", problem="", is_shell=True)


def worker() -> Response:
    """Return the service worker; its bytes change with the build, so a new one takes over."""
    assets = parts().assets
    kept = [SHELL, *(assets.url(name) for name in FILES)]
    head = f'const BUILD = "{assets.build}";\nconst SHELL = {orjson.dumps(kept).decode()};\n'
    script = (assets.folder / "js" / "phone-worker.js").read_text(encoding="utf-8")
    return Response(head + script, content_type="text/javascript; charset=utf-8")


def manifest() -> Response:
    """Return what a phone needs to put the page on its home screen."""
    header = phone().site.header
    icon = {"src": parts().assets.url("art/brand.svg"), "sizes": "any", "type": "image/svg+xml"}
    described = {
        "name": header.name,
        "short_name": header.name,
        "lang": speech().language,
        "start_url": HOME,
        "scope": HOME,
        "display": "standalone",
        "background_color": "#fbf7f1",
        "theme_color": "#fbf7f1",
        "icons": [icon],
    }
    return Response(orjson.dumps(described), content_type="application/manifest+json")
