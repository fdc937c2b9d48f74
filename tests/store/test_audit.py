"""Every look is recorded before it happens, and the log forgets only in time."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from edge.core.errors import ContractError, StorageUnavailableError
from edge.store.audit import AuditEntry
from tests.fakes.proofs import Proofs, proofs
from tests.fakes.recorded import NOON

DAY = timedelta(days=1)
LOOK = AuditEntry("amira", "card", "alice-ref", "kiosk-1", "a look")


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Proofs]:
    with proofs(tmp_path) as made:
        yield made


def test_an_entry_comes_back_with_its_time(kept: Proofs) -> None:
    kept.audit.add(LOOK).result(5)

    assert kept.audit.entries() == [(NOON, LOOK)]
    assert kept.audit.verify() == []


def test_the_head_that_is_reported_is_the_last_entry(kept: Proofs) -> None:
    assert kept.audit.head().n == 0
    assert kept.audit.head().mac_hex == ""

    kept.audit.add(LOOK).result(5)
    head = kept.audit.add(LOOK).result(5)

    assert (head.n, head.at) == (2, NOON)
    assert kept.audit.head() == head


def test_the_subject_is_in_no_repr(kept: Proofs) -> None:
    assert "alice-ref" not in repr(LOOK)


def test_the_log_goes_on_after_a_restart(kept: Proofs, tmp_path: Path) -> None:
    other = tmp_path / "again"
    other.mkdir()
    with proofs(other) as first:
        first.audit.add(LOOK).result(5)
    with proofs(other) as second:
        assert second.audit.add(LOOK).result(5).n == 2
        assert second.audit.verify() == []


@pytest.mark.parametrize(
    "entry",
    [AuditEntry("", "card"), AuditEntry("amira", ""), AuditEntry("a", "b", detail="x" * 501)],
)
def test_an_entry_without_actor_or_action_or_with_a_novel_is_refused(
    kept: Proofs, entry: AuditEntry
) -> None:
    with pytest.raises(ContractError, match="wanted an actor"):
        kept.audit.add(entry)


def test_nobody_is_told_that_an_entry_is_there_before_its_head_is_outside(kept: Proofs) -> None:
    kept.audit.add(LOOK).result(5)
    kept.keys.close()

    with pytest.raises(StorageUnavailableError):
        kept.audit.add(LOOK).result(5)


def test_what_the_disk_refused_was_not_recorded(kept: Proofs) -> None:
    kept.writer.close()

    with pytest.raises(StorageUnavailableError):
        kept.audit.add(LOOK).result(5)
    assert kept.audit.entries() == []


def test_deeds_of_one_actor_are_counted_since_a_moment(kept: Proofs) -> None:
    for actor, action in (("amira", "card"), ("amira", "let_go"), ("jonas", "card")):
        kept.audit.add(AuditEntry(actor, action)).result(5)
    kept.clock.advance(DAY)
    kept.audit.add(LOOK).result(5)

    assert kept.audit.count_since("amira", "card", NOON - DAY) == 2
    assert kept.audit.count_since("amira", "card", NOON) == 1


def forget(kept: Proofs, days: int, limit: int = 100) -> int:
    at = kept.clock() - days * DAY
    return kept.writer.submit(lambda con: kept.audit.forget_before(con, at, limit)).result(5)


def test_entries_go_after_730_days_and_the_rest_stays_provable(kept: Proofs) -> None:
    for _ in range(5):
        kept.audit.add(LOOK).result(5)
        kept.clock.advance(DAY)
    kept.clock.advance(727 * DAY)

    assert [forget(kept, 730, limit=1), forget(kept, 730), forget(kept, 730)] == [1, 1, 0]
    assert len(kept.audit.entries()) == 3
    assert kept.audit.verify() == []
    kept.audit.add(LOOK).result(5)
    kept.clock.advance(1000 * DAY)
    assert forget(kept, 730) == 4
    assert kept.audit.verify() == []


def test_an_entry_that_was_made_to_look_old_is_not_forgotten(kept: Proofs) -> None:
    for _ in range(3):
        kept.audit.add(LOOK).result(5)
    with closing(sqlite3.connect(kept.path)) as con:
        con.execute("DROP TRIGGER audit_entry_stays")
        con.execute("UPDATE audit_entry SET at_ms = 0 WHERE n = 2")
        con.commit()

    assert forget(kept, 730) == 0
    assert kept.audit.verify() == ["entry 2 was changed"]


def test_a_gap_that_somebody_made_is_not_closed_by_forgetting(kept: Proofs) -> None:
    for _ in range(5):
        kept.audit.add(LOOK).result(5)
    with closing(sqlite3.connect(kept.path)) as con:
        con.execute("DROP TRIGGER audit_entry_is_kept")
        con.execute("DELETE FROM audit_entry WHERE n = 3")
        con.commit()
    kept.clock.advance(1000 * DAY)
    with kept.readers.connection() as con:
        assert con.execute("SELECT count(*) FROM audit_entry").fetchone() == (4,)

    assert forget(kept, 730) == 4
    assert kept.audit.verify() == ["entry 3 is missing"]
