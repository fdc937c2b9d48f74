"""From a customer's key to what their phone shows for five minutes."""

from datetime import UTC, datetime, timedelta

import pytest

from edge.identity.day_keys import day_key, day_of, day_of_interval, interval_of, rolling_id
from tests.fakes import frozen_token as frozen


def test_the_frozen_example_is_given() -> None:
    assert day_of(frozen.AT) == frozen.DAY
    assert interval_of(frozen.AT) == frozen.INTERVAL
    assert day_key(frozen.BEACON_KEY, frozen.GROUP, frozen.DAY) == frozen.DAY_KEY
    assert rolling_id(frozen.DAY_KEY, frozen.INTERVAL) == frozen.ROLLING_ID


def test_another_group_day_or_customer_has_another_key() -> None:
    keys = {
        day_key(frozen.BEACON_KEY, 7, 20717),
        day_key(frozen.BEACON_KEY, 8, 20717),
        day_key(frozen.BEACON_KEY, 7, 20718),
        day_key(bytes(32), 7, 20717),
    }

    assert len(keys) == 4
    assert {len(key) for key in keys} == {16}


def test_bound_to_a_kiosk_a_customer_is_somebody_else() -> None:
    bound = rolling_id(frozen.DAY_KEY, frozen.INTERVAL, b"kiosk-01")

    assert bound != frozen.ROLLING_ID
    assert bound != rolling_id(frozen.DAY_KEY, frozen.INTERVAL, b"kiosk-02")


@pytest.mark.parametrize("second", [0, 86_399, 86_400, 1_790_035_199, 1_790_035_200])
def test_an_interval_lies_in_one_day_and_days_are_those_of_utc(second: int) -> None:
    at = datetime.fromtimestamp(second, UTC)

    assert day_of(at) == (at.date() - datetime(1970, 1, 1, tzinfo=UTC).date()).days
    assert day_of_interval(interval_of(at)) == day_of(at)


def test_an_interval_lasts_five_minutes() -> None:
    begins = datetime.fromtimestamp(frozen.INTERVAL * 300, UTC)

    assert interval_of(begins) == frozen.INTERVAL
    assert interval_of(begins + timedelta(seconds=299, microseconds=999_999)) == frozen.INTERVAL
    assert interval_of(begins - timedelta(microseconds=1)) == frozen.INTERVAL - 1
    assert interval_of(begins + timedelta(seconds=300)) == frozen.INTERVAL + 1
