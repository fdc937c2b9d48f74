"""What a customer said is kept as it was said, provable, and only as long as it must be."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from edge.core.errors import ContractError
from edge.identity.consent import VALID_FOR, Purpose, purposes_in_force
from edge.store.consent_receipt import verify_receipt
from edge.store.consents import REFUSED
from edge.store.facts import counter
from tests.fakes.proofs import ALICE, CONTROLLER, NOTICE, Proofs, consent, proofs, said
from tests.fakes.recorded import NOON

DAY = timedelta(days=1)
PROOF = timedelta(days=1095)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Proofs]:
    with proofs(tmp_path) as made:
        yield made


def rows(kept: Proofs, sql: str) -> list[tuple[object, ...]]:
    with kept.readers.connection() as con:
        return con.execute(sql).fetchall()


def in_force(kept: Proofs, subject: str = ALICE) -> set[Purpose]:
    return set(purposes_in_force(kept.consents.events(subject), kept.clock()))


# ---- keeping ------------------------------------------------------------------------------


def test_what_was_said_comes_back_as_it_was_said(kept: Proofs) -> None:
    events = (said("given", "r1"), said("given", "r1", purpose=Purpose.PAST_ORDERS))
    kept.say(consent(events))

    assert tuple(kept.consents.events(ALICE)) == events
    assert kept.consents.verify() == []


def test_nobody_elses_words_are_returned(kept: Proofs) -> None:
    kept.say(consent([said("given", "r1")]))
    kept.say(consent([said("given", "r2")], subject="bob-ref"))

    assert [event.record_id for event in kept.consents.events(ALICE)] == ["r1"]
    assert kept.consents.events("nobody") == []


def test_a_refusal_is_only_counted_and_leaves_no_row(kept: Proofs) -> None:
    refused = [said("refused", "r1"), said("refused", "r1", purpose=Purpose.PAST_ORDERS)]
    kept.say(consent(refused))

    with kept.readers.connection() as con:
        assert counter(con, REFUSED) == 2
    for table in ("consent_record", "consent_purpose", "consent_event"):
        assert rows(kept, f"SELECT * FROM {table}") == []


def test_of_what_was_answered_together_only_what_was_given_is_kept(kept: Proofs) -> None:
    kept.say(consent([said("given", "r1"), said("refused", "r1", purpose=Purpose.PHONE_OFFERS)]))

    assert rows(kept, "SELECT purpose_id FROM consent_purpose") == [("dpv:Personalisation",)]


def test_a_withdrawal_needs_no_terms_and_holds_at_once(kept: Proofs) -> None:
    kept.say(consent([said("given", "r1")]))
    kept.say(consent([said("withdrawn", "r1")]))

    assert in_force(kept) == set()


def test_a_withdrawal_is_kept_also_while_no_clock_can_be_trusted(kept: Proofs) -> None:
    kept.say(consent([said("given", "r1")]))
    kept.say(consent([said("withdrawn", "r1", at=NOON - 9000 * DAY)], source="none"))

    assert in_force(kept) == set()


def test_given_again_in_a_new_record_it_holds_again(kept: Proofs) -> None:
    kept.say(consent([said("given", "r1")]))
    kept.say(consent([said("withdrawn", "r1", at=NOON + 9 * DAY)]))
    kept.say(consent([said("given", "r2")]))

    assert in_force(kept) == {Purpose.TASTES}


def test_given_again_in_the_record_that_was_withdrawn_is_refused(kept: Proofs) -> None:
    kept.say(consent([said("given", "r1")]))
    kept.say(consent([said("withdrawn", "r1")]))

    with pytest.raises(ContractError, match="new record"):
        kept.say(consent([said("renewed", "r1")]))


def test_what_central_told_does_not_pass_for_knowing_of_a_withdrawal_here(kept: Proofs) -> None:
    kept.say(consent([said("given", "r1")]))
    kept.say(consent([said("withdrawn", "r1")]))
    elsewhere = said("given", "r7", at=NOON + 30 * DAY)
    kept.say(consent([elsewhere], source="signed"))

    kept.clock.advance(31 * DAY)
    assert in_force(kept) == set()


def test_what_central_tells_again_is_kept_once(kept: Proofs) -> None:
    told = consent([said("given", "r1"), said("withdrawn", "r1")], source="signed")
    kept.say(told)
    kept.say(told)

    assert len(kept.consents.events(ALICE)) == 2


def test_nobody_can_speak_in_anothers_record(kept: Proofs) -> None:
    kept.say(consent([said("given", "r1")]))

    with pytest.raises(ContractError, match="another's"):
        kept.say(consent([said("withdrawn", "r1")], subject="bob-ref"))
    assert in_force(kept) == {Purpose.TASTES}


def test_what_cannot_be_kept_leaves_nothing_of_its_record(kept: Proofs) -> None:
    once = said("given", "r1")
    kept.say(consent([once]))

    with pytest.raises(ContractError):
        kept.say(consent([replace(once, record_id="r2")]))
    assert rows(kept, "SELECT record_id FROM consent_record") == [("r1",)]


def test_the_first_event_of_a_purpose_brings_its_terms(kept: Proofs) -> None:
    with pytest.raises(ContractError, match="terms"):
        kept.say(replace(consent([said("given", "r1")]), purposes=()))


# ---- only growing -------------------------------------------------------------------------


def test_the_tables_themselves_refuse_to_change_or_delete(kept: Proofs) -> None:
    kept.say(consent([said("given", "r1"), said("withdrawn", "r1")]))
    kept.say(consent([said("given", "r2")], subject="bob-ref"))
    kept.clock.advance(PROOF + DAY)
    kept.writer.submit(lambda con: kept.consents.forget_before(con, NOON + DAY, 9)).result(5)
    before = rows(kept, "SELECT * FROM consent_event")

    for sql in (
        "UPDATE consent_record SET language = 'de'",
        "UPDATE consent_purpose SET retention_days = 396",
        "UPDATE consent_event SET state = 'given'",
        "DELETE FROM consent_record",
        "DELETE FROM consent_purpose",
        "DELETE FROM consent_event",
        "INSERT OR REPLACE INTO consent_event SELECT * FROM consent_event",
        "INSERT OR REPLACE INTO consent_record SELECT * FROM consent_record",
        "INSERT OR REPLACE INTO consent_purpose SELECT * FROM consent_purpose",
        "UPDATE chain_cut SET through_n = 9",
        "DELETE FROM chain_cut",
        "INSERT OR REPLACE INTO chain_cut SELECT * FROM chain_cut",
    ):
        refused = kept.writer.submit(lambda con, sql=sql: con.execute(sql))  # type: ignore[misc]
        with pytest.raises(ContractError, match=r"never|outlives?|cut only|once"):
            refused.result(5)
    assert rows(kept, "SELECT * FROM consent_event") == before != []


def test_a_sensitive_biometric_or_deciding_purpose_has_no_place(kept: Proofs) -> None:
    kept.say(consent([said("given", "r1")]))
    names = "description, lawful_basis, data_categories, sources, recipients, transfers"
    for column in ("automated_decision", "biometric", "sensitive"):
        flags = ", ".join(
            "1" if name == column else "0"
            for name in ("automated_decision", "biometric", "sensitive")
        )

        def work(con: sqlite3.Connection, flags: str = flags) -> None:
            con.execute(
                f"INSERT INTO consent_purpose SELECT record_id, 'dpv:X', {names},"
                f" storage_location, retention_days, profiling, {flags} FROM consent_purpose"
            )

        with pytest.raises(ContractError, match=column):
            kept.writer.submit(work).result(5)


# ---- the receipt --------------------------------------------------------------------------


def test_the_receipt_says_what_was_consented_to_and_is_signed(kept: Proofs) -> None:
    kept.say(consent([said("given", "r1")]))
    receipt = json.loads(json.dumps(kept.consents.receipt(ALICE)))

    (record,) = receipt["records"]
    assert record["header"]["schema_version"] == "27560:2023/edge-1"
    assert record["header"]["site_id"] == "harbour-kitchen"
    assert record["party"] == {"role": "controller", **CONTROLLER}
    assert record["processing"][0]["purpose"] == "dpv:Personalisation"
    assert record["processing"][0]["sensitive"] is False
    assert record["events"][0]["event_state"] == "given"
    assert record["events"][0]["privacy_notice"]["text_sha256"] == NOTICE.text_sha256.hex()
    assert verify_receipt(receipt, kept.keys.public_key)


def test_a_receipt_that_was_changed_or_is_another_devices_does_not_verify(
    kept: Proofs, tmp_path: Path
) -> None:
    kept.say(consent([said("given", "r1")]))
    receipt = json.loads(json.dumps(kept.consents.receipt(ALICE)))
    changed = json.loads(json.dumps(receipt))
    changed["records"][0]["processing"][0]["retention_days"] = 31
    other = tmp_path / "other"
    other.mkdir()
    with proofs(other) as stranger:
        assert not verify_receipt(receipt, stranger.keys.public_key)
    assert not verify_receipt(changed, kept.keys.public_key)


@pytest.mark.parametrize("broken", [{}, {"signature": None}, {"signature": {"value": "zz"}}])
def test_what_is_no_receipt_does_not_verify(broken: dict[str, object]) -> None:
    assert not verify_receipt(broken, bytes(32))
    assert not verify_receipt(broken, b"short")


# ---- time ---------------------------------------------------------------------------------


def forget(kept: Proofs) -> int:
    at = kept.clock() - PROOF
    return kept.writer.submit(lambda con: kept.consents.forget_before(con, at, 100)).result(5)


def test_proof_is_kept_until_1095_days_after_the_last_of_its_purposes_ended(kept: Proofs) -> None:
    kept.say(consent([said("given", "r1"), said("given", "r1", purpose=Purpose.PAST_ORDERS)]))
    kept.say(consent([said("withdrawn", "r1", at=NOON + DAY)]))
    kept.say(consent([said("withdrawn", "r1", at=NOON + 9 * DAY, purpose=Purpose.PAST_ORDERS)]))

    kept.clock.advance(PROOF + 8 * DAY)
    assert forget(kept) == 0
    kept.clock.advance(2 * DAY)
    assert forget(kept) == 1
    for table in ("consent_record", "consent_purpose", "consent_event"):
        assert rows(kept, f"SELECT * FROM {table}") == []
    assert kept.consents.verify() == []


@pytest.mark.parametrize("has_date", [True, False])
def test_consent_that_nobody_withdrew_ended_by_itself(kept: Proofs, *, has_date: bool) -> None:
    given = said("given", "r1")
    kept.say(consent([given if has_date else replace(given, valid_until=None)]))

    kept.clock.advance(PROOF + VALID_FOR - DAY)
    assert forget(kept) == 0
    kept.clock.advance(2 * DAY)
    assert forget(kept) == 1


def test_forgetting_some_leaves_the_chain_of_the_others_whole(kept: Proofs) -> None:
    for number in range(12):
        subject, record = f"s{number}", f"r{number}"
        kept.say(consent([said("given", record)], subject=subject))
    for number in (0, 1, 4, 5, 7, 11):
        kept.say(consent([said("withdrawn", f"r{number}", at=NOON + DAY)], subject=f"s{number}"))
    kept.clock.advance(PROOF + 2 * DAY)

    assert forget(kept) == 6
    assert len(rows(kept, "SELECT n FROM consent_event")) == 6
    assert kept.consents.verify() == []
    kept.say(consent([said("given", "new")], subject="new"))
    assert kept.consents.verify() == []


def test_retention_does_not_wash_away_what_somebody_changed(kept: Proofs) -> None:
    kept.say(consent([said("given", "r1")]))
    kept.say(consent([said("given", "r2")], subject="bob-ref"))
    with closing(sqlite3.connect(kept.path)) as con:
        con.execute("DROP TRIGGER consent_event_stays")
        con.execute("UPDATE consent_event SET at = '2001', valid_until = '2001' WHERE n = 1")
        con.commit()

    kept.clock.advance(DAY)
    assert forget(kept) == 0
    assert kept.consents.verify() == [
        "entry 1 was changed",
        "entry 1 is not signed by this device",
    ]
