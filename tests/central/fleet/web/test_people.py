from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from edge.central.fleet.web.people import People, Person, Role, line_of, new_token
from edge.core.chance import system_chance
from edge.core.clock import SettableClock
from edge.core.errors import SettingsContractError

ADA = Person("ada", Role.APPROVER)
BO = Person("bo", Role.VIEWER)


def test_a_role_covers_those_before_it() -> None:
    assert [Role.OPERATOR.covers(one) for one in Role] == [True, True, False]


def test_a_token_is_whose_line_it_is_and_the_file_does_not_hold_it(tmp_path: Path) -> None:
    token = new_token(system_chance)
    path = tmp_path / "people"
    path.write_text(f"# who may\n\n{line_of(ADA, token)}\n")
    assert People(path).of(token) == ADA
    assert People(path).of(token[:-1]) is None
    assert People(path).of("") is None
    assert token[3:] not in path.read_text()


def test_without_a_file_nobody_is_anybody() -> None:
    people = People(None)
    assert (people.is_anybody, people.is_closed, people.of("x")) == (False, False, None)


@pytest.mark.parametrize("line", ["ft-secret-token", "ada admin " + "0" * 64, "ada approver 12"])
def test_a_line_that_is_none_is_refused_and_not_repeated(tmp_path: Path, line: str) -> None:
    path = tmp_path / "people"
    path.write_text(f"{line}\n")
    with pytest.raises(SettingsContractError, match="line 1") as caught:
        People(path)
    assert "secret" not in str(caught.value)


def test_a_file_that_breaks_later_lets_nobody_in_until_it_is_right(tmp_path: Path) -> None:
    path = tmp_path / "people"
    path.write_text(f"{line_of(ADA, 'a')}\n")
    people = People(path)
    path.write_text("nonsense\n")
    assert people.of("a") is None
    path.unlink()
    assert people.of("a") is None
    path.write_text(f"{line_of(ADA, 'a')}\n{line_of(BO, 'b')}\n")
    assert people.of("a") == ADA
    assert people.is_closed
    for broken in ("nonsense\n", None):  # and what was closed stays closed
        path.unlink() if broken is None else path.write_text(broken)
        assert people.of("b") is None
        assert people.is_closed


def test_a_token_ends_after_its_last_day_and_opens_nothing_by_that(tmp_path: Path) -> None:
    path, clock = tmp_path / "people", SettableClock(datetime(2026, 3, 2, 9, tzinfo=UTC))
    path.write_text(f"{line_of(BO, 'b', date(2026, 3, 3))}\n{line_of(ADA, 'a')}\n")
    people = People(path, clock)
    clock.advance(timedelta(days=1))
    assert people.of("b") == BO
    assert people.still(BO)
    clock.advance(timedelta(hours=15))
    assert people.of("b") is None
    assert not people.still(BO)  # whoever is signed in with it is not any more
    assert people.is_closed
    assert people.of("a") == ADA


def test_a_last_day_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "people"
    path.write_text(f"{line_of(ADA, 'a')} until 2026-02-30\n")
    with pytest.raises(SettingsContractError, match="until"):
        People(path)


def test_a_file_that_is_not_there_is_said_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsContractError, match=r"serve\.token_file"):
        People(tmp_path / "none")
