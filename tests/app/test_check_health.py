"""How the appliance says it is."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from edge.app.check_health import CheckHealth
from edge.app.wiring import Appliance
from edge.core.clock import SettableClock
from edge.store.store import FILE_NAME
from edge.sync.delivery import DeliveryStatus
from edge.web.ports import PartHealth
from tests.fakes.appliance import LUNCH_AT, appliance, client, site


def parts(built: Appliance) -> dict[str, PartHealth]:
    return {part.part: part for part in built.services.health().parts}


def test_a_sound_appliance_without_a_broker_is_ok_and_says_what_is_off(tmp_path: Path) -> None:
    with appliance(tmp_path) as built:
        states = {name: part.state for name, part in parts(built).items()}

    assert states == {
        "service": "ok",
        "ranker": "ok",
        "release": "off",
        "storage": "ok",
        "delivery": "off",
        "catalog": "ok",
        "clock": "ok",
        "recognition": "ok",
        "beacon": "off",
        "camera": "off",
        "shop": "off",
    }


def test_a_damaged_database_is_set_aside_and_said_to_be(tmp_path: Path) -> None:
    with appliance(tmp_path) as built:
        client(built).post("/api/v1/decide", json={"placement": "kiosk-strip"})
    path = tmp_path / FILE_NAME
    path.write_bytes(b"no database at all" + path.read_bytes()[18:])
    with appliance(tmp_path) as built:
        storage = parts(built)["storage"]
        status = client(built).post("/api/v1/decide", json={"placement": "kiosk-strip"})

    assert storage.state == "degraded"
    assert "set aside" in storage.detail
    assert status.status_code == 200


def test_a_broker_that_is_away_is_said_with_what_waits(tmp_path: Path) -> None:
    with appliance(tmp_path, broker_port=1) as built:
        client(built).post("/api/v1/decide", json={"placement": "kiosk-strip"})
        delivery = parts(built)["delivery"]

    assert delivery.state == "degraded"
    assert "1 events wait" in delivery.detail


def test_a_central_that_confirms_nothing_is_said(tmp_path: Path) -> None:
    status = DeliveryStatus("connected", LUNCH_AT, unconfirmed=2000, is_unconfirmed=True)
    with appliance(tmp_path) as built:
        health = built.services.health
        assert isinstance(health, CheckHealth)
        found = replace(health, delivery=lambda: status)()
    (delivery,) = [part for part in found.parts if part.part == "delivery"]

    assert delivery.state == "degraded"
    assert "central confirms too little" in delivery.detail
    assert found.figures["outbox_unconfirmed_events"] == 2000


def test_a_refused_certificate_is_said_whatever_the_line_is_like(tmp_path: Path) -> None:
    why = "The broker does not take this device's certificate"
    status = DeliveryStatus("waiting", LUNCH_AT)
    with appliance(tmp_path) as built:
        health = built.services.health
        assert isinstance(health, CheckHealth)
        found = replace(health, delivery=lambda: status, certificate=lambda: why)()
    (delivery,) = [part for part in found.parts if part.part == "delivery"]
    assert delivery.state == "degraded"
    assert delivery.detail.startswith(why)


def test_a_clock_that_jumped_is_said(tmp_path: Path) -> None:
    clock = SettableClock(LUNCH_AT)
    with appliance(tmp_path, clock=clock) as built:
        client(built).post("/api/v1/decide", json={"placement": "kiosk-strip"})
    clock.advance(timedelta(days=900))
    with appliance(tmp_path, clock=clock) as built:
        assert parts(built)["clock"].state == "degraded"


def test_a_job_that_fails_is_named(tmp_path: Path) -> None:
    with appliance(tmp_path) as built:
        built.supervisor.jobs[0].failing = "no disk"

        assert parts(built)["service"].detail == "trend: no disk"


def test_an_offer_whose_condition_cannot_be_answered_is_counted_and_said(tmp_path: Path) -> None:
    sold = site()
    broken = sold.offers[0].model_copy(
        update={
            "offer": "broken",
            "dayparts": frozenset(),
            "eligible_when": "1 / (time.hour - time.hour) > 0",
        }
    )
    shop = sold.model_copy(update={"offers": (*sold.offers, broken)})
    with appliance(tmp_path, shop=shop) as built:
        for _ in range(2):
            client(built).post("/api/v1/decide", json={"placement": "kiosk-strip"})
        found = built.services.health()
    (catalog,) = [part for part in found.parts if part.part == "catalog"]

    assert catalog.state == "degraded"
    assert "broken 2 times" in catalog.detail
    assert found.figures["offer_conditions_failed_total"] == 2
