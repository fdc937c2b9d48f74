"""How the radio is, as ops says it and in figures."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

State = Literal["off", "starting", "listening", "waiting", "silent", "loud", "noise", "stopped"]
Health = Literal["ok", "degraded", "off", "failed"]

_NEEDS_RESET: Final = (
    "{adapter} hears nothing although it was started again {restarts} times: reset the adapter "
    "(unplug it, or restart bluetoothd), unless nothing at all is in range. Codes still work."
)
_WORDS: Final[dict[State, str]] = {
    "off": "No radio is used; recognition is by presented code only.",
    "starting": "Starting to listen on {adapter}.",
    "listening": (
        "Listening on {adapter}: {heard} advertisements, {ours} of our customers, {too_many} "
        "too many to look at."
    ),
    "silent": "{adapter} went silent and is started again. Codes still work.",
    "loud": "Much noise on {adapter}: listening now and then. Codes still work.",
    "noise": "Too much noise on {adapter}: off{until}. Codes still work.",
    "waiting": "{adapter} cannot be used ({why}); trying again. Codes still work.",
    "stopped": "Stopped.",
}


@dataclass(frozen=True, slots=True)
class RadioStatus:
    """How the radio is. The counts are since the start; ``last_error`` stays after a recovery."""

    state: State
    adapter: str
    since_at: datetime
    heard: int = 0  # advertisements of every kind
    sighted: int = 0  # frames of ours, looked at or not
    shed: int = 0  # of these, only counted: more than 500 in a second
    dropped: int = 0  # of these, looked at too late to matter: the reader was slow
    crowded: int = 0  # advertisements with more service UUIDs than any phone has
    restarts: int = 0
    needs_reset: bool = False
    off_until_at: datetime | None = None  # set while it is off because of noise
    last_error: str | None = None

    @property
    def health(self) -> Health:
        """The state in the four words of the health page."""
        if self.needs_reset:
            return "degraded"  # not failed: at night a shop's air may be silent for hours
        match self.state:
            case "listening":
                return "ok"
            case "off" | "stopped":
                return "off"
            case _:
                return "degraded"

    @property
    def words(self) -> str:
        """One sentence on how it is and what to do."""
        words = _NEEDS_RESET if self.needs_reset else _WORDS[self.state]
        until = self.off_until_at
        return words.format(
            adapter=self.adapter,
            heard=self.heard,
            ours=self.sighted,
            too_many=self.shed + self.dropped,
            restarts=self.restarts,
            until="" if until is None else f" until {until:%H:%M} UTC",
            why=self.last_error or "not known yet",
        )
