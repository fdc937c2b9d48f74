"""Where a rollout is, and where the documents of its package name are. Pure values."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from edge.central.fleet.rollout.plan import Plan
from edge.wire.releases import Name
from edge.wire.rollout import Candidate, Release, RolloutDocument

CANARY_WAVE: Final = -1
"""The number of the wave that has listed sites instead of a share."""


class Stage(StrEnum):
    """A rollout's stage, in the order in which a good one passes."""

    DRAFT = "draft"
    APPROVED = "approved"
    CANARY = "canary"
    BAKE = "bake"
    WAVE = "wave"
    COMPLETE = "complete"
    PAUSED = "paused"
    ABORTING = "aborting"
    """The document that takes everybody back is out; devices are on their way."""
    ABORTED = "aborted"

    @property
    def is_exposing(self) -> bool:
        """Say whether gates are watched and the next wave may follow."""
        return self in {Stage.CANARY, Stage.BAKE, Stage.WAVE}

    @property
    def is_out(self) -> bool:
        """Say whether the document offers the release to anybody."""
        return self.is_exposing or self is Stage.PAUSED

    @property
    def is_over(self) -> bool:
        """Say whether nothing can follow."""
        return self in {Stage.COMPLETE, Stage.ABORTED}


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Line(_Entry):
    """The documents of one package name, over all of its rollouts."""

    name: Name
    version: Annotated[int, Field(ge=0)] = 0
    """Of the newest document; only ever grows."""
    stable: Release | None = None
    halted: bool = False


class Rollout(_Entry):
    """One rollout: what was approved, by whom, and how far it is."""

    plan: Plan
    author: str
    stage: Stage = Stage.DRAFT
    wave: int = CANARY_WAVE
    since: AwareDatetime
    """When this stage began, or went on after a pause or a halt."""
    paused_in: Stage | None = None
    approved_by: tuple[str, ...] = ()
    why: str = ""
    """Why it was paused or aborted."""

    @property
    def share(self) -> float:
        """Return the share of all sites that the release is offered to, beside the listed ones."""
        return 0.0 if self.wave == CANARY_WAVE else self.plan.waves[self.wave]


@dataclass(frozen=True, slots=True)
class State:
    """What a step starts from and ends in."""

    line: Line
    rollout: Rollout


@dataclass(frozen=True, slots=True)
class Said:
    """An entry for the log: what happened, in one word and in one sentence."""

    what: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Stepped:
    """The state after a step, the document to publish if it changed, and what to log."""

    state: State
    document: RolloutDocument | None = None
    said: tuple[Said, ...] = ()


def candidate_of(rollout: Rollout) -> Candidate | None:
    """Return what the rollout offers now; None: nothing."""
    if not rollout.stage.is_out:
        return None
    plan = rollout.plan
    return Candidate(
        release_id=plan.release.release_id,
        target=plan.release.target,
        version=plan.release.version,
        salt=plan.salt,
        share=rollout.share,
        sites=plan.canary,
        paused=rollout.stage is Stage.PAUSED,
        shadow_requests=plan.shadow_requests,
        trial_minutes=plan.trial_minutes,
        finish_within_hours=plan.finish_within_hours,
    )


def next_document(
    line: Line, candidate: Candidate | None, at: AwareDatetime
) -> tuple[Line, RolloutDocument]:
    """Return the line with its next document: always one version higher, never an old one again."""
    after = line.model_copy(update={"version": line.version + 1})
    document = RolloutDocument(
        name=after.name,
        version=after.version,
        issued_at=at,
        stable=after.stable,
        candidate=candidate,
        halted=after.halted,
    )
    return after, document
