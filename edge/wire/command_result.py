"""The answer to a command: what became of it, and what was asked for. It holds no personal data.

Source: fleet.md 1 of the design.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

import orjson
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from edge.core.errors import WireContractError
from edge.wire.canonical import parse_object
from edge.wire.cloudevents import rfc3339
from edge.wire.command import CommandName

MAX_RESULT_BYTES: Final = 32 * 1024

Outcome = Literal["done", "failed", "unknown"]
"""unknown: the device went down between taking the command and noting what became of it; it is
not carried out again."""


class CommandResult(BaseModel):
    """What became of one command."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1] = 1
    command_id: Annotated[str, Field(pattern=r"^[0-9a-f-]{36}$")]
    name: CommandName
    outcome: Outcome
    at: AwareDatetime
    detail: Annotated[str, Field(max_length=300)] = ""
    """Why it failed; empty when it is done."""
    data: Mapping[str, Any] = {}
    """What the command asked for, by the command's own rules."""


def write_result(result: CommandResult) -> bytes:
    """Return ``result`` as it is published; data that would not fit is left out, and said so."""
    document = result.model_dump(mode="json") | {"at": rfc3339(result.at)}
    payload = orjson.dumps(document)
    if len(payload) <= MAX_RESULT_BYTES:
        return payload
    note = f"wanted at most {MAX_RESULT_BYTES} bytes, got {len(payload)}: the data is left out"
    return orjson.dumps(document | {"data": {}, "detail": note})


def read_result(payload: bytes) -> CommandResult:
    """Return what ``write_result`` wrote.

    Raises:
        WireContractError: It is not such an answer.
    """
    found = parse_object(payload, max_bytes=MAX_RESULT_BYTES, what="command result")
    try:
        return CommandResult.model_validate(found)
    except ValidationError as error:
        msg = f"command result: {error.error_count()} mistakes: {error.errors()[0]['msg']}"
        raise WireContractError(msg) from error
