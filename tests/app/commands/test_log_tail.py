"""The last lines of the log, for central."""

import logging
from collections.abc import Iterator

import pytest

from edge.app.commands.log_tail import KEPT, LogTail
from edge.core.errors import RequestContractError

log = logging.getLogger("edge.test_log_tail")


@pytest.fixture
def tail() -> Iterator[LogTail]:
    made = LogTail()
    log.addHandler(made)
    log.setLevel(logging.INFO)
    yield made
    log.removeHandler(made)


def lines(tail: LogTail, **arguments: str | int | bool) -> list[str]:
    found = tail(arguments)["lines"]
    assert isinstance(found, list)
    return found


def test_the_last_lines_come_oldest_first(tail: LogTail) -> None:
    for number in range(60):
        log.info("line %d", number)

    assert [line.rsplit(" ", 1)[1] for line in lines(tail, lines=3)] == ["57", "58", "59"]
    assert len(lines(tail)) == 50
    assert lines(tail)[0].split()[1:3] == ["INFO", "edge.test_log_tail"]


def test_a_long_day_of_logging_takes_no_more_room(tail: LogTail) -> None:
    for _ in range(KEPT + 100):
        log.info("x y " * 1000)

    assert len(tail._lines) == KEPT
    assert max(map(len, tail._lines)) <= 240


@pytest.mark.parametrize(
    "secret",
    [
        "K1:ABC$%*+-./:9",
        "ab" * 16,
        "/P/ABCDEFGHIJKLMNOPQRST",
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9abcd",
    ],
)
def test_what_looks_like_a_secret_does_not_leave(tail: LogTail, secret: str) -> None:
    log.warning("wanted a code, got %s, and that was it", secret)

    (line,) = lines(tail)
    assert secret not in line
    assert "wanted a code, got …" in line


def test_a_traceback_stays_on_the_device(tail: LogTail) -> None:
    try:
        raise ZeroDivisionError("somebody")
    except ZeroDivisionError:
        log.exception("it broke")

    assert "somebody" not in lines(tail)[0]


def test_a_line_that_cannot_be_written_is_no_error(tail: LogTail) -> None:
    tail.handle(logging.LogRecord("edge", logging.INFO, "", 0, "%d", ("no number",), None))

    assert "cannot be written" in lines(tail)[0]


@pytest.mark.parametrize("wanted", [0, 101, "5", True])
def test_a_count_that_is_none_is_refused(tail: LogTail, wanted: str | int) -> None:
    with pytest.raises(RequestContractError, match="lines: wanted 1 to 100"):
        tail({"lines": wanted})
