"""Device and CDP agree on what a customer allows, however and how often they exchange it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.identity.consent import ConsentEvent, Notice, Purpose, State, purposes_in_force
from edge.identity.consent_merge import knowing, merge

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOTICE = Notice("phone", "1.0", bytes(32), bytes(32), "en")
STATES: tuple[State, ...] = ("given", "refused", "withdrawn", "expired", "renewed", "invalidated")
IDS = [f"e{number}" for number in range(12)]


@st.composite
def events(draw: st.DrawFn) -> ConsentEvent:
    """Anything that could arrive, also two different events under one id."""
    return ConsentEvent(
        event_id=draw(st.sampled_from(IDS)),
        record_id=draw(st.sampled_from(["r1", "r2", "r3"])),
        purpose=draw(st.sampled_from(list(Purpose)[:2])),
        state=draw(st.sampled_from(STATES)),
        at=NOON + timedelta(hours=draw(st.integers(-3, 3))),
        method="app_toggle",
        notice=NOTICE,
        knows=draw(st.frozensets(st.sampled_from(IDS), max_size=4)),
    )


lists = st.lists(events(), max_size=6)
quickly = settings(max_examples=60, deadline=None)


@quickly
@given(lists, lists)
def test_it_does_not_matter_who_begins(a: list[ConsentEvent], b: list[ConsentEvent]) -> None:
    assert merge(a, b) == merge(b, a)


@quickly
@given(lists, lists, lists)
def test_it_does_not_matter_in_which_order_places_exchange(
    a: list[ConsentEvent], b: list[ConsentEvent], c: list[ConsentEvent]
) -> None:
    assert merge(merge(a, b), c) == merge(a, merge(b, c))


@quickly
@given(lists, lists)
def test_exchanging_again_changes_nothing(a: list[ConsentEvent], b: list[ConsentEvent]) -> None:
    once = merge(a, b)

    assert merge(once, b) == once
    assert merge(once, once) == once


@quickly
@given(lists, lists)
def test_a_withdrawal_is_never_lost(a: list[ConsentEvent], b: list[ConsentEvent]) -> None:
    withdrawn = {event.event_id for event in (*a, *b) if event.state == "withdrawn"}
    kept = {event.event_id for event in merge(a, b) if event.state == "withdrawn"}

    assert kept == withdrawn


@quickly
@given(lists, lists)
def test_nothing_is_allowed_that_did_not_know_of_every_withdrawal(
    a: list[ConsentEvent], b: list[ConsentEvent]
) -> None:
    joined = merge(a, b)
    withdrawn = {(e.purpose, e.event_id) for e in joined if e.state == "withdrawn"}
    for purpose, record_id in purposes_in_force(joined, NOON).items():
        known = [e.knows for e in joined if e.purpose is purpose and e.record_id == record_id]
        assert any({i for p, i in withdrawn if p is purpose} <= knows for knows in known)


@quickly
@given(lists, st.data())
def test_what_holds_does_not_depend_on_the_order_of_events(
    a: list[ConsentEvent], data: st.DataObject
) -> None:
    joined = merge(a, [])
    turned = data.draw(st.permutations(joined))

    assert purposes_in_force(turned, NOON) == purposes_in_force(joined, NOON)


# ---- said one after the other at one place ------------------------------------------------


def said_here(states: Sequence[bool]) -> tuple[ConsentEvent, ...]:
    """A customer who switches a purpose on and off; each time it goes on is a new record."""
    found, record = [], 0
    for number, is_on in enumerate(states):
        record += is_on
        found.append(
            ConsentEvent(
                event_id=f"e{number:03}",
                record_id=f"r{record}",
                purpose=Purpose.TASTES,
                state="given" if is_on else "withdrawn",
                at=NOON - number * timedelta(hours=1),  # the clock runs backwards: no matter
                method="app_toggle",
                notice=NOTICE,
            )
        )
    return knowing(found, [])


@quickly
@given(st.lists(st.booleans(), min_size=1, max_size=8))
def test_at_one_place_the_last_word_holds_even_with_a_clock_that_runs_backwards(
    states: list[bool],
) -> None:
    in_force = purposes_in_force(said_here(states), NOON)

    assert (Purpose.TASTES in in_force) == states[-1]


@quickly
@given(
    st.lists(st.booleans(), max_size=5),
    st.lists(st.booleans(), max_size=4),
    st.lists(st.booleans(), max_size=4),
)
def test_off_at_one_place_beats_on_at_another_that_had_not_heard(
    before: list[bool], here: list[bool], there: list[bool]
) -> None:
    common = said_here(before)

    def later(states: list[bool], place: str) -> tuple[ConsentEvent, ...]:
        new = [
            ConsentEvent(
                f"{place}{number}",
                f"{place}{number}",
                Purpose.TASTES,
                "given" if is_on else "withdrawn",
                NOON,
                "app_toggle",
                NOTICE,
            )
            for number, is_on in enumerate(states)
        ]
        return (*common, *knowing(new, common))

    joined = purposes_in_force(merge(later(here, "h"), later(there, "t")), NOON)

    if False in here and False in there:
        # Each gave, if at all, without having heard of the other's withdrawal.
        assert joined == {}
    if here and not here[-1] and True not in here:
        assert joined == {}
