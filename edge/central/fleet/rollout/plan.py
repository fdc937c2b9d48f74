"""What is approved: a release, whom it goes to and when, and what stops it. Never edited after.

Source: fleet.md 8. Two persons approve the digest of exactly this.
"""

import hashlib
from enum import StrEnum
from typing import Annotated, Final, Self

import orjson
from pydantic import BaseModel, ConfigDict, Field, model_validator

from edge.wire.releases import Name
from edge.wire.rollout import Release

WAVES: Final = (0.01, 0.05, 0.25, 1.0)


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class OnFailure(StrEnum):
    """What a failed gate does by itself."""

    ABORT = "abort"
    """Everybody returns to the previous release."""
    PAUSE = "pause"
    """Nobody else begins; a person decides whether those who have it return."""


class Gate(_Entry):
    """What a wave must show before the next one begins, and what it may not show."""

    finished: Annotated[int, Field(ge=1)] = 20
    finished_share: Annotated[float, Field(ge=0, le=1)] = 0.30
    """Of the devices of the wave that can be reached."""
    last_finished_share: Annotated[float, Field(ge=0, le=1)] = 0.90
    """The same for the last wave: after it nobody watches, so most must have finished."""
    bad: Annotated[int, Field(ge=0)] = 1
    bad_share: Annotated[float, Field(ge=0, le=1)] = 0.02
    take_rate_margin: Annotated[float, Field(gt=0, le=1)] | None = None
    """How much worse than the previous release's, relatively, visits may take offers; None: the
    figures are shown and stop nothing."""
    on_failure: OnFailure = OnFailure.ABORT


class Plan(_Entry):
    """One rollout; its release's id is the rollout's own."""

    name: Name
    """Of the package: ranker."""
    release: Release
    salt: Annotated[str, Field(min_length=1, max_length=64)]
    canary: Annotated[frozenset[Name], Field(min_length=1, max_length=5_000)]
    """Sites that take it first, and whose word is waited for."""
    waves: Annotated[tuple[float, ...], Field(min_length=1, max_length=20)] = WAVES
    gate: Gate = Gate()
    bake_minutes: Annotated[int, Field(ge=0, le=43_200)] = 1_440
    """How long nothing else happens after the canary has finished."""
    wave_minutes: Annotated[int, Field(ge=0, le=43_200)] = 240
    """The least that any wave lasts."""
    shadow_requests: Annotated[int, Field(ge=0, le=100_000)] = 0
    trial_minutes: Annotated[int, Field(ge=1, le=20_160)] = 60
    finish_within_hours: Annotated[int, Field(ge=1, le=720)] = 72
    """So many hours of being online, and a device that has not finished counts as bad."""

    @model_validator(mode="after")
    def _waves_grow_to_everybody(self) -> Self:
        grow = all(a < b for a, b in zip(self.waves, self.waves[1:], strict=False))
        if not grow or self.waves[0] <= 0 or self.waves[-1] != 1.0:
            msg = f"wanted waves that grow to 1.0, such as {WAVES}, got {self.waves}"
            raise ValueError(msg)
        return self

    @property
    def digest(self) -> str:
        """Return what two persons approve."""
        document = self.model_dump(mode="json") | {"canary": sorted(self.canary)}
        return hashlib.sha256(orjson.dumps(document, option=orjson.OPT_SORT_KEYS)).hexdigest()
