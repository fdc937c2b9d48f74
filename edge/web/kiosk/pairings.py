"""The codes that kiosk screens show, so that a phone can come to one: one at a time per screen.

A pairing is made when its dialog is opened; its picture is another request of the same page,
which must show the same code and make none.
"""

from datetime import datetime
from io import BytesIO
from threading import Lock
from typing import Final

import segno

from edge.web.recognition_ports import Pairing

BORDER: Final = 4
"""Modules of white around a code: what the standard asks for, and old phones need."""


class ShownPairings:
    """The pairing each screen shows. Safe to use from every request thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._by_screen: dict[str, Pairing] = {}

    def put(self, screen_id: str, pairing: Pairing) -> None:
        """Show ``pairing`` at a screen from now on."""
        with self._lock:
            self._by_screen[screen_id] = pairing

    def get(self, screen_id: str, now: datetime) -> Pairing | None:
        """Return what the screen shows, or None when there is nothing or its time is over."""
        with self._lock:
            pairing = self._by_screen.get(screen_id)
        return pairing if pairing is not None and now < pairing.expires_at else None

    def drop(self, screen_id: str) -> None:
        """Show nothing at a screen any more."""
        with self._lock:
            self._by_screen.pop(screen_id, None)


def picture(pairing: Pairing) -> bytes:
    """Return the pairing's address as a QR code, black on white, in SVG."""
    drawn = BytesIO()
    segno.make_qr(pairing.url, error="m", boost_error=False).save(
        drawn, kind="svg", border=BORDER, dark="#000", light="#fff", svgns=True, omitsize=True
    )
    return drawn.getvalue()


def in_threes(code: str) -> str:
    """Return a code as it is easiest to read and to type: "ABC DEF"."""
    return " ".join(code[at : at + 3] for at in range(0, len(code), 3))
