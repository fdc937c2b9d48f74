"""Draw a phone's code as a picture, as its screen would show it.

Error level M, quiet zone of four modules and a white background: what cameras read best
(identity.md, "QR decoding"). A picture is put in its place in one step, so that a camera that
reads the file never sees half of it.
"""

import io
from pathlib import Path
from typing import Final

import segno

from edge.core.errors import RequestContractError, StorageUnavailableError

QUIET_MODULES: Final = 4
MODULE_PX: Final = 8
KINDS: Final = ("svg", "png")


def draw(text: str, out: Path) -> None:
    """Write ``text`` as a QR symbol to ``out``, whose ending says which kind of picture.

    Raises:
        RequestContractError: The ending is neither .svg nor .png.
        StorageUnavailableError: The file cannot be written.
    """
    picture = drawn(text, out.suffix.removeprefix(".").lower())
    beside = out.with_name(f".{out.name}.part")
    try:
        beside.write_bytes(picture)
        beside.replace(out)
    except OSError as error:
        msg = f"wanted to write {out}, found: {error.strerror}; give a folder that can be written"
        raise StorageUnavailableError(msg) from error


def drawn(text: str, kind: str) -> bytes:
    """Return ``text`` as a QR symbol, kind "svg" or "png".

    Raises:
        RequestContractError: The kind is neither.
    """
    if kind not in KINDS:
        msg = f'wanted a picture of kind svg or png, found "{kind}"; end the file name with one'
        raise RequestContractError(msg)
    symbol = segno.make(text, error="m", boost_error=False, micro=False)
    picture = io.BytesIO()
    symbol.save(
        picture, kind=kind, scale=MODULE_PX, border=QUIET_MODULES, dark="#000", light="#fff"
    )
    return picture.getvalue()
