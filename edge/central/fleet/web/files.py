"""The signed repository over HTTP, with ranges: for a small fleet, or behind a cache.

Every file but ``timestamp.json`` has a number or a digest in its name and never changes, so any
cache may keep it for good. Nobody has to trust this server: devices verify what they fetch.
"""

from pathlib import Path
from typing import Final

from flask import Blueprint, Response, abort, send_file

_SERVED: Final = frozenset({"metadata", "targets"})
_CHANGES: Final = "metadata/timestamp.json"
FOREVER: Final = "public, max-age=31536000, immutable"
ASK_AGAIN: Final = "public, no-cache"


def files(folder: Path) -> Blueprint:
    """Serve ``/repository/metadata/…`` and ``/repository/targets/…`` from ``folder``."""
    pages = Blueprint("repository", __name__)
    top = folder.resolve()

    @pages.get("/repository/<path:path>")
    def file(path: str) -> Response:
        found = _found(top, path)
        if found is None:
            abort(404)
        response = send_file(
            found, mimetype="application/octet-stream", conditional=True, etag=True
        )
        response.headers["Cache-Control"] = ASK_AGAIN if path == _CHANGES else FOREVER
        return response

    return pages


def _found(top: Path, path: str) -> Path | None:
    parts = path.split("/")
    if not path.isprintable():
        return None  # a NUL is no name to the system
    if parts[0] not in _SERVED or any(not one or one.startswith(".") for one in parts):
        return None
    found = (top / path).resolve()
    return found if found.is_relative_to(top) and found.is_file() else None
