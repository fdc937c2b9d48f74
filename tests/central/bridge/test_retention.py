"""For how long an event is kept: by its day, unless nobody can believe its clock."""

from datetime import UTC, datetime, timedelta

import pytest

from edge.central.bridge.partitions import DAYS_BACK
from edge.central.bridge.retention import FIRST_DAY, Retention, reference_day
from edge.central.bridge.sink import Arrived
from tests.fakes.device_events import NOON, Sender

RULES = Retention({"health": 90, "engagement": 396, "consent": 1491}, ordinary=396, answers=90)
SENDER = Sender()


def came(days_ago: int, clock: str = "ntp", schema: str = "engagement") -> Arrived:
    (one,) = SENDER.but(at=NOON - timedelta(days=days_ago), schema=schema).arrived([1])
    return one._replace(event={**one.event, "clock": clock})


def test_the_data_map_is_what_holds() -> None:
    rules = Retention.shipped()
    assert (rules.of("health"), rules.of("order"), rules.of("consent")) == (90, 396, 1491)
    assert rules.of("of_tomorrow") == rules.ordinary == 396
    assert rules.ordinary > DAYS_BACK  # or a day's partition would be made anew each day


@pytest.mark.parametrize(
    ("schema", "last"), [("health", 90), ("engagement", 396), ("of_tomorrow", 396)]
)
def test_an_event_is_over_the_day_after_its_last(schema: str, last: int) -> None:
    assert not RULES.is_over(came(last, schema=schema))
    assert RULES.is_over(came(last + 1, schema=schema))


def test_proof_of_consent_outlives_what_is_ordinary() -> None:
    (one,) = SENDER.but(at=NOON, schema="consent").arrived([1])
    years = [one._replace(received_at=NOON + timedelta(days=days)) for days in (1491, 1492)]
    assert [RULES.is_over(late) for late in years] == [False, True]


@pytest.mark.parametrize(
    "wrong",
    [
        came(600),  # before there was such a device
        came(-3, schema="health"),
        came(395, clock="none", schema="health"),
    ],
)
def test_of_a_clock_that_nobody_believes_the_day_of_arrival_counts(wrong: Arrived) -> None:
    assert reference_day(wrong) == NOON.date()
    assert not RULES.is_over(wrong)


def test_what_is_over_at_an_age_grows_with_it() -> None:
    assert RULES.over(90) == ()
    assert RULES.over(91) == ("health",)
    assert RULES.over(397) == ("engagement", "health", "*")
    assert RULES.over(1500) == ("consent", "engagement", "health", "*")
    assert datetime(2025, 1, 1, tzinfo=UTC).date() == FIRST_DAY
