"""Where a package name is on its way, as it is kept on disk: replaced whole at every step.

A power cut leaves the step before or the step after, and each step may be done twice.
"""

from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from edge.core.errors import ContractError
from edge.update.trial import Arms
from edge.wire.releases import (
    Digest,
    Name,
    PackageFacts,
    Phase,
    ReleaseId,
    Serving,
    TargetPath,
    Version,
)

FACTORY: Final = "factory"
NO_MINIMUM: Final = "0.0.0"

UNDER_WAY: Final = frozenset(
    {
        *(Phase.OFFERED, Phase.DOWNLOADING, Phase.VERIFIED, Phase.STAGED, Phase.PREFLIGHT),
        *(Phase.SHADOW, Phase.TRIAL, Phase.ROLLING_BACK),
    }
)


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Held(_Entry):
    """A package as this device knows it: chosen by a rollout, described by an offline key."""

    release_id: ReleaseId
    target: TargetPath
    facts: PackageFacts
    digest: Digest  # of the target's bytes; also the name of its folder
    length: Annotated[int, Field(ge=1)]
    model: str = ""
    """The digest of its manifest, which decisions record; known once it is unpacked."""

    @property
    def version(self) -> str:
        """The version that was signed."""
        return self.facts.version


class Course(_Entry):
    """A release on its way through this device, or the last one that was."""

    release_id: ReleaseId
    target: TargetPath
    version: Version
    shadow_requests: int = 0
    trial_minutes: int = 60
    finish_by_at: AwareDatetime
    package: Held | None = None
    is_admitted: bool = False
    """The checks before serving were passed. Nothing else is ever loaded for people."""


class Trial(_Entry):
    """How a trial goes, through restarts."""

    starts: int = 0  # of the process, since the last good run
    crashes: int = 0  # runs that did not end well, in all
    run_s: float = 0.0  # of the present run
    served_s: float = 0.0  # in all; a device that was off, or whose clock jumped, adds nothing
    ticked_at: AwareDatetime | None = None
    arms: Arms = Arms()


class Crash(_Entry):
    """A process that ended while it asked a package that serves for good."""

    digest: Digest
    at: AwareDatetime


class Past(_Entry):
    """A model that answered people here, so that an old decision can say which one made it."""

    model: str
    version: Version | None
    release_id: ReleaseId | None
    since_at: AwareDatetime


class State(_Entry):
    """Where one package name is."""

    name: Name
    seq: int = 0
    phase: Phase = Phase.IDLE
    since_at: AwareDatetime
    committed: Held | None = None  # None: the factory's
    previous: Held | None = None
    course: Course | None = None
    trial: Trial = Trial()
    minimum_version: Version = NO_MINIMUM
    document_version: int = 0
    reason: str = ""
    detail: str = ""
    figures: dict[str, float] = {}
    waits_since_at: AwareDatetime | None = None  # for shoppers to leave
    again_at: AwareDatetime | None = None  # after a failure that says nothing about the bytes
    ended_document: int = 0  # the document in force when the last course ended
    past: tuple[Past, ...] = ()
    crashes: tuple[Crash, ...] = ()  # of what is committed, not long ago

    @property
    def is_under_way(self) -> bool:
        """Whether a release is between being offered and its end."""
        return self.phase in UNDER_WAY

    @property
    def package(self) -> Held | None:
        """The package of the course, once its facts are known."""
        return self.course.package if self.course else None

    @property
    def serving(self) -> Serving:
        """What is served, in central's words."""
        load = to_load(self)
        if load.package is None:
            return Serving(name=self.name, digest=FACTORY)
        one = load.package
        return Serving(
            name=self.name, version=one.version, digest=one.digest, release_id=one.release_id
        )


@dataclass(frozen=True, slots=True)
class Load:
    """What is to be served: ``package`` None is the factory's; in a trial, ``beside`` as well."""

    package: Held | None
    is_trial: bool = False
    beside: Held | None = None


def to_load(state: State) -> Load:
    """Return what is to be served in this state, also at the start of the process."""
    if state.phase is Phase.TRIAL and state.course and state.course.is_admitted:
        return Load(state.course.package, is_trial=True, beside=state.committed)
    return Load(state.committed)


def state_bytes(state: State) -> bytes:
    """Return the state as it is kept."""
    return state.model_dump_json().encode()


def read_state(body: bytes) -> State:
    """Return what ``state_bytes`` wrote.

    Raises:
        ContractError: It is not such a state, as after going back to an older appliance.
    """
    try:
        return State.model_validate_json(body)
    except ValidationError as error:
        msg = f"release state on disk: wanted one of this version, got {error.errors()[0]['msg']}"
        raise ContractError(msg) from error
