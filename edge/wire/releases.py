"""What a device says about its releases, and what an offline key signs about a package.

Source: fleet.md 1, 6, 7; security.md, "Admission of a model".
"""

import hashlib
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Final

import orjson
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from edge.core.errors import WireContractError
from edge.wire.canonical import parse_object

MAX_STATE_BYTES: Final = 16 * 1024
ABI: Final = 1
"""Of what a package holds and how it is loaded; a device takes its own only."""


class Phase(StrEnum):
    """Where a device is with a release. Declared in the order in which a good one passes."""

    IDLE = "idle"
    OFFERED = "offered"
    DOWNLOADING = "downloading"
    VERIFIED = "verified"
    STAGED = "staged"
    PREFLIGHT = "preflight"
    SHADOW = "shadow"
    TRIAL = "trial"
    COMMITTED = "committed"
    ROLLING_BACK = "rolling_back"
    ROLLED_BACK = "rolled_back"
    FAILED = "failed"

    @property
    def is_good_end(self) -> bool:
        """Say whether the release serves."""
        return self is Phase.COMMITTED

    @property
    def is_bad_end(self) -> bool:
        """Say whether the release does not serve and will not."""
        return self in {Phase.ROLLED_BACK, Phase.FAILED}


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


Name = Annotated[str, Field(pattern=r"^[a-z0-9-]{3,32}$")]
Version = Annotated[str, Field(pattern=r"^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})$")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
ReleaseId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{2,63}$")]
TargetPath = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9./_-]{2,199}$")]


def version_key(version: str) -> tuple[int, int, int]:
    """Return what orders versions: 1.10.0 is above 1.9.3."""
    major, minor, patch = version.split(".")
    return int(major), int(minor), int(patch)


class PackageFacts(_Entry):
    """What TUF's ``custom`` says of a package: signed offline, read before it is fetched."""

    kind: Annotated[str, Field(pattern=r"^(model|content|config)$")]
    name: Name
    version: Version
    abi: Annotated[int, Field(ge=1)]
    min_agent: Version
    size_unpacked: Annotated[int, Field(ge=1, le=1 << 30)]
    minimum_version: Version = "0.0.0"
    """Once this package is committed, nothing below this version is ever taken again."""
    catalog_digest: Digest | None = None


def target_path(kind: str, name: str, version: str) -> str:
    """Return where a package lies in the repository: models/ranker/1.2.0/ranker-1.2.0.tar."""
    folder = {"model": "models", "content": "content", "config": "config"}[kind]
    return f"{folder}/{name}/{version}/{name}-{version}.tar"


class Serving(_Entry):
    """The package that a device serves with, of one name."""

    name: Name
    version: Version | None = None  # None: the factory's
    digest: str  # of the target's bytes, or "factory"
    release_id: ReleaseId | None = None


class ReleaseState(_Entry):
    """What a device retains at central about one package name; the latest ``seq`` holds."""

    site: Name
    device: Name
    name: Name
    seq: Annotated[int, Field(ge=0, lt=2**53)]
    at: AwareDatetime
    serving: Serving
    release_id: ReleaseId | None = None
    target: TargetPath | None = None
    phase: Phase = Phase.IDLE
    reason: Annotated[str, Field(pattern=r"^[a-z0-9_]{0,40}$")] = ""
    """Why it ended badly, as a code: golden, crash, latency, nan, business, trust, space …"""
    detail: Annotated[str, Field(max_length=300)] = ""
    figures: Mapping[str, float] = {}
    document_version: Annotated[int, Field(ge=0)] = 0
    """Of the rollout document that the device acts on; tells central who has seen an abort."""


def release_states(states: list[ReleaseState]) -> bytes:
    """Return the message with the state of every package name of a device."""
    return orjson.dumps({"version": 1, "states": [one.model_dump(mode="json") for one in states]})


def read_release_states(payload: bytes) -> tuple[ReleaseState, ...]:
    """Return what ``release_states`` wrote.

    Raises:
        WireContractError: It is not such a message.
    """
    found = parse_object(payload, max_bytes=MAX_STATE_BYTES, what="release state")
    try:
        return tuple(ReleaseState.model_validate(one) for one in found["states"])
    except (ValidationError, KeyError, TypeError) as error:
        msg = f"release state: wanted version and states, got {str(error)[:200]}"
        raise WireContractError(msg) from error


def read_facts(custom: Mapping[str, Any] | None, path: str) -> PackageFacts:
    """Return what is signed about the package at ``path``.

    Raises:
        WireContractError: It is missing or malformed, or the path is not where it belongs.
    """
    try:
        facts = PackageFacts.model_validate(custom or {})
    except ValidationError as error:
        msg = f"{path}: wanted signed facts of a package, got {error.errors()[0]['msg']}"
        raise WireContractError(msg) from error
    expected = target_path(facts.kind, facts.name, facts.version)
    if path != expected:
        msg = f"wanted {facts.name} {facts.version} at {expected}, got it at {path}"
        raise WireContractError(msg)
    return facts


def site_share(site: str, salt: str) -> float:
    """Return where a site lies in a rollout, 0 up to 1: the same for all its devices, for ever."""
    return int.from_bytes(_hashed(f"{salt}/{site}")[:8], "big") / 2**64


def _hashed(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
