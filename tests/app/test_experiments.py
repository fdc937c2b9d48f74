"""A visit keeps the arms it began with, whoever the visitor turns out to be."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from edge.app import experiments as module
from edge.app.experiments import Experimenting
from edge.catalog.experiments import Experiments
from edge.catalog.site import Site
from edge.decide.values import Asked, Basis, Recognised
from edge.experiment.assignment import UNASSIGNED
from edge.identity.consent import Purpose
from tests.fakes.appliance import site

AT = datetime(2026, 3, 3, 12, 7, tzinfo=UTC)
HALF = {"control": {"share": 0.5}, "b": {"share": 0.5}}
PLAN = Experiments.model_validate(
    {
        "salt": "spring",
        "holdouts": [{"id": "all", "share": 0.2}],
        "layers": [
            {
                "id": "strip",
                "experiments": [
                    {"id": "words", "range": [0.0, 1.0], "arms": HALF, "primary": "takes"}
                ],
            },
            {
                "id": "boards",
                "unit": "site-daypart",
                "experiments": [
                    {
                        "id": "weather",
                        "range": [0.0, 1.0],
                        "arms": HALF,
                        "primary": "sales",
                        "switchback": {"block": "1h", "washout": "5m"},
                    }
                ],
            },
        ],
    }
)
SOMEBODY = Recognised(basis=(Basis("record", Purpose.PAST_ORDERS),))


def trying(plan: Experiments = PLAN, pseudonym: str = "") -> Experimenting:
    shop: Site = site().model_copy(update={"experiments": plan})
    return Experimenting(lambda: shop, lambda _screen: pseudonym)


def asked(visit: str | None, recognised: Recognised | None = None) -> Asked:
    return Asked("kiosk-menu", "kiosk-1", visit, recognised=recognised)


def test_a_visit_keeps_its_arm_when_the_visitor_shows_their_code() -> None:
    running = trying(pseudonym="somebody")
    visits = [f"visit-{number}" for number in range(200)]
    before = [running.assignment_of(asked(visit), AT) for visit in visits]
    after = [running.assignment_of(asked(visit, SOMEBODY), AT) for visit in visits]

    assert after == before
    assert running.figures()["experiment_visits"] == 200


def test_whoever_would_have_changed_is_counted_once_and_too_many_void_the_comparison() -> None:
    running = trying(pseudonym="somebody")
    for visit in [f"visit-{number}" for number in range(200)]:
        running.assignment_of(asked(visit), AT)
        running.assignment_of(asked(visit, SOMEBODY), AT)
        running.assignment_of(asked(visit, SOMEBODY), AT)

    assert 70 < running.figures()["experiment_jumpers"] < 170
    assert running.figures()["experiment_is_void"] == 1


def test_from_the_next_visit_on_a_customer_is_assigned_as_themselves() -> None:
    running = trying(pseudonym="somebody")
    found = [running.assignment_of(asked(f"next-{n}", SOMEBODY), AT) for n in range(30)]

    assert (
        len({(one.holdout, one.arms.get("strip") and one.arms["strip"].arm) for one in found}) == 1
    )
    assert running.figures()["experiment_jumpers"] == 0
    assert running.figures()["experiment_is_void"] == 0


def test_two_devices_assign_a_customer_alike() -> None:
    one, other = trying(pseudonym="somebody"), trying(pseudonym="somebody")

    assert one.assignment_of(asked("a", SOMEBODY), AT) == other.assignment_of(
        asked("b", SOMEBODY), AT
    )


def test_without_a_consent_nobody_is_a_customer() -> None:
    running = trying(pseudonym="somebody")
    nobody = replace(SOMEBODY, basis=())
    found = {running.assignment_of(asked(f"v{n}", nobody), AT).holdout for n in range(60)}

    assert found == {"", "all"}


def test_a_board_has_an_arm_of_the_hour_and_nobody_is_held_out_there() -> None:
    running = trying()
    arms = [
        running.assignment_of(asked(None), AT.replace(hour=hour)).arms["boards"].arm
        for hour in range(24)
    ]

    assert arms.count("b") == 12
    assert running.figures()["experiment_visits"] == 0


def test_a_shop_without_experiments_assigns_nothing() -> None:
    assert trying(Experiments()).assignment_of(asked("visit"), AT) is UNASSIGNED


def test_what_is_held_of_visits_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_VISITS", 8)
    running = trying()
    for number in range(100):
        running.assignment_of(asked(f"visit-{number}"), AT)

    assert len(running._kept) == 8
