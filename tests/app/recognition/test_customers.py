"""What a customer says on their phone holds at the kiosk's next decision, and not after."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from edge.app.recognition.known import Known
from edge.core.chance import system_chance
from edge.core.clock import SettableClock
from edge.core.errors import RequestContractError
from edge.identity.consent import Notice, Purpose
from edge.identity.presence import Presented, Refusal
from edge.identity.proof import proof
from edge.web.my_data_ports import NotACustomerError
from edge.web.phone_ports import Enrolment
from edge.web.recognition_ports import CustomerScanned, NothingScanned, ScanRefused
from tests.fakes.appliance import LUNCH_AT
from tests.fakes.customer import EVERYTHING, NOTICE, Bare, Customer, bare, recognising


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(LUNCH_AT)


@pytest.fixture
def built(tmp_path: Path, clock: SettableClock) -> Iterator[Bare]:
    with bare(tmp_path, clock) as found:
        yield found


@pytest.fixture
def ada(built: Bare, clock: SettableClock) -> Customer:
    return Customer.enrolled(built, clock)


def events(built: Bare, lane: str) -> list[dict[str, object]]:
    return [orjson.loads(row.body) for row in built.store.reads.waiting(lane, 100)]


def test_after_consent_they_are_at_the_kiosk_they_paired_with(ada: Customer) -> None:
    presence = ada.parts.recognise.presence("kiosk-1")

    assert presence is not None
    assert presence.presented is Presented.PAIRED
    assert ada.visit.screen_id == "kiosk-1"
    assert ada.visit.is_customer


def test_they_are_recognised_by_their_code_after_a_restart(
    ada: Customer, built: Bare, clock: SettableClock, tmp_path: Path
) -> None:
    built.stop()
    clock.advance(timedelta(days=2))
    with bare(tmp_path, clock) as again:
        ada.parts = recognising(again)

        assert ada.come().screen_id == "kiosk-1"


def test_a_code_held_to_the_reader_is_one_visit_and_no_second_try(
    ada: Customer, clock: SettableClock
) -> None:
    ada.leave()
    text = ada.phone.k1(clock(), lambda n: b"\x01" * n)
    first = ada.parts.recognise.scanned("kiosk-1", text)
    assert isinstance(first, CustomerScanned)

    assert ada.parts.recognise.scanned("kiosk-1", text) == NothingScanned()
    clock.advance(timedelta(seconds=15))
    assert ada.come() == first.presence


def test_a_used_code_is_refused_once_its_customer_has_left(
    ada: Customer, clock: SettableClock
) -> None:
    text = ada.phone.k1(clock(), lambda n: b"\x01" * n)
    ada.leave()
    ada.parts.recognise.scanned("kiosk-1", text)
    ada.leave()

    assert ada.parts.recognise.scanned("kiosk-1", text) == ScanRefused(Refusal.USED)


def test_a_code_from_before_a_restart_may_have_been_used_and_is_refused(
    ada: Customer, built: Bare, clock: SettableClock, tmp_path: Path
) -> None:
    text = ada.phone.k1(clock(), system_chance)
    built.stop()
    clock.advance(timedelta(seconds=5))
    with bare(tmp_path, clock) as again:
        parts = recognising(again)

        assert parts.recognise.scanned("kiosk-1", text) == ScanRefused(Refusal.USED)


@pytest.mark.parametrize(
    ("change", "field", "value"),
    [
        ({"star": "latte"}, "starred", frozenset({"latte"})),
        ({"mute": "tea"}, "muted", frozenset({"tea"})),
        ({"less": "coffee"}, "less", frozenset({"coffee"})),
        ({"surprise": "none"}, "surprise", "none"),
    ],
)
def test_a_wish_holds_for_the_next_decision(
    change: dict[str, object], field: str, value: object, ada: Customer, built: Bare
) -> None:
    named = {p.category for p in built.shop.products}
    if {"tea", "coffee"} - named:
        first = min(named)
        change = {k: first if k in {"mute", "less"} else v for k, v in change.items()}
        value = frozenset({first}) if field in {"muted", "less"} else value

    ada.change(**change)

    assert getattr(ada.known_as(), field) == value


def test_a_name_is_used_only_when_they_switch_it_on(ada: Customer) -> None:
    presence = ada.parts.recognise.presence("kiosk-1")
    assert presence is not None
    ada.change(name="  Ada   L. ")
    hidden = ada.parts.recognise.greeting(presence)
    ada.change(shows_name=True)
    shown = ada.parts.recognise.greeting(presence)

    assert hidden is not None
    assert shown is not None
    assert (hidden.name, shown.name) == ("", "Ada L.")


def test_whoever_has_told_and_bought_nothing_yet_is_not_said_to_be_known(ada: Customer) -> None:
    presence = ada.parts.recognise.presence("kiosk-1")
    assert presence is not None
    first = ada.parts.recognise.greeting(presence)
    ada.change(star="latte")
    then = ada.parts.recognise.greeting(presence)

    assert first is not None
    assert then is not None
    assert (first.is_new, then.is_new) == (True, False)


@pytest.mark.parametrize("change", [{"star": "no-such"}, {"mute": "no-such"}, {"name": "x" * 41}])
def test_a_change_that_makes_no_sense_is_refused_in_words(
    change: dict[str, object], ada: Customer
) -> None:
    with pytest.raises(RequestContractError, match="wanted"):
        ada.change(**change)


def test_taking_one_purpose_back_ends_its_use_and_deletes_what_was_kept_for_it(
    ada: Customer,
) -> None:
    ada.change(star="latte")
    ada.allow(Purpose.PAST_ORDERS)

    known = ada.known_as()
    assert known is not None
    assert known.starred == frozenset()
    assert {basis.purpose for basis in known.basis} == {Purpose.PAST_ORDERS}
    assert ada.pages.my_data(ada.visit).profile.wishes.starred == frozenset()


def test_wishes_need_the_purpose_that_keeps_them(ada: Customer) -> None:
    ada.allow(Purpose.PAST_ORDERS)

    with pytest.raises(RequestContractError, match="remember my tastes"):
        ada.change(star="latte")


def test_a_purpose_may_be_given_again_and_says_which_withdrawal_it_knew_of(
    ada: Customer, built: Bare
) -> None:
    ada.allow(Purpose.PAST_ORDERS)
    ada.allow(Purpose.PAST_ORDERS, Purpose.TASTES)

    assert set(ada.pages.my_data(ada.visit).purposes) == {Purpose.PAST_ORDERS, Purpose.TASTES}
    changes = [
        change
        for event in events(built, "c")
        for change in event["data"]["properties"].get("changes", [])  # type: ignore[index]
        if change["purpose"] == "tastes"
    ]
    assert [change["state"] for change in changes] == ["given", "withdrawn", "given"]
    assert changes[2]["knows"] == [changes[1]["event_id"]]


def test_consent_to_a_notice_that_changed_materially_holds_no_more(
    ada: Customer, built: Bare, clock: SettableClock
) -> None:
    known = Known(
        built.store,
        clock,
        group=1,
        days_ahead=7,
        notices=(Notice(NOTICE.notice_id, "2.0", b"", b"", ""),),
    )
    known.tick()
    (holder,) = built.store.people.holders()

    assert set(ada.parts.known.purposes(holder.customer_id)) == EVERYTHING
    assert known.purposes(holder.customer_id) == {}


def test_whoever_has_no_consent_in_force_any_more_still_opens_and_erases_their_data(
    ada: Customer, built: Bare, clock: SettableClock
) -> None:
    ada.parts.known._notices = (Notice(NOTICE.notice_id, "2.0", b"", b"", ""),)
    ada.leave()

    visit = ada.open_page()

    assert ada.scan() == ScanRefused(Refusal.UNKNOWN)
    assert ada.pages.my_data(visit).purposes == {}
    ada.pages.erase(visit)
    assert list(built.store.people.holders()) == []


def test_taking_the_last_purpose_back_erases_and_ends_the_presence(ada: Customer) -> None:
    ada.allow()

    assert ada.parts.recognise.presence("kiosk-1") is None
    assert ada.scan() == ScanRefused(Refusal.UNKNOWN)
    with pytest.raises(NotACustomerError):
        ada.pages.my_data(ada.visit)


def test_a_withdrawal_is_the_next_thing_that_leaves_the_device(ada: Customer, built: Bare) -> None:
    ada.allow(Purpose.TASTES)

    states = [
        change["state"]
        for event in events(built, "c")
        for change in event["data"]["properties"].get("changes", [])  # type: ignore[index]
    ]
    assert states == ["given", "given", "given", "withdrawn", "withdrawn"]


def test_the_screen_hears_of_every_change_of_whoever_stands_there(ada: Customer) -> None:
    heard: list[str] = []
    ada.parts.presences.changed = heard.append

    ada.change(star="latte")
    ada.allow(Purpose.PAST_ORDERS)
    ada.leave()
    ada.allow(Purpose.PAST_ORDERS, Purpose.TASTES)

    assert heard == ["kiosk-1", "kiosk-1"]


def test_erasing_ends_everything_at_once(ada: Customer, built: Bare) -> None:
    erased = ada.pages.erase(ada.visit)

    assert erased.at == LUNCH_AT
    assert ada.known_as() is None
    assert ada.scan() == ScanRefused(Refusal.UNKNOWN)
    assert list(built.store.people.holders()) == []
    assert len(ada.parts.known) == 0


def test_disconnecting_leaves_the_screen_neutral_and_keeps_the_customer(ada: Customer) -> None:
    left: list[str] = []
    ada.parts.presences.left = left.append

    visit = ada.pages.disconnect(ada.visit)

    assert left == ["kiosk-1"]
    assert visit.screen_id is None
    assert visit.is_customer
    assert ada.come().screen_id == "kiosk-1"


def test_saying_no_keeps_nothing_but_a_count(built: Bare, clock: SettableClock) -> None:
    parts = recognising(built)
    opened = parts.pages.open_pairing(parts.recognise.pair("kiosk-1").code)
    assert opened is not None

    after = parts.pages.enrol(opened, Enrolment(frozenset(), b"k" * 32, NOTICE, is_over_age=True))

    assert not after.is_customer
    assert parts.recognise.presence("kiosk-1") is None
    assert list(built.store.people.holders()) == []
    assert events(built, "c") == []


def test_somebody_too_young_is_not_enrolled(built: Bare) -> None:
    parts = recognising(built)
    opened = parts.pages.open_pairing(parts.recognise.pair("kiosk-1").code)
    assert opened is not None

    with pytest.raises(RequestContractError, match="old enough"):
        parts.pages.enrol(opened, Enrolment(EVERYTHING, b"k" * 32, NOTICE, is_over_age=False))

    assert list(built.store.people.holders()) == []


def test_the_phone_proves_itself_another_day(ada: Customer, clock: SettableClock) -> None:
    clock.advance(timedelta(days=3))
    visit = ada.open_page()

    assert visit.is_customer
    assert visit.screen_id is None
    assert set(ada.pages.my_data(visit).purposes) == EVERYTHING


def test_a_phone_with_a_key_that_scans_a_kiosks_code_is_known_there(
    ada: Customer, clock: SettableClock
) -> None:
    ada.leave()
    paired = ada.pages.open_pairing(ada.parts.recognise.pair("kiosk-1").code)
    made = proof(ada.phone.day_key(clock()), clock(), system_chance(4))

    ada.pages.prove(made, paired)

    assert ada.known_as() is not None


def test_a_tap_counts_only_at_a_screen_the_phone_is_at(ada: Customer) -> None:
    ada.pages.disconnect(ada.visit)

    with pytest.raises(RequestContractError, match="scan its code"):
        ada.pages.tap(ada.visit, "kiosk-9")
    ada.pages.tap(ada.visit, "kiosk-1")

    presence = ada.parts.recognise.presence("kiosk-1")
    assert presence is not None
    assert presence.presented is Presented.TAP


def test_the_export_holds_what_is_kept_and_no_key(ada: Customer) -> None:
    ada.change(star="latte", name="Ada")
    found = orjson.dumps(ada.pages.export(ada.visit))

    assert b'"starred":["latte"]' in found
    assert b'"name":"Ada"' in found
    assert ada.phone.beacon_key.hex().encode() not in found


def test_the_receipt_names_every_purpose_that_was_given(ada: Customer) -> None:
    text = orjson.dumps(ada.pages.receipt(ada.visit), default=str).decode()

    for term in ("dpv:Personalisation", "dpv:DirectMarketing", "Harbour Kitchen Ltd"):
        assert term in text
