"""Caps count over all devices of a shop; counts never fall and never count twice."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from edge.context.shared_counts import SharedCounts

DAY = date(2026, 3, 1)
_DEVICES = ("board-1", "kiosk-1", "kiosk-2")


@given(
    st.lists(
        st.tuples(st.sampled_from(("count", "tell")), *[st.sampled_from(_DEVICES)] * 2), max_size=40
    )
)
def test_the_shops_count_is_the_sum_whatever_was_told_how_often(
    steps: list[tuple[str, str, str]],
) -> None:
    shop = {device: SharedCounts(device) for device in _DEVICES}
    counted = 0
    for what, one, other in steps:
        if what == "count":
            shop[one].count("soup", DAY, shown=1)
            counted += 1
        else:
            shop[other].hear(one, shop[one].own())
        assert all(counts.of_shop("soup", DAY)[0] <= counted for counts in shop.values())
    for one in _DEVICES:
        for other in _DEVICES:
            shop[other].hear(one, shop[one].own())
    assert {counts.of_shop("soup", DAY) for counts in shop.values()} == {(counted, 0)}


def test_a_device_that_forgot_its_own_count_takes_it_from_what_it_told_before() -> None:
    before = SharedCounts("kiosk-1")
    before.count("soup", DAY, shown=5, taken=1)
    after = SharedCounts("kiosk-1")
    after.count("soup", DAY, shown=2)
    after.hear("kiosk-1", before.own())
    assert after.of_shop("soup", DAY) == (5, 1)


def test_days_that_no_cap_looks_at_are_dropped() -> None:
    counts = SharedCounts("kiosk-1", {DAY: {"soup": (1, 0)}})
    counts.forget_before(DAY + timedelta(days=1))
    assert counts.of_shop("soup", DAY) == (1, 0)
    counts.forget_before(DAY + timedelta(days=2))
    assert counts.own() == {}
