"""What the state machine is told, and what it asks for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from edge.update.machine_state import Held
from edge.update.trial import Health, Limits
from edge.wire.releases import PackageFacts, Version, version_key
from edge.wire.rollout import RolloutDocument

AGENT: Final = "0.1.0"


class What(StrEnum):
    """Something to do. Every one may be done twice, and may be cut off anywhere."""

    WAIT = "wait"
    GO_ON = "go_on"  # nothing: only the step itself had to be kept
    LOOK_UP = "look_up"  # what is signed about the target
    FETCH = "fetch"
    UNPACK = "unpack"
    PREFLIGHT = "preflight"
    SHADOW = "shadow"  # begin, or go on
    SERVE = "serve"  # make what is served be what the state says


@dataclass(frozen=True, slots=True)
class Found:
    """What is signed about a target."""

    facts: PackageFacts
    length: int
    digest: str


@dataclass(frozen=True, slots=True)
class Done:
    """It was done; ``model`` is the digest of the unpacked package's manifest."""

    figures: Mapping[str, float] = field(default_factory=dict)
    model: str = ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """It was not; ``is_passing``: the world was not there, and it can be tried again."""

    reason: str
    detail: str = ""
    is_passing: bool = False
    figures: Mapping[str, float] = field(default_factory=dict)


Result = Found | Done | Trouble


@dataclass(frozen=True, slots=True)
class Shadowed:
    """What a candidate did beside the one that serves; nobody saw it."""

    requests: int = 0
    broke: str = ""
    p99_us: float = 0.0
    overlap: float = 0.0
    is_slow: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """The world at one moment. ``result`` is of what the machine asked for just before."""

    site: str
    document: RolloutDocument | None = None  # None: none was verified yet
    refused: Mapping[str, str] = field(default_factory=dict)  # digest -> reason
    result: Result | None = None
    is_busy: bool = False  # a shopper is in the middle of a visit
    is_in_window: bool = True
    shadow: Shadowed | None = None
    trial: Health | None = None
    limits: Limits = field(default_factory=Limits)
    agent: Version = AGENT
    kind: str = "model"  # of package that this name stands for: model, content, config


@dataclass(frozen=True, slots=True)
class Do:
    """What to do next, with which package."""

    what: What
    package: Held | None = None


WAIT: Final = Do(What.WAIT)
GO_ON: Final = Do(What.GO_ON)
SERVE: Final = Do(What.SERVE)


def is_at_least(version: str, least: str) -> bool:
    """Say whether ``version`` is ``least`` or above; of an agent, what follows its digits too."""
    return version_key(version) >= version_key(least)
