"""A withdrawal wins every conflict, in whatever order, and however often, messages arrive."""

import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from edge.core.clock import SettableClock
from edge.identity.consent import Purpose, purposes_in_force
from edge.identity.profile import Wishes
from tests.fakes.appliance import LUNCH_AT
from tests.fakes.customer import Customer, bare
from tests.fakes.two_places import CENTRALS_KEY, TwoPlaces

purposes = st.sampled_from([Purpose.TASTES, Purpose.PAST_ORDERS])
sets = st.frozensets(purposes)
numbers = st.integers(0, 1000)


class Withdrawal(RuleBasedStateMachine):
    """A customer says yes and no here and in another shop; reports and messages travel at will."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        clock = SettableClock(LUNCH_AT)
        built = self.stack.enter_context(
            bare(folder, clock, **{"recognition.central_key": CENTRALS_KEY})
        )
        self.places = TwoPlaces(built, clock, Customer.enrolled(built, clock))

    def teardown(self) -> None:
        try:
            self.agree()
        finally:
            self.stack.close()

    @initialize(is_known_there=st.booleans())
    def begin(self, is_known_there: bool) -> None:
        self.places.customer.parts.from_central.report()
        if is_known_there:
            for number in range(2):
                self.places.report_here(number)
            self.places.tell_there()

    @rule(wanted=sets)
    def say_here(self, wanted: frozenset[Purpose]) -> None:
        before = set(self.places.heard)
        self.places.say_here(wanted)
        assert set(self.places.allowed_here()) <= wanted, "it holds at once"
        for event in self.places.said_here():
            # What somebody knew cannot be more than what the device did.
            assert {(event.purpose, known) for known in event.knows} <= before | self.places.heard

    @rule(purpose=purposes, is_on=st.booleans(), is_in_touch=st.booleans())
    def say_there(self, purpose: Purpose, is_on: bool, is_in_touch: bool) -> None:
        places = self.places
        if is_in_touch:
            places.tell_there()
        places.say_there(purpose, is_on=is_on)
        if is_in_touch:
            places.report_there()
            places.post()
            places.deliver(len(places.posted) - 1)

    @rule(number=numbers)
    def report_here(self, number: int) -> None:
        self.places.report_here(number)

    @rule()
    def report_there(self) -> None:
        self.places.report_there()

    @rule()
    def tell_there(self) -> None:
        self.places.tell_there()

    @rule()
    def post(self) -> None:
        self.places.post()

    @rule(number=numbers)
    def deliver(self, number: int) -> None:
        self.places.deliver(number)

    @rule()
    def erase_from_central(self) -> None:
        self.places.erase_from_central()

    @invariant()
    def nothing_is_allowed_that_did_not_know_of_every_withdrawal(self) -> None:
        places = self.places
        everything = (*places.said_here(), *places.there, *places.central)
        for purpose, record_id in places.allowed_here().items():
            withdrawn = {event_id for of, event_id in places.heard if of is purpose}
            given = [e for e in everything if (e.record_id, e.purpose) == (record_id, purpose)]
            assert any(e.state == "given" and withdrawn <= e.knows for e in given)

    @invariant()
    def what_was_kept_for_a_purpose_goes_with_it(self) -> None:
        customer_id, allowed = self.places.customer_id(), self.places.allowed_here()
        if customer_id is None:
            return
        profile = self.places.built.store.people.profile(customer_id)
        assert profile is not None
        assert Purpose.TASTES in allowed or profile.wishes == Wishes()
        assert Purpose.PAST_ORDERS in allowed or profile.purchases == ()

    def agree(self) -> None:
        """Once every message has arrived everywhere, this device allows no more than central."""
        places = self.places
        for _ in range(2):
            for number in range(len(places.reports())):
                places.report_here(number)
            places.report_there()
            places.tell_there()
            places.post()
            places.deliver(len(places.posted) - 1)
        agreed = purposes_in_force(places.central, places.clock())
        assert places.allowed_here().items() <= agreed.items()


def run(examples: int, steps: int) -> None:
    run_state_machine_as_test(
        Withdrawal,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_a_withdrawal_wins_whatever_arrives_when() -> None:
    run(25, 20)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_a_withdrawal_wins_in_very_many_histories() -> None:
    run(1000, 50)


def test_a_purpose_taken_back_elsewhere_takes_along_what_was_kept_for_it_here(
    tmp_path: Path,
) -> None:
    clock = SettableClock(LUNCH_AT)
    with bare(tmp_path, clock, **{"recognition.central_key": CENTRALS_KEY}) as built:
        places = TwoPlaces(built, clock, Customer.enrolled(built, clock))
        places.report_here(0)
        places.tell_there()
        places.post()
        places.deliver(0)
        customer_id = places.customer_id()
        assert customer_id is not None
        before = built.store.people.profile(customer_id)
        assert before is not None
        assert before.wishes.starred
        assert before.purchases

        places.say_there(Purpose.TASTES, is_on=False)
        places.report_there()
        places.post()
        places.deliver(1)

        after = built.store.people.profile(customer_id)
        assert after is not None
        assert after.wishes == Wishes()
        assert after.purchases == before.purchases
