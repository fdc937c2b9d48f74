"""One moment is encoded alike for training and for serving, on the site's wall clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.recommend.features import WIDTH, encode_context, encode_contexts

LONDON = ZoneInfo("Europe/London")
moments = st.datetimes(datetime(2015, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants naive bounds


@given(moments, st.sampled_from(["Europe/London", "America/New_York", "Asia/Kathmandu"]))
def test_serving_and_training_encode_a_moment_alike(at: datetime, zone: str) -> None:
    local = at.astimezone(ZoneInfo(zone))
    columns = encode_contexts(
        np.array([0, local.hour]),
        np.array([0, local.weekday()]),
        np.array([1, local.timetuple().tm_yday]),
    )

    assert np.array_equal(encode_context(local), columns[1])


def test_hour_and_weekday_are_one_of_many_and_the_season_is_an_angle() -> None:
    found = encode_context(datetime(2026, 1, 1, 9, 30, tzinfo=LONDON))  # a Thursday

    assert found.shape == (WIDTH,)
    assert found.dtype == np.float32
    assert np.flatnonzero(found).tolist() == [9, 24 + 3, 32]
    assert found[32] == 1.0


def test_eight_in_the_morning_is_eight_in_winter_and_in_summer() -> None:
    winter = datetime(2026, 3, 28, 8, 0, tzinfo=UTC).astimezone(LONDON)
    summer = datetime(2026, 3, 29, 7, 0, tzinfo=UTC).astimezone(LONDON)

    assert encode_context(winter)[8] == encode_context(summer)[8] == 1.0


def test_the_hour_that_comes_twice_in_autumn_is_one_hour() -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC).astimezone(LONDON)
    second = (first.astimezone(UTC) + timedelta(hours=1)).astimezone(LONDON)

    assert first.hour == second.hour == 1
    assert np.array_equal(encode_context(first), encode_context(second))


def test_all_moments_of_a_local_hour_are_encoded_alike() -> None:
    start = datetime(2026, 5, 4, 13, 0, tzinfo=LONDON)

    for minutes in (1, 30, 59):
        later = start + timedelta(minutes=minutes)
        assert np.array_equal(encode_context(later), encode_context(start))


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        encode_context(datetime(2026, 1, 1, 9))  # noqa: DTZ001 - the mistake under test
