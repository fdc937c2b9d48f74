"""A visit holds everything a shopper's presence leaves, and ends without anybody's help."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest

from edge.catalog.allergens import Allergen
from edge.catalog.order import Line
from edge.core.chance import system_chance
from edge.core.clock import SettableClock
from edge.decide.values import Slate
from edge.identity.presence import Presence, Presented
from edge.identity.profile import CustomerId
from edge.web.kiosk.visit import MAX_SLATES, Stage, Visit
from edge.web.kiosk.visits import MAX_VISITS, Change, Visits
from edge.web.ports import Timers

NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(NOON)


@pytest.fixture
def visits(clock: SettableClock) -> Visits:
    return Visits(clock, system_chance, Timers())


def begin(visits: Visits, screen: str = "kiosk-1") -> Visit:
    return visits.begin(screen, "en", "take_away")


def with_latte(visit: Visit) -> Visit:
    return visit.with_basket(visit.basket.with_added(Line("latte", {})))


def test_two_visits_share_neither_key_nor_id_nor_basket(visits: Visits) -> None:
    one, other = begin(visits), begin(visits, "kiosk-2")
    visits.change(one.key, with_latte)

    assert one.key != other.key
    assert one.visit_id != other.visit_id
    assert one.key not in {one.visit_id, other.visit_id}
    untouched = visits.get(other.key)
    assert untouched is not None
    assert untouched.basket.count == 0


def test_a_visit_ends_by_itself_after_guest_time_warning_and_grace(
    visits: Visits, clock: SettableClock
) -> None:
    visit = begin(visits)

    clock.advance(timedelta(seconds=74.9))
    assert visits.expire(clock()) == ()
    clock.advance(timedelta(seconds=0.1))
    assert [v.visit_id for v in visits.expire(clock())] == [visit.visit_id]
    assert len(visits) == 0


def test_a_visit_that_is_overdue_is_gone_even_before_the_supervisor_looks(
    visits: Visits, clock: SettableClock
) -> None:
    visit = begin(visits)
    clock.advance(timedelta(seconds=75))

    assert visits.get(visit.key) is None
    assert visits.touch(visit.key) is None
    assert visits.change(visit.key, with_latte) is None


def test_a_touch_counts_from_now_again_and_looking_does_not(
    visits: Visits, clock: SettableClock
) -> None:
    visit = begin(visits)
    for _ in range(12):
        clock.advance(timedelta(seconds=70))
        assert visits.touch(visit.key)
    clock.advance(timedelta(seconds=40))
    assert visits.get(visit.key)
    clock.advance(timedelta(seconds=35))

    assert visits.get(visit.key) is None


@pytest.mark.parametrize(
    ("stage", "limit_s"), [(Stage.ORDERING, 75), (Stage.ITEM, 90), (Stage.DONE, 30)]
)
def test_each_stage_has_its_own_time(
    visits: Visits, clock: SettableClock, stage: Stage, limit_s: int
) -> None:
    visit = begin(visits)
    visits.touch(visit.key, stage)

    clock.advance(timedelta(seconds=limit_s - 1))
    assert visits.get(visit.key)
    clock.advance(timedelta(seconds=1))
    assert visits.get(visit.key) is None


def test_a_clock_that_is_set_back_does_not_lengthen_a_visit(
    visits: Visits, clock: SettableClock
) -> None:
    visit = begin(visits)
    clock.advance(timedelta(hours=-2))
    visits.expire(clock())
    clock.advance(timedelta(seconds=75))

    assert [v.visit_id for v in visits.expire(clock())] == [visit.visit_id]


def test_ending_forgets_everything_at_once(visits: Visits) -> None:
    visit = begin(visits)
    visits.change(visit.key, lambda v: replace(with_latte(v), avoid=frozenset({Allergen.MILK})))

    ended = visits.end(visit.key)

    assert ended is not None
    assert ended.basket.count == 1
    assert visits.get(visit.key) is None
    assert visits.end(visit.key) is None
    assert len(visits) == 0


def test_an_unknown_key_or_none_is_nobodys_visit(visits: Visits) -> None:
    begin(visits)

    assert visits.get("0" * 48) is None
    assert visits.get("") is None
    assert visits.get(None) is None


def test_too_many_visits_end_the_one_longest_untouched(
    visits: Visits, clock: SettableClock
) -> None:
    first = begin(visits)
    for _ in range(MAX_VISITS):
        clock.advance(timedelta(milliseconds=10))
        begin(visits)

    assert len(visits) == MAX_VISITS
    assert visits.get(first.key) is None


def test_what_is_private_does_not_appear_when_a_visit_is_printed(visits: Visits) -> None:
    visit = begin(visits)
    changed = visits.change(
        visit.key, lambda v: replace(with_latte(v), avoid=frozenset({Allergen.PEANUTS}))
    )

    assert visit.key not in repr(changed)
    assert "peanuts" not in repr(changed)
    assert "latte" not in repr(changed)


def test_only_the_last_rows_of_a_visit_are_remembered(visits: Visits) -> None:
    visit = begin(visits)
    for number in range(MAX_SLATES + 1):
        visit = visit.with_slate(Slate(f"d{number}", "kiosk-strip", (), "fake"))

    assert visit.slate("d0") is None
    assert visit.slate("d1") is not None


def test_changes_from_many_threads_are_all_kept(visits: Visits) -> None:
    visit = begin(visits)
    start = Barrier(8)

    def add(thread: int) -> None:
        start.wait()
        for number in range(4):
            change = adding(f"sku-{thread}-{number}")
            visits.change(visit.key, change)

    threads = [Thread(target=add, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    found = visits.get(visit.key)
    assert found is not None
    assert len(found.basket.skus) == 32


def adding(sku: str) -> Change:
    return lambda visit: visit.with_basket(visit.basket.with_added(Line(sku, {})))


def someone(name: str = "p-1") -> Presence:
    until_at = NOON + timedelta(minutes=10)
    customer_id = CustomerId(b"alex".ljust(16))
    return Presence(name, "kiosk-1", customer_id, Presented.CODE, NOON, until_at)


def test_meeting_somebody_is_a_touch_and_a_new_id_and_meeting_them_again_is_neither(
    visits: Visits, clock: SettableClock
) -> None:
    visit = begin(visits)
    clock.advance(timedelta(seconds=40))
    met = visits.meet(visit.key, someone())
    assert met is not None
    assert met.touched_at == clock()
    assert met.visit_id != visit.visit_id

    clock.advance(timedelta(seconds=10))
    assert visits.meet(visit.key, someone()) == met


def test_that_somebody_left_is_no_touch(visits: Visits, clock: SettableClock) -> None:
    visit = begin(visits)
    visits.meet(visit.key, someone())
    clock.advance(timedelta(seconds=20))
    left = visits.meet(visit.key, None)

    assert left is not None
    assert left.touched_at == clock() - timedelta(seconds=20)
    assert left.presence is None


def test_a_known_visit_ends_sooner_and_a_composed_product_has_its_time(
    visits: Visits, clock: SettableClock
) -> None:
    visit = begin(visits)
    visits.meet(visit.key, someone())
    clock.advance(timedelta(seconds=59))
    assert visits.touch(visit.key, Stage.ITEM) is not None
    clock.advance(timedelta(seconds=61))
    assert visits.touch(visit.key, Stage.ORDERING) is not None
    clock.advance(timedelta(seconds=60))

    assert visits.get(visit.key) is None


def test_nobody_is_met_in_a_visit_that_is_over(visits: Visits) -> None:
    assert visits.meet("nobody", someone()) is None


def test_the_visits_at_a_screen_are_those_going_on_there(
    visits: Visits, clock: SettableClock
) -> None:
    over = begin(visits)
    clock.advance(timedelta(seconds=75))
    here, _elsewhere = begin(visits), begin(visits, "kiosk-2")

    assert [visit.key for visit in visits.at("kiosk-1")] == [here.key]
    assert over.key != here.key
