"""Central's word about customers is taken from sealed messages, once, and never over a withdrawal."""

from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from edge.core.chance import system_chance
from edge.core.clock import SettableClock
from edge.core.errors import TrustError
from edge.identity.consent import Purpose
from edge.identity.day_keys import day_key, day_of, pseudonym_of
from edge.identity.presence import Refusal
from edge.identity.sealing import seal, unseal
from edge.identity.simulated_phone import SimulatedPhone
from edge.web.recognition_ports import CustomerScanned, ScanRefused
from edge.wire.customer_events import ENROLMENT_INFO
from edge.wire.profile_message import ERASE_INFO, PROFILE_INFO
from edge.wire.signed import signed_text
from tests.fakes.appliance import LUNCH_AT
from tests.fakes.customer import PREFIX, Bare, Customer, bare, recognising

CENTRAL = X25519PrivateKey.from_private_bytes(b"\x05" * 32)
BEN = SimulatedPhone(b"B" * 32, 1, PREFIX)
PSEUDONYM = "b0b0b0b0b0b0b0b0"


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(LUNCH_AT)


@pytest.fixture
def built(tmp_path: Path, clock: SettableClock) -> Iterator[Bare]:
    key = CENTRAL.public_key().public_bytes_raw().hex()
    with bare(tmp_path, clock, **{"recognition.central_key": key}) as found:
        yield found


def message(built: Bare, inner: dict[str, Any], info: bytes = PROFILE_INFO) -> bytes:
    sealed = seal(orjson.dumps(inner), built.store.keys.exchange_key, info)
    return orjson.dumps(
        {
            "version": 1,
            "message_id": "019c0000-0000-7000-8000-000000000001",
            "sent_at": LUNCH_AT,
            "sealed": b64encode(sealed).decode(),
        }
    )


def said(number: int, state: str, purpose: str = "past_orders", at_h: int = 0) -> dict[str, Any]:
    return {
        "event_id": f"019c0000-0000-7000-8000-0000000000{number:02}",
        "record_id": "019c0000-0000-7000-8000-0000000000aa",
        "purpose": purpose,
        "state": state,
        "at": LUNCH_AT + timedelta(hours=at_h - 48),
    }


def ben(**change: object) -> dict[str, Any]:
    today = day_of(LUNCH_AT)
    keys = {str(d): day_key(BEN.beacon_key, 1, d).hex() for d in range(today - 1, today + 8)}
    customer = {
        "pseudonym": PSEUDONYM,
        "day_keys": keys,
        "purchases": [{"sku": "latte", "day": today - 3, "count": 2}],
        "consents": [said(1, "given")],
    }
    return {"customers": [{**customer, **change}]}


def bens_code(clock: SettableClock) -> str:
    return BEN.k1(clock(), system_chance)


def test_somebody_who_enrolled_elsewhere_is_recognised_here_with_their_past_orders(
    built: Bare, clock: SettableClock
) -> None:
    parts = recognising(built)
    parts.from_central.profile(message(built, ben()))

    found = parts.recognise.scanned("kiosk-1", bens_code(clock))

    assert isinstance(found, CustomerScanned)
    known = parts.recognise.recognised(found.presence)
    assert known is not None
    assert [(b.sku, b.count) for b in known.bought] == [("latte", 2)]


def test_the_same_message_twice_changes_nothing(built: Bare) -> None:
    parts = recognising(built)
    parts.from_central.profile(message(built, ben()))
    (holder,) = built.store.people.holders()
    before = built.store.people.profile(holder.customer_id)

    parts.from_central.profile(message(built, ben()))

    (again,) = built.store.people.holders()
    assert again.customer_id == holder.customer_id
    assert built.store.people.profile(holder.customer_id) == before
    assert len(built.store.consents.events(holder.subject_ref)) == 1


def test_a_withdrawal_elsewhere_erases_here(built: Bare, clock: SettableClock) -> None:
    parts = recognising(built)
    parts.from_central.profile(message(built, ben()))
    parts.recognise.scanned("kiosk-1", bens_code(clock))

    withdrawn = ben(consents=[said(1, "given"), said(2, "withdrawn", at_h=-1)])
    parts.from_central.profile(message(built, withdrawn))

    assert parts.recognise.presence("kiosk-1") is None
    assert parts.recognise.scanned("kiosk-1", bens_code(clock)) == ScanRefused(Refusal.UNKNOWN)
    assert list(built.store.people.holders()) == []


def test_an_older_word_from_central_does_not_undo_a_withdrawal_on_the_phone(
    built: Bare, clock: SettableClock
) -> None:
    ada = Customer.enrolled(built, clock)
    ada.allow(Purpose.TASTES)
    pseudonym = pseudonym_of(ada.phone.beacon_key).hex()
    late = said(3, "given", at_h=47)

    ada.parts.from_central.profile(
        message(built, ben(pseudonym=pseudonym, day_keys={}, consents=[late]))
    )

    assert set(ada.pages.my_data(ada.visit).purposes) == {Purpose.TASTES}


def test_a_wish_said_on_the_phone_later_than_centrals_word_stays(
    built: Bare, clock: SettableClock
) -> None:
    ada = Customer.enrolled(built, clock)
    ada.change(star="latte")
    wishes = {"starred": ["croissant"], "changed_at": LUNCH_AT - timedelta(days=1)}
    pseudonym = pseudonym_of(ada.phone.beacon_key).hex()

    word = ben(pseudonym=pseudonym, day_keys={}, wishes=wishes)
    ada.parts.from_central.profile(message(built, word))

    assert ada.pages.my_data(ada.visit).profile.wishes.starred == {"latte"}


def test_once_central_sends_day_keys_the_phones_own_key_is_let_go(
    built: Bare, clock: SettableClock
) -> None:
    ada = Customer.enrolled(built, clock)
    today = day_of(clock())
    keys = {str(d): day_key(ada.phone.beacon_key, 1, d).hex() for d in range(today - 1, today + 8)}
    pseudonym = pseudonym_of(ada.phone.beacon_key).hex()

    ada.parts.from_central.profile(message(built, ben(pseudonym=pseudonym, day_keys=keys)))

    (holder,) = built.store.people.holders()
    assert holder.beacon_key is None
    assert ada.come().screen_id == "kiosk-1"
    clock.advance(timedelta(days=9))
    assert ada.scan() == ScanRefused(Refusal.UNKNOWN)


def test_central_may_have_a_customer_forgotten(built: Bare, clock: SettableClock) -> None:
    parts = recognising(built)
    parts.from_central.profile(message(built, ben()))

    parts.from_central.erase(message(built, {"pseudonyms": [PSEUDONYM, "0" * 16]}, ERASE_INFO))

    assert parts.recognise.scanned("kiosk-1", bens_code(clock)) == ScanRefused(Refusal.UNKNOWN)
    assert list(built.store.people.holders()) == []


def erased_ada(built: Bare, clock: SettableClock) -> tuple[Customer, str, list[dict[str, Any]]]:
    """Erase Ada; return her pseudonym and what central was told she withdrew."""
    ada = Customer.enrolled(built, clock)
    ada.pages.erase(ada.visit)
    changes = [
        change
        for row in built.store.reads.waiting("c", 50)
        for change in orjson.loads(row.body)["data"]["properties"].get("changes", [])
    ]
    pseudonym = pseudonym_of(ada.phone.beacon_key).hex()
    return ada, pseudonym, [c for c in changes if c["state"] == "withdrawn"]


@pytest.mark.parametrize("at_h", [0, 47, 60])
def test_an_older_message_does_not_bring_back_who_was_erased_here(
    at_h: int, built: Bare, clock: SettableClock
) -> None:
    ada, pseudonym, _ = erased_ada(built, clock)

    late = ben(pseudonym=pseudonym, consents=[said(1, "given", at_h=at_h)])
    ada.parts.from_central.profile(message(built, late))

    assert list(built.store.people.holders()) == []


def test_who_was_erased_comes_back_by_a_consent_that_knew_of_it(
    built: Bare, clock: SettableClock
) -> None:
    ada, pseudonym, withdrawn = erased_ada(built, clock)
    again = said(1, "given") | {"knows": [c["event_id"] for c in withdrawn]}

    ada.parts.from_central.profile(message(built, ben(pseudonym=pseudonym, consents=[again])))

    (holder,) = built.store.people.holders()
    assert holder.pseudonym is not None
    assert holder.pseudonym.hex() == pseudonym
    assert built.store.erasure_of(holder.pseudonym) is None


def test_the_mark_of_an_erasure_names_nobody_and_goes_after_thirteen_months(
    built: Bare, clock: SettableClock
) -> None:
    _, pseudonym, _ = erased_ada(built, clock)
    with built.store.reads._readers.connection() as con:
        ((mark, withdrawn),) = con.execute("SELECT mark, withdrawn FROM forgotten").fetchall()
    assert bytes.fromhex(pseudonym) not in mark + withdrawn

    clock.advance(timedelta(days=397))
    built.store.sweep()

    assert built.store.erasure_of(bytes.fromhex(pseudonym)) is None


SIGNER = Ed25519PrivateKey.from_private_bytes(b"\x03" * 32)


@pytest.fixture
def signed_for(tmp_path: Path, clock: SettableClock) -> Iterator[Bare]:
    key = SIGNER.public_key().public_bytes_raw().hex()
    with bare(tmp_path / "signed", clock, **{"recognition.central_sign_key": key}) as found:
        yield found


def signed(
    built: Bare, inner: dict[str, Any], info: bytes = PROFILE_INFO, second: int = 0
) -> bytes:
    envelope = orjson.loads(message(built, inner, info))
    envelope["sent_at"] = (LUNCH_AT + timedelta(seconds=second)).isoformat()
    text = signed_text(
        info,
        built.store.keys.exchange_key,
        envelope["message_id"],
        envelope["sent_at"],
        envelope["sealed"],
    )
    return orjson.dumps(envelope | {"signature": SIGNER.sign(text).hex()})


def test_over_the_broker_centrals_signed_word_is_taken(
    signed_for: Bare, clock: SettableClock
) -> None:
    parts = recognising(signed_for)

    parts.from_central.heard_profile(signed(signed_for, ben()))
    assert isinstance(parts.recognise.scanned("kiosk-1", bens_code(clock)), CustomerScanned)

    parts.from_central.heard_erase(signed(signed_for, {"pseudonyms": [PSEUDONYM]}, ERASE_INFO))
    assert parts.recognise.scanned("kiosk-1", bens_code(clock)) == ScanRefused(Refusal.UNKNOWN)


def test_over_the_broker_nobody_else_is_believed(signed_for: Bare) -> None:
    parts = recognising(signed_for)
    unsigned = orjson.loads(message(signed_for, ben())) | {"signature": "00" * 64}

    with pytest.raises(TrustError, match="central signed"):
        parts.from_central.heard_profile(orjson.dumps(unsigned))
    with pytest.raises(TrustError):
        parts.from_central.heard_erase(signed(signed_for, {"pseudonyms": [PSEUDONYM]}))

    assert list(signed_for.store.people.holders()) == []


@pytest.mark.parametrize("second", [0, -5])
def test_over_the_broker_a_repeat_or_an_older_message_is_not_taken_again_even_after_a_restart(
    second: int, signed_for: Bare, clock: SettableClock, tmp_path: Path
) -> None:
    first = signed(signed_for, ben())
    recognising(signed_for).from_central.heard_profile(first)
    later = signed(signed_for, ben(), second=second)
    signed_for.stop()

    key = SIGNER.public_key().public_bytes_raw().hex()
    with (
        bare(tmp_path / "signed", clock, **{"recognition.central_sign_key": key}) as again,
        pytest.raises(TrustError, match="newer message"),
    ):
        recognising(again).from_central.heard_profile(later)


def test_without_centrals_signing_key_nothing_is_taken_from_the_broker(built: Bare) -> None:
    with pytest.raises(TrustError):
        recognising(built).from_central.heard_profile(signed(built, ben()))


def test_an_erasure_that_comes_before_the_profile_still_holds(built: Bare) -> None:
    parts = recognising(built)
    parts.from_central.erase(message(built, {"pseudonyms": [PSEUDONYM]}, ERASE_INFO))

    parts.from_central.profile(message(built, ben()))

    assert list(built.store.people.holders()) == []


def test_a_message_for_another_device_is_not_taken(built: Bare) -> None:
    other = X25519PrivateKey.from_private_bytes(b"\x09" * 32).public_key().public_bytes_raw()
    envelope = orjson.loads(message(built, ben()))
    sealed = seal(orjson.dumps(ben()), other, PROFILE_INFO)
    envelope["sealed"] = b64encode(sealed).decode()

    with pytest.raises(TrustError):
        recognising(built).from_central.profile(orjson.dumps(envelope))


def test_central_learns_of_a_new_customer_once_and_nobody_else_can_read_it(
    built: Bare, clock: SettableClock
) -> None:
    ada = Customer.enrolled(built, clock)
    ada.parts.from_central.report()
    ada.parts.from_central.report()

    bodies = [orjson.loads(row.body) for row in built.store.reads.waiting("c", 50)]
    enrolments = [b for b in bodies if b["data"]["event"] == "Customer Enrolled"]
    assert len(enrolments) == 1
    sealed = b64decode(enrolments[0]["data"]["properties"]["subject_sealed"])
    opened = orjson.loads(unseal(sealed, CENTRAL.private_bytes_raw(), ENROLMENT_INFO))
    assert opened["beacon_key"] == ada.phone.beacon_key.hex()
    assert opened["device_key"] == built.store.keys.exchange_key.hex()
    assert {c["purpose"] for c in opened["consents"]} == set(Purpose)
    (holder,) = built.store.people.holders()
    assert holder.is_reported


def test_without_centrals_key_no_enrolment_leaves_the_device(
    tmp_path: Path, clock: SettableClock
) -> None:
    with bare(tmp_path / "alone", clock) as alone:
        ada = Customer.enrolled(alone, clock)
        ada.parts.from_central.report()

        (holder,) = alone.store.people.holders()
        assert holder == replace(holder, is_reported=False)
