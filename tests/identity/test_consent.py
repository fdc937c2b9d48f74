"""What a customer allows follows from what they said, and from nothing else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from edge.identity.consent import (
    VALID_FOR,
    ConsentEvent,
    Notice,
    Purpose,
    State,
    ends_at,
    following,
    grants_in_force,
    outdated,
    purposes_in_force,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
NOTICE = Notice("phone", "1.0", bytes(32), bytes(32), "en")


def said(state: State, event_id: str, *, hours: int = 0, record: str = "r1") -> ConsentEvent:
    return ConsentEvent(
        event_id, record, Purpose.TASTES, state, NOON + hours * HOUR, "app_toggle", NOTICE
    )


def test_nothing_is_allowed_before_anything_was_said() -> None:
    assert purposes_in_force([], NOON) == {}


def test_what_was_given_is_allowed_under_its_record() -> None:
    assert purposes_in_force([said("given", "e1")], NOON) == {Purpose.TASTES: "r1"}


@pytest.mark.parametrize("state", ["requested", "refused", "withdrawn", "expired", "invalidated"])
def test_nothing_but_giving_allows(state: State) -> None:
    assert purposes_in_force([said(state, "e1")], NOON) == {}


@pytest.mark.parametrize("state", ["refused", "withdrawn", "expired", "invalidated"])
def test_what_was_given_ends_with_what_ends_its_record(state: State) -> None:
    events = [said("given", "e1"), said(state, "e2", hours=1)]

    assert purposes_in_force(events, NOON + 2 * HOUR) == {}


def test_asking_again_ends_nothing() -> None:
    events = [said("given", "e1"), said("requested", "e2", hours=1)]

    assert purposes_in_force(events, NOON + 2 * HOUR) == {Purpose.TASTES: "r1"}


@pytest.mark.parametrize("hours", [-10_000, 0, 10_000])
def test_a_withdrawal_wins_whatever_its_clock_said(hours: int) -> None:
    events = [said("given", "e1"), said("withdrawn", "e2", hours=hours)]

    assert purposes_in_force(events, NOON) == {}


def test_a_withdrawal_ends_other_records_that_did_not_know_of_it() -> None:
    elsewhere = said("given", "e3", hours=5, record="r2")

    assert purposes_in_force([said("withdrawn", "e2"), elsewhere], NOON + 6 * HOUR) == {}


def test_what_was_given_again_knowing_of_the_withdrawal_holds() -> None:
    again = replace(said("given", "e3", hours=-5, record="r2"), knows=frozenset({"e2"}))
    events = [said("given", "e1"), said("withdrawn", "e2"), again]

    assert purposes_in_force(events, NOON) == {Purpose.TASTES: "r2"}


def test_a_withdrawal_of_one_purpose_leaves_the_others() -> None:
    other = replace(said("given", "e1"), purpose=Purpose.PAST_ORDERS)

    assert purposes_in_force([other, said("withdrawn", "e2")], NOON) == {Purpose.PAST_ORDERS: "r1"}


def test_the_end_of_one_record_does_not_end_another() -> None:
    events = [said("expired", "e1", hours=9), said("given", "e2", record="r2")]

    assert purposes_in_force(events, NOON) == {Purpose.TASTES: "r2"}


def test_consent_ends_by_itself_after_thirteen_months() -> None:
    given = said("given", "e1")

    assert purposes_in_force([given], NOON + VALID_FOR - HOUR) != {}
    assert purposes_in_force([given], NOON + VALID_FOR) == {}


def test_no_date_that_was_written_makes_consent_last_longer() -> None:
    given = replace(said("given", "e1"), valid_until=NOON + 10 * VALID_FOR)

    assert ends_at(given) == NOON + VALID_FOR


def test_renewing_counts_the_months_again() -> None:
    given = said("given", "e1")
    renewed = following(given, "renewed", event_id="e2", at=NOON + 300 * 24 * HOUR)
    later = NOON + VALID_FOR + HOUR

    assert purposes_in_force([given, renewed], later) == {Purpose.TASTES: "r1"}
    assert grants_in_force([given, renewed], later)[Purpose.TASTES] == renewed


def test_a_material_change_of_the_notice_ends_what_was_given_under_the_one_before() -> None:
    given = said("given", "e1")
    changed = replace(NOTICE, version="2.0")

    assert outdated([given], changed, NOON) == (given,)
    ended = following(given, "invalidated", event_id="e2", at=NOON)
    assert purposes_in_force([given, ended], NOON) == {}
    assert outdated([given, ended], changed, NOON) == ()


@pytest.mark.parametrize(
    "notice", [replace(NOTICE, version="1.4"), replace(NOTICE, notice_id="till", version="2.0")]
)
def test_a_clearer_word_or_another_notice_ends_nothing(notice: Notice) -> None:
    assert outdated([said("given", "e1")], notice, NOON) == ()
