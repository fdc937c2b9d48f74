"""Chance that can be checked, and ids that sort by time."""

import uuid
from datetime import UTC, datetime, timedelta

from edge.core.chance import draws, system_chance
from edge.core.ids import uuid7

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_the_same_decision_id_gives_the_same_draws() -> None:
    assert draws("a", 3) == draws("a", 3)
    assert draws("a", 3)[:2] == draws("a", 2)
    assert draws("a", 1) != draws("b", 1)


def test_draws_are_the_first_53_bits_of_sha_256() -> None:
    # printf 'a:0' | sha256sum | cut -c1-16
    assert draws("a", 1) == ((0x0ED32D3352F0CDDD >> 11) / 2**53,)


def test_draws_cover_zero_to_one_evenly() -> None:
    numbers = draws("even", 4000)

    assert all(0 <= number < 1 for number in numbers)
    assert all(sum(low / 4 <= n < (low + 1) / 4 for n in numbers) > 900 for low in range(4))


def test_ids_are_uuids_of_version_7_that_sort_by_time() -> None:
    ids = [uuid7(NOON + timedelta(milliseconds=n), system_chance) for n in range(50)]

    assert ids == sorted(ids)
    assert {uuid.UUID(one).version for one in ids} == {7}
    assert {uuid.UUID(one).variant for one in ids} == {uuid.RFC_4122}
