"""The answer to a command."""

from typing import get_args

import orjson
import pytest
from jsonschema import Draft202012Validator

from edge.core.errors import WireContractError
from edge.wire.command import CommandName
from edge.wire.command_result import MAX_RESULT_BYTES, CommandResult, read_result, write_result
from edge.wire.schema_files import schema
from tests.fakes.central_commands import CentralCommands
from tests.fakes.recorded import NOON

RESULT = CommandResult(
    command_id="01900000-0000-7000-8000-000000000001",
    name="log-tail",
    outcome="done",
    at=NOON,
    data={"lines": ["one"]},
)


def test_an_answer_comes_back_as_it_was_written() -> None:
    assert read_result(write_result(RESULT)) == RESULT


def test_commands_and_answers_keep_their_schemas() -> None:
    command = orjson.loads(CentralCommands().make("log-tail", {"lines": 5, "all": True}))
    answer = orjson.loads(write_result(RESULT))

    assert list(Draft202012Validator(dict(schema("command"))).iter_errors(command)) == []
    assert list(Draft202012Validator(dict(schema("command_result"))).iter_errors(answer)) == []
    for name in get_args(CommandName):
        CommandResult.model_validate(answer | {"name": name})
        assert name in schema("command_result")["properties"]["name"]["enum"]


def test_data_that_does_not_fit_is_left_out_and_the_answer_says_so() -> None:
    large = RESULT.model_copy(update={"data": {"lines": ["x" * MAX_RESULT_BYTES]}})
    payload = write_result(large)

    assert len(payload) < 1000
    assert read_result(payload).data == {}
    assert "left out" in read_result(payload).detail


@pytest.mark.parametrize("payload", [b"", b"[]", b"{}", b'{"outcome":"done"}', b"{" * 40_000])
def test_what_is_no_answer_is_refused(payload: bytes) -> None:
    with pytest.raises(WireContractError):
        read_result(payload)
