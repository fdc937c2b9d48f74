"""Styles, scripts, fonts and pictures under addresses that change with their content.

The address of a file holds a digest of the whole static folder, so a browser may keep it for
good, and what a style sheet refers to by a relative address gets the digest too. The digest is
also the build that a page was made with: a page of another build reloads when it is idle.
"""

import hashlib
import mimetypes
from pathlib import Path
from typing import Final

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

FOREVER: Final = "public, max-age=31536000, immutable"
REVALIDATE: Final = "public, no-cache"

# Debian without mime-support does not know these.
for _type, _suffix in (
    ("font/woff2", ".woff2"),
    ("image/svg+xml", ".svg"),
    ("image/webp", ".webp"),
    ("text/javascript", ".js"),
):
    mimetypes.add_type(_type, _suffix)


class Assets:
    """What lies in the static folder, and where a browser finds it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.files = frozenset(
            path.relative_to(self.folder).as_posix()
            for path in self.folder.rglob("*")
            if path.is_file() and not path.name.startswith(".")
        )
        self.build = _digest(self.folder, sorted(self.files))

    def has(self, name: str) -> bool:
        """Return whether there is a file ``name`` ("art/latte.svg")."""
        return name in self.files

    def url(self, name: str) -> str:
        """Return the address of ``name``; a file that is missing gets one too (it answers 404)."""
        return f"/static/v-{self.build}/{name}"


def blueprint(assets: Assets) -> Blueprint:
    """Serve the files of ``assets``."""
    static = Blueprint("static", __name__)

    @static.get("/static/<path:name>")
    def file(name: str) -> Response:
        version, _, rest = name.partition("/")
        is_versioned = version.startswith("v-")
        name = rest if is_versioned else name
        if not assets.has(name):
            raise NotFound
        response = Response((assets.folder / name).read_bytes(), content_type=_type_of(name))
        response.add_etag()
        # An old page may still ask with an old digest: it gets the new file, not for keeping.
        is_current = version == f"v-{assets.build}"
        response.headers["Cache-Control"] = FOREVER if is_current else REVALIDATE
        response.make_conditional(request)
        return response

    return static


def _type_of(name: str) -> str:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith(("text/", "image/svg")) else kind


def digest(value: object) -> str:
    """Return a short name for what ``value`` holds, to tell whether it changed."""
    return hashlib.sha256(repr(value).encode()).hexdigest()[:12]


def _digest(folder: Path, names: list[str]) -> str:
    digest = hashlib.sha256()
    for name in names:
        digest.update(f"{name}\0".encode())
        digest.update(hashlib.sha256((folder / name).read_bytes()).digest())
    return digest.hexdigest()[:12]
