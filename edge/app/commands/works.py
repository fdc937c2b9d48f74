"""What each command does.

identify and restart-ui go to the open pages through the live hub; a screen without a page shows
nothing, and the answer says how many pages there were.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from edge.app.commands.listener import Arguments, Work
from edge.core.chance import Chance
from edge.web.ports import Health
from edge.wire.command import CommandName

IDENTIFY_S: Final = 30


class Tell(Protocol):
    """Sends an event to every open page of a screen ("*": of all); returns how many there are."""

    def __call__(self, screen_id: str, event: str, data: object, /) -> int:
        """Send it."""


@dataclass(frozen=True, slots=True)
class WorkParts:
    """What commands reach."""

    device_id: str
    versions: Mapping[str, str]
    tell: Tell
    health: Callable[[], Health]
    log_tail: Work
    refresh: Callable[[], None]
    """Looks for releases now."""
    retry: Callable[[], None]
    """Ends the outbox's pauses."""
    chance: Chance


def works(parts: WorkParts) -> Mapping[CommandName, Work]:
    """Return how each command is carried out."""
    return {
        "identify": lambda arguments: _identify(parts, arguments),
        "log-tail": parts.log_tail,
        "refresh": lambda _arguments: _call(parts.refresh),
        "restart-ui": lambda _arguments: {"pages": parts.tell("*", "reload", {})},
        "support-bundle": lambda _arguments: _bundle(parts),
        "retry": lambda _arguments: _call(parts.retry),
    }


def _identify(parts: WorkParts, arguments: Arguments) -> Mapping[str, object]:
    """Show the device's name and a number on its screens, for who stands before them to read out."""
    given = arguments.get("number")
    number = given if isinstance(given, int) else int.from_bytes(parts.chance(2), "big") % 90 + 10
    data = {"device": parts.device_id, "number": number, "for_s": IDENTIFY_S}
    return {"number": number, "pages": parts.tell("*", "identify", data)}


def _call(work: Callable[[], None]) -> Mapping[str, object]:
    work()
    return {}


def _bundle(parts: WorkParts) -> Mapping[str, object]:
    """Return what support asks for first: health, figures, versions. No settings, no people."""
    health = parts.health()
    return {
        "versions": dict(parts.versions),
        "is_serving": health.is_serving,
        "parts": [
            {"part": part.part, "state": part.state, "detail": part.detail[:200]}
            for part in health.parts
        ],
        "figures": dict(sorted(health.figures.items())),
    }
