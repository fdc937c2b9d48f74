"""What every source of codes has in common, be it a camera or a hand scanner."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, Protocol

OnCode = Callable[[str], None]
"""Takes the text of a code, in the source's own thread. An EdgeError is counted."""

SourceState = Literal["off", "starting", "ready", "waiting", "stopped"]
"""``waiting``: it failed, and is tried again after a pause."""

AGAIN_AFTER_S: Final = 2.0
_MOST: Final = 64


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """How a source is. ``words`` say it to a person; none of them comes from a code."""

    state: SourceState
    words: str
    since_at: datetime
    codes: int = 0
    """Codes given on."""
    dropped: int = 0
    """Codes not given on: too long, no text, too many at once, or nobody could take them."""
    restarts: int = 0


class CodeSource(Protocol):
    """A camera or a hand scanner."""

    def start(self) -> None:
        """Begin; codes come in a thread of its own."""
        ...

    def stop(self, timeout_s: float = 5.0) -> None:
        """End, and wait for the thread."""
        ...

    def status(self) -> SourceStatus:
        """Return how it is."""
        ...


class InSight:
    """Tells a code that has just come from one that is still held there.

    A code counts again only after it was out of sight for ``AGAIN_AFTER_S``: a phone that is held
    before the camera for ten seconds is one scan.
    """

    def __init__(self) -> None:
        self._seen: dict[str, float] = {}

    def is_new(self, text: str, now_s: float) -> bool:
        """Return whether this is the first sight of ``text``, and remember that it was seen."""
        self._seen = {
            each: at for each, at in self._seen.items() if 0 <= now_s - at < AGAIN_AFTER_S
        }
        is_new = text not in self._seen
        if is_new and len(self._seen) >= _MOST:
            self._seen.pop(min(self._seen, key=self._seen.__getitem__))
        self._seen[text] = now_s
        return is_new
