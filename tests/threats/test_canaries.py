"""Planted canaries: what is a customer's is on their phone, and nowhere it has no business to be."""

import logging
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.fakes.broker import wait_until
from tests.fakes.canary import beyond_the_data_map
from tests.fakes.canary_mishaps import (
    break_requests,
    command_lines,
    file_names,
    fuzz,
    refuse_codes,
    use,
)
from tests.fakes.canary_shop import CanaryShop, canary_shop
from tests.fakes.dice import Dice
from tests.fakes.shopper import Shopper
from tests.fakes.small_disk import filled

pytestmark = [pytest.mark.broker, pytest.mark.timeout(1800)]

OPERATORS = (
    "/metrics",
    "/healthz",
    "/readyz",
    "/version",
    "/api/v1/health",
    "/ops/",
    "/ops/?lang=de",
)
BOARDS = tuple(f"/board/{name}{more}" for name in ("board-1", "board-2") for more in ("", "/state"))


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Everything any part logs, at its most talkative."""
    caplog.set_level(logging.DEBUG)
    return caplog


def live(shop: CanaryShop) -> None:
    """Let the customer do everything that goes well."""
    shop.enrol()
    shop.hear_from_central()
    shop.visit()
    shop.open_page()
    shop.come_near()
    shop.meet_staff()
    shop.shopper.send("/kiosk/end")
    shop.be_seen_by(shop.code())


def leave_no_room_inside(data: Path) -> None:
    """Cut the write-ahead log: in what it held before, a change fits on a full disk too."""
    for path in data.rglob("edge.db"):
        with closing(sqlite3.connect(path)) as con:
            con.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def go_wrong(shop: CanaryShop) -> None:
    """Let everything go wrong, with them in the middle of it."""
    break_requests(shop)
    refuse_codes(shop)
    if shop.disk is not None:
        leave_no_room_inside(shop.data)
        with filled(shop.disk):
            use(shop)
        assert (503, "/p/change") in {(status, path) for status, path, _ in shop.errors}
    shop.break_model()
    use(shop)


def pages_of(shop: CanaryShop, screen: str) -> list[bytes]:
    """Return what another visitor sees at a kiosk."""
    other = Shopper(shop.browser())
    menu = other.begin(screen=screen)
    found = [menu.data, other.add("croissant").data]
    parts = ("menu", "standing", "review", "suggestions", "item/latte", "nudge", "invite")
    found += [other.tap(f"/kiosk/{path}").data for path in parts]
    return [*found, other.tap(f"/kiosk/pair?screen={screen}").data]


def told_in_public(shop: CanaryShop) -> dict[str, bytes]:
    """Return what the other screens and operators read while the customer is at a kiosk."""
    machine = shop.browser()
    read = {path: machine.get(path).data for path in (*OPERATORS, *BOARDS, "/", "/tablet/", "/p/")}
    for number, page in enumerate(pages_of(shop, "kiosk-2")):
        read[f"kiosk-2 {number}"] = page
    kept = shop.shop.appliance.store.reads.latest_decisions(50)
    for one in kept:
        read[f"ops {one.decision_id}"] = machine.get(f"/ops/decision/{one.decision_id}").data
        read[f"api {one.decision_id}"] = machine.get(f"/api/v1/explain/{one.decision_id}").data
    assert len(kept) > 5, "else nothing was decided"
    return read


def assert_silent(shop: CanaryShop, log: pytest.LogCaptureFixture) -> None:
    """Search everything but the customer's own phone."""
    read = told_in_public(shop)
    shop.shopper.send("/kiosk/end")
    shop.parts.recognise.leave("kiosk-1")
    for number, page in enumerate(pages_of(shop, "kiosk-1")):
        read[f"the next visitor {number}"] = page
    read |= {f"error {path}": page for _, path, page in shop.errors}
    read |= {"log": log.text.encode(), "streams": b"\n".join(shop.told)}
    read |= {"files": file_names(shop.data), "arguments": command_lines()}
    assert {
        where: found for where, text in read.items() if (found := shop.hard.found_in(text))
    } == {}
    # A board shows the menu to everybody, whoever likes what.
    read["streams"] = b"\n".join(one for one in shop.told if b"event: board" not in one)
    quiet = ("log", "streams", "files", "arguments", *OPERATORS[:5])
    assert {w: found for w in quiet if (found := shop.soft.found_in(read[w]))} == {}


def assert_nothing_is_sent_beyond_the_data_map(shop: CanaryShop) -> None:
    """Search every message, as any bridge or operator of the broker could."""
    store = shop.shop.appliance.store
    wait_until(lambda: not any(store.reads.waiting(lane, 1) for lane in "cte"), "all is sent", 60)
    sent = [(t, body) for t, _, _, body in shop.central.messages() if "/up/" in t and body]
    kinds = {t.rpartition("/")[2] for t, _ in sent}
    assert {"c", "t", "e", "status"} <= kinds
    # What they bought and told us has left as well, and is found in nothing that anybody reads.
    assert any(b"Customer Profile Changed" in body for _, body in sent)
    # Positive control: that they like it is in what a decision may tell of a random visit.
    assert shop.soft.found_in(*(body for _, body in sent))
    for topic, body in sent:
        assert not shop.hard.found_in(topic.encode(), body), topic
        assert not shop.soft.found_in(topic.encode(), *beyond_the_data_map(body)), topic


def assert_it_would_be_found(shop: CanaryShop, log: pytest.LogCaptureFixture) -> None:
    """The search finds what is really there: on the phone, and in a log that said too much."""
    exported = shop.phone.get("/p/export.json").data
    facts = {"name", "bought elsewhere", "starred elsewhere", "muted elsewhere", "less elsewhere"}
    assert facts | {"subject_ref", "pseudonym"} <= shop.hard.found_in(exported)
    assert shop.hard.found_in(shop.phone.get("/p/me").data) >= facts
    (holder,) = shop.shop.appliance.store.people.holders()
    logging.getLogger("edge.test").debug("somebody came: %s", holder.customer_id)
    logging.getLogger("edge.test").debug("with %r", shop.phone.phone.beacon_key)
    assert {"customer id", "beacon key"} <= shop.hard.found_in(log.text.encode())


def test_nothing_of_a_customer_is_where_it_has_no_business_to_be(
    tmp_path: Path, log: pytest.LogCaptureFixture
) -> None:
    with canary_shop(tmp_path) as shop:
        live(shop)
        go_wrong(shop)
        assert len({path for _, path, _ in shop.errors}) > 40
        use(shop)
        assert_silent(shop, log)
        assert_nothing_is_sent_beyond_the_data_map(shop)
        assert_it_would_be_found(shop, log)


@pytest.mark.soak
def test_nothing_of_a_customer_is_there_either_when_their_values_are_sent_everywhere(
    tmp_path: Path, log: pytest.LogCaptureFixture
) -> None:
    with canary_shop(tmp_path) as shop:
        live(shop)
        dice = Dice("canaries")
        for _ in range(20):
            fuzz(shop, dice, 500)
            go_wrong(shop)
        use(shop)
        assert_silent(shop, log)
        assert_nothing_is_sent_beyond_the_data_map(shop)
        assert_it_would_be_found(shop, log)
