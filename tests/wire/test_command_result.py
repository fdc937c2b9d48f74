"""The answer to a command."""

import pytest

from edge.core.errors import WireContractError
from edge.wire.command_result import MAX_RESULT_BYTES, CommandResult, read_result, write_result
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
