"""With zero consents there are zero rows linked to a person, whatever happens around the shop."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

import orjson
import pytest

from edge.core.clock import SettableClock
from tests.fakes.appliance import LUNCH_AT, appliance
from tests.fakes.customer import Customer
from tests.fakes.dice import Dice
from tests.fakes.passers_by import PassersBy
from tests.fakes.personal_rows import rows_of_customers

SOME: Final = 400
MANY: Final = 10_000
OF_A_CUSTOMER: Final = {
    "edge.customer",
    "edge.consent_record",
    "edge.consent_purpose",
    "edge.consent_event",
    "keys.data_key",
}
ABOUT_CUSTOMERS: Final = {"Consent Changed", "Customer Enrolled", "Customer Erased"}


def refusals(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "edge.db")) as con:
        rows = con.execute("SELECT value FROM file_fact WHERE name = 'consent_refused'").fetchall()
    return sum(int(value) for (value,) in rows)


def pass_by(folder: Path, steps: int, seed: str) -> None:
    clock = SettableClock(LUNCH_AT)
    with appliance(folder, clock=clock) as built:
        around = PassersBy(built, clock, Dice(seed))
        for _ in range(steps):
            around.step()

        assert len(around.done) == len(around.deeds), "else something was never tried"
        assert refusals(folder) > 0, "else nobody said no"
        assert len(around.parts.known) == 0
        assert around.parts.presences.all() == ()
        waiting = [row for lane in "ctem" for row in built.store.reads.waiting(lane, 100_000)]
        events = {orjson.loads(row.body)["data"]["event"] for row in waiting}
        assert events, "else nothing was recorded at all"
        assert not events & ABOUT_CUSTOMERS
        found = rows_of_customers(folder)
        assert {name: count for name, count in found.items() if count} == {}

        # And it would have been seen: one yes leaves a row in each of these.
        Customer.enrolled(built, clock)
        found = rows_of_customers(folder)
        assert {name for name, count in found.items() if count} == OF_A_CUSTOMER


def test_with_zero_consents_no_row_is_linked_to_a_person(tmp_path: Path) -> None:
    pass_by(tmp_path, SOME, "some")


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_with_zero_consents_no_row_is_linked_to_a_person_after_10_000_interactions(
    tmp_path: Path,
) -> None:
    pass_by(tmp_path, MANY, "many")
