"""What a device's message says, in our words. Everything from outside is hostile until here. Pure.

Who speaks is read from the topic: the broker lets a device publish under its own name only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from edge.core.errors import WireContractError
from edge.wire.canonical import parse_object
from edge.wire.releases import Name, ReleaseState, read_release_states
from edge.wire.topics import CentralTopics

MAX_STATUS_BYTES: Final = 8 * 1024
MAX_RESULT_BYTES: Final = 256 * 1024
_YEARS: Final = range(1970, 2200)  # a device without a clock believes in 1970


class _Status(BaseModel):
    # What later versions of the appliance add is kept and not understood.
    model_config = ConfigDict(extra="allow", frozen=True, allow_inf_nan=False)

    conn_seq: Annotated[int, Field(ge=0, lt=2**53)]


class Birth(_Status):
    """A device is there."""

    status: Literal["online"]
    at: AwareDatetime
    site: Name
    device: Name
    version: Annotated[str, Field(max_length=64)]
    epoch: Annotated[str, Field(max_length=64)]
    ring: Name = "stable"


class Gone(_Status):
    """A device said goodbye, or the broker lost it."""

    status: Literal["offline"]
    why: Annotated[str, Field(max_length=40)] = ""


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to a command."""

    command_id: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Heard:
    """One message: who said what, and when it came."""

    device: str
    said: Birth | Gone | Result | tuple[ReleaseState, ...]
    at: datetime


def read(topics: CentralTopics, topic: str, payload: bytes, at: datetime) -> Heard | None:
    """Return what a message says; None: it has been taken back (an empty retained one).

    Raises:
        WireContractError: It says nothing that we understand, or speaks for another device.
    """
    device = topics.device_of(topic)
    if device is None:
        msg = f"wanted a topic of a device of {topics.tenant}, got {topic[:120]!r}"
        raise WireContractError(msg)
    if not payload:
        return None
    match topic.split("/")[6:]:
        case ["status"]:
            return Heard(device, _status(device, payload), at)
        case ["release"]:
            return Heard(device, _states(device, payload), at)
        case ["res", command_id]:
            body = parse_object(payload, max_bytes=MAX_RESULT_BYTES, what="command result")
            return Heard(device, Result(command_id[:64], body), at)
        case _:
            msg = f"wanted status, release or a result, got {topic[:120]!r}"
            raise WireContractError(msg)


def _status(device: str, payload: bytes) -> Birth | Gone:
    found = parse_object(payload, max_bytes=MAX_STATUS_BYTES, what="status")
    kind = Birth if found.get("status") == "online" else Gone
    try:
        status = kind.model_validate(found)
    except ValidationError as error:
        first = error.errors()[0]
        msg = f"status of {device}: {'.'.join(map(str, first['loc']))}: {first['msg']}"
        raise WireContractError(msg) from error
    if isinstance(status, Birth):
        _same_device(device, status.device)
    return status


def _states(device: str, payload: bytes) -> tuple[ReleaseState, ...]:
    states = read_release_states(payload)
    for state in states:
        _same_device(device, state.device)
        if state.at.year not in _YEARS:
            msg = f"release state of {device}: wanted a moment of this age, got {state.at}"
            raise WireContractError(msg)
    return states


def _same_device(device: str, claimed: str) -> None:
    if claimed != device:
        msg = f"wanted {device} to speak for itself, got a message of {claimed}"
        raise WireContractError(msg)
