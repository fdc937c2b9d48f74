"""What releasing goes by and works with, whatever kind of package its name stands for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from edge.app.releases.install import Client, Install
from edge.app.releases.keeping import Keeping
from edge.core.chance import Chance
from edge.core.clock import Clock
from edge.core.errors import UnavailableError
from edge.update.machine_state import Held, State
from edge.update.machine_words import Shadowed
from edge.update.trial import Health


@dataclass(frozen=True, slots=True)
class Rules:
    """Whose releases, when this device looks, and when it may change."""

    name: str
    kind: str
    site: str
    agent: str
    poll_s: float
    is_busy: Callable[[], bool]
    is_in_window: Callable[[datetime], bool]


class RestartingError(UnavailableError):
    """What the state says is made so by another start of the process, which has been asked for."""


class Serves(Protocol):
    """Makes what is served be what the state says, and sees how that goes."""

    def make(self, state: State) -> None:
        """Serve what ``state`` says, or raise: LostError, RestartingError, or that it cannot load."""

    def begin_shadow(self, package: Held) -> None:
        """Load ``package`` beside what serves, for nobody to see."""

    def health(self, state: State) -> Health | None:
        """Return how the trial goes; None: it does not serve in this process."""

    def shadowed(self) -> Shadowed | None:
        """Return what was seen in the shadow."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What releasing works with; without a repository there is no client and nothing to install."""

    client: Client | None
    install: Install | None
    swap: Serves
    keeping: Keeping
    clean: Callable[[frozenset[str]], None]
    clock: Clock
    chance: Chance
