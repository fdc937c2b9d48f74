"""Nothing is deleted by a clock that jumped."""

from datetime import datetime, timedelta

import pytest

from edge.app.clock_trust import ClockTrust
from edge.core.clock import SettableClock
from tests.fakes.shop import NOON


class Machine:
    def __init__(self, last_seen_at: datetime | None, *, synchronised: bool = False) -> None:
        self.clock = SettableClock(NOON)
        self.uptime_s = 100.0
        self.trust = ClockTrust(
            self.clock,
            last_seen_at,
            monotonic=lambda: self.uptime_s,
            is_synchronised=lambda: synchronised,
        )

    def pass_time(self, by: timedelta) -> None:
        self.clock.advance(by)
        self.uptime_s += by.total_seconds()


def test_a_clock_that_goes_on_from_where_it_was_may_delete() -> None:
    machine = Machine(NOON - timedelta(days=2))
    machine.pass_time(timedelta(days=40))

    assert machine.trust.state() == "rtc"
    assert machine.trust.may_delete()


def test_a_new_device_has_nothing_to_compare_with() -> None:
    assert Machine(None).trust.may_delete()


@pytest.mark.parametrize("since", [timedelta(days=8), timedelta(days=-1)], ids=["ahead", "back"])
def test_a_clock_that_jumped_before_the_start_deletes_nothing(since: timedelta) -> None:
    machine = Machine(NOON - since)

    assert machine.trust.state() == "none"
    assert not machine.trust.may_delete()


@pytest.mark.parametrize("jump", [timedelta(days=365), timedelta(days=-365)])
def test_a_clock_that_jumps_while_running_deletes_nothing(jump: timedelta) -> None:
    machine = Machine(NOON)
    machine.clock.advance(jump)

    assert not machine.trust.may_delete()


def test_a_clock_that_the_network_set_may_jump() -> None:
    machine = Machine(NOON - timedelta(days=400), synchronised=True)
    machine.clock.advance(timedelta(days=365))

    assert machine.trust.state() == "ntp"
    assert machine.trust.may_delete()
