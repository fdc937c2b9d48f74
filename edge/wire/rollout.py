"""Which release a shop is to run: the document that the online ``rollouts`` key signs.

It can only choose among packages that were signed offline, and never below a device's recorded
minimum. Every change, an abort as well, is a document with a higher version; TUF refuses an
older one.

Source: fleet.md 6, 8.
"""

from typing import Annotated, Final

import orjson
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from edge.core.errors import WireContractError
from edge.wire.canonical import parse_object
from edge.wire.releases import Name, ReleaseId, TargetPath, Version, site_share

MAX_DOCUMENT_BYTES: Final = 256 * 1024


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Release(_Entry):
    """A package under the name by which ops speak of it."""

    release_id: ReleaseId
    target: TargetPath
    version: Version


class Candidate(Release):
    """A release on its way through the fleet."""

    salt: Annotated[str, Field(min_length=1, max_length=64)]
    share: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Sites whose hash lies below take it; grows wave by wave."""
    sites: Annotated[frozenset[Name], Field(max_length=5_000)] = frozenset()
    """Listed sites take it whatever the share: the canary."""
    paused: bool = False
    """Who has not begun does not begin; who has goes on."""
    shadow_requests: Annotated[int, Field(ge=0, le=100_000)] = 0
    trial_minutes: Annotated[int, Field(ge=1, le=20_160)] = 60
    finish_within_hours: Annotated[int, Field(ge=1, le=720)] = 72
    """A device that is online and has not finished by then counts as overdue."""


class RolloutDocument(_Entry):
    """``rollouts/<name>.json``: what one package name's releases are, all over the fleet."""

    name: Name
    version: Annotated[int, Field(ge=1)]
    issued_at: AwareDatetime
    stable: Release | None = None
    """What everybody else runs; None: the factory's."""
    candidate: Candidate | None = None
    halted: bool = False
    """Nobody begins anything, until a later document says otherwise."""

    @model_validator(mode="after")
    def _are_two(self) -> "RolloutDocument":
        if self.stable and self.candidate and self.stable.target == self.candidate.target:
            msg = "stable and candidate must be two different packages"
            raise ValueError(msg)
        return self


def rollout_path(name: str) -> str:
    """Return where a rollout document lies in the repository."""
    return f"rollouts/{name}.json"


def document_bytes(document: RolloutDocument) -> bytes:
    """Return the document as it is signed."""
    return orjson.dumps(document.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS)


def read_document(payload: bytes) -> RolloutDocument:
    """Return the document in ``payload``.

    Raises:
        WireContractError: It is not one.
    """
    found = parse_object(payload, max_bytes=MAX_DOCUMENT_BYTES, what="rollout document")
    try:
        return RolloutDocument.model_validate(found)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        msg = f"rollout document: {where}: {first['msg']}"
        raise WireContractError(msg) from error


def takes_candidate(candidate: Candidate, site: str) -> bool:
    """Say whether the candidate is for ``site``."""
    return site in candidate.sites or site_share(site, candidate.salt) < candidate.share


def wanted(document: RolloutDocument, site: str, *, has_begun: str | None = None) -> Release | None:
    """Return the release that ``site`` is to run; None: the factory's.

    Args:
        document: The newest that was verified.
        site: The shop.
        has_begun: The release that the device runs or is trying: it goes on with it while the
            candidate is paused.
    """
    candidate = document.candidate
    if candidate is None or not takes_candidate(candidate, site):
        return document.stable
    if candidate.paused and candidate.release_id != has_begun:
        return document.stable
    return candidate
