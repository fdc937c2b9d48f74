"""A call for help is seen by the team, taken by one of them, and forgotten."""

from datetime import timedelta
from itertools import count

import pytest

from edge.core.clock import SettableClock
from edge.web.help import MAX_OPEN, HelpDesk
from tests.fakes.services import LUNCH_AT


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(LUNCH_AT)


@pytest.fixture
def desk(clock: SettableClock) -> HelpDesk:
    numbers = count(1)
    return HelpDesk(clock, lambda: f"help-{next(numbers)}")


def test_a_call_waits_until_it_is_taken(desk: HelpDesk, clock: SettableClock) -> None:
    call = desk.ask("kiosk-1")
    clock.advance(timedelta(seconds=12))
    desk.acknowledge(call.help_id)

    taken = desk.get(call.help_id)
    assert taken is not None
    assert taken.seen_at == LUNCH_AT + timedelta(seconds=12)


def test_asking_again_keeps_the_first_moment(desk: HelpDesk, clock: SettableClock) -> None:
    first = desk.ask("kiosk-1")
    clock.advance(timedelta(seconds=30))

    assert desk.ask("kiosk-1") == first


def test_asking_again_after_somebody_came_is_a_new_call(desk: HelpDesk) -> None:
    first = desk.ask("kiosk-1")
    desk.acknowledge(first.help_id)

    assert desk.ask("kiosk-1").help_id != first.help_id


def test_a_call_that_nobody_takes_for_a_minute_is_late(
    desk: HelpDesk, clock: SettableClock
) -> None:
    call = desk.ask("kiosk-1")

    assert not call.is_late(LUNCH_AT + timedelta(seconds=59))
    assert call.is_late(LUNCH_AT + timedelta(seconds=60))


def test_unseen_calls_come_first_and_the_oldest_of_them_before_all(
    desk: HelpDesk, clock: SettableClock
) -> None:
    for screen in ("kiosk-1", "kiosk-2", "kiosk-3"):
        call = desk.ask(screen)
        clock.advance(timedelta(seconds=1))
        if screen == "kiosk-1":
            desk.acknowledge(call.help_id)

    assert [c.screen_id for c in desk.open()] == ["kiosk-2", "kiosk-3", "kiosk-1"]


def test_a_closed_call_is_forgotten(desk: HelpDesk) -> None:
    call = desk.ask("kiosk-1")
    desk.close("kiosk-1")

    assert desk.open() == ()
    assert desk.get(call.help_id) is None
    assert desk.acknowledge(call.help_id) is None


def test_the_tablets_hear_of_every_change(desk: HelpDesk) -> None:
    heard: list[int] = []
    desk.on_change = lambda: heard.append(len(desk.open()))
    call = desk.ask("kiosk-1")
    desk.acknowledge(call.help_id)
    desk.close("kiosk-1")
    desk.close("kiosk-1")

    assert heard == [1, 1, 0]


def test_calls_do_not_pile_up(desk: HelpDesk) -> None:
    for number in range(MAX_OPEN + 10):
        desk.ask(f"kiosk-{number}")

    assert len(desk.open()) == MAX_OPEN
