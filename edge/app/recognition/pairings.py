"""A screen invites a phone: a token in a QR code, or six characters to type.

The token has 100 random bits, lives a minute and opens once. The six characters are for phones
that cannot scan; five wrong guesses close every code that is open, the tokens stay.

Source: decided.md 32.
"""

import hmac
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from edge.core.chance import Chance, readable
from edge.core.clock import Clock
from edge.web.recognition_ports import Pairing

LASTS: Final = timedelta(seconds=60)
TRIES: Final = 5
TOKEN_CHARACTERS: Final = 20
CODE_CHARACTERS: Final = 6
_BASE32: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


@dataclass(slots=True)
class _Open:
    pairing: Pairing = field(repr=False)
    token: str = field(repr=False)
    tries_left: int = TRIES


class Pairings:
    """The pairings that screens offer. Safe to use from every thread."""

    def __init__(self, clock: Clock, chance: Chance, host: str) -> None:
        self._clock = clock
        self._chance = chance
        self._base = f"{_scheme(host)}://{host.upper()}/P/"
        self._lock = threading.Lock()
        self._by_screen: dict[str, _Open] = {}

    def begin(self, screen_id: str) -> Pairing:
        """Offer a new pairing at the screen; the one before it there is closed."""
        token = self._drawn_token()
        pairing = Pairing(
            url=f"{self._base}{token}",
            code=readable(self._chance, CODE_CHARACTERS),
            expires_at=self._clock() + LASTS,
        )
        with self._lock:
            self._by_screen[screen_id] = _Open(pairing, token)
        return pairing

    def take(self, said: str) -> str | None:
        """Return the screen whose token or code was said, once; None when it opens nothing."""
        wanted = said.strip().upper()
        now = self._clock()
        with self._lock:
            over = [s for s, o in self._by_screen.items() if now >= o.pairing.expires_at]
            for screen_id in over:
                del self._by_screen[screen_id]
            if len(wanted) == CODE_CHARACTERS:
                return self._by_code(wanted)
            found = (s for s, o in self._by_screen.items() if _same(o.token, wanted))
            return self._closed(next(found, None))

    def close(self, screen_id: str) -> None:
        """Close what the screen offers."""
        with self._lock:
            self._by_screen.pop(screen_id, None)

    def _by_code(self, wanted: str) -> str | None:
        open_codes = {s: o for s, o in self._by_screen.items() if o.tries_left > 0}
        found = (s for s, o in open_codes.items() if _same(o.pairing.code, wanted))
        screen_id = next(found, None)
        if screen_id is None:
            # Whose code was meant is unknown, so a wrong guess counts against each.
            for one in open_codes.values():
                one.tries_left -= 1
        return self._closed(screen_id)

    def _closed(self, screen_id: str | None) -> str | None:
        if screen_id is not None:
            del self._by_screen[screen_id]
        return screen_id

    def _drawn_token(self) -> str:
        # 32 characters and 256 values per byte: every character is equally likely.
        return "".join(_BASE32[byte % 32] for byte in self._chance(TOKEN_CHARACTERS))


def _scheme(host: str) -> str:
    """Phones need HTTPS but on the machine itself (decided.md 34)."""
    name = host.rsplit(":", 1)[0]
    return "HTTP" if name in {"127.0.0.1", "localhost"} else "HTTPS"


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
