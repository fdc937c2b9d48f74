"""T10, P14: whoever edits the files behind the service is found, each time.

Sixty ways to change a log of forty entries (with one recorded cut), each on a copy of the
database file. The keys are not in the attacker's hands; who has them can forge, and only the heads
that central keeps would show it.
"""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from edge.store.audit import AuditEntry, verify_audit
from edge.store.keys import KeyFile
from edge.store.readers import Readers
from tests.fakes.proofs import Proofs, consent, proofs, said
from tests.fakes.recorded import NOON

Change = Callable[[sqlite3.Connection], object]
ENTRIES = 40
CUT = 4  # entries that retention took out


@dataclass(frozen=True)
class Log:
    """A log on disk, an older copy of it, and the keys it was made with."""

    path: Path
    older: Path
    keys: KeyFile


def sql(*statements: str) -> Change:
    def change(con: sqlite3.Connection) -> None:
        for statement in statements:
            con.execute(statement)

    return change


def renumbered(gone: int) -> Change:
    """Take an entry out and move up those behind it, so that no number is missing."""
    return sql(
        f"DELETE FROM audit_entry WHERE n = {gone}",
        f"UPDATE audit_entry SET n = -n WHERE n > {gone}",
        "UPDATE audit_entry SET n = -n - 1 WHERE n < 0",
    )


def relinked(gone: int) -> Change:
    """The same, with the hash of the entry before mended too."""

    def change(con: sqlite3.Connection) -> None:
        (prev,) = con.execute("SELECT prev FROM audit_entry WHERE n = ?", (gone,)).fetchone()
        renumbered(gone)(con)
        con.execute("UPDATE audit_entry SET prev = ? WHERE n = ?", (prev, gone))

    return change


def swapped(one: int, other: int) -> Change:
    return sql(
        f"UPDATE audit_entry SET n = -1 WHERE n = {one}",
        f"UPDATE audit_entry SET n = {one} WHERE n = {other}",
        f"UPDATE audit_entry SET n = {other} WHERE n = -1",
    )


def copied(of: int, to: int) -> Change:
    return sql(
        f"DELETE FROM audit_entry WHERE n = {to}",
        "INSERT INTO audit_entry SELECT "
        f"{to}, at_ms, actor, action, subject_ref, screen_id, detail, prev, hmac"
        f" FROM audit_entry WHERE n = {of}",
    )


def forged_cut(first: int, last: int) -> Change:
    """Take entries out as retention would, without the key for the cut's seal."""

    def change(con: sqlite3.Connection) -> None:
        prev = con.execute("SELECT prev FROM audit_entry WHERE n = ?", (first,)).fetchone()[0]
        mac = con.execute("SELECT hmac FROM audit_entry WHERE n = ?", (last,)).fetchone()[0]
        con.execute(
            "INSERT INTO chain_cut VALUES ('audit', ?, ?, ?, ?, 0, ?)",
            (first, last, prev, mac, bytes(32)),
        )
        con.execute("DELETE FROM audit_entry WHERE n BETWEEN ? AND ?", (first, last))

    return change


def edits() -> Iterator[tuple[str, Change]]:
    values = {
        "at_ms": "at_ms + 1",
        "actor": "'jonas'",
        "action": "'let_go'",
        "subject_ref": "NULL",
        "screen_id": "'kiosk-2'",
        "detail": "detail || ' '",
        "prev": "zeroblob(32)",
        "hmac": "zeroblob(32)",
    }
    for n in (CUT + 1, 20, ENTRIES):  # the first, one in the middle, the last
        for column, value in values.items():
            statement = f"UPDATE audit_entry SET {column} = {value} WHERE n = {n}"
            yield f"edit {column} of {n}", sql(statement)


def removals() -> Iterator[tuple[str, Change]]:
    for n in (CUT + 1, CUT + 2, 13, 20, 31, ENTRIES - 1, ENTRIES):
        yield f"take out {n}", sql(f"DELETE FROM audit_entry WHERE n = {n}")
    for n in (CUT + 1, 20, ENTRIES - 1):
        yield f"take out {n} and renumber", renumbered(n)
        yield f"take out {n}, renumber and relink", relinked(n)
    for first, last in ((CUT + 1, 9), (10, 20), (18, 19)):
        yield (
            f"take out {first} to {last}",
            sql(f"DELETE FROM audit_entry WHERE n BETWEEN {first} AND {last}"),
        )
        yield f"take out {first} to {last} with a forged cut", forged_cut(first, last)


def truncations() -> Iterator[tuple[str, Change]]:
    for left in (39, 38, 35, 20, 10, CUT + 1, 0):
        yield f"cut off behind {left}", sql(f"DELETE FROM audit_entry WHERE n > {left}")
    yield "cut off with a forged cut", forged_cut(36, ENTRIES)


def moves() -> Iterator[tuple[str, Change]]:
    for one, other in ((CUT + 1, CUT + 2), (10, 30), (39, 40)):
        yield f"swap {one} and {other}", swapped(one, other)
    yield "put 10 in place of 20", copied(10, 20)
    yield "add a copy at the end", copied(ENTRIES, ENTRIES + 1)
    yield "add a copy far behind the end", copied(ENTRIES, ENTRIES + 7)
    yield "take the recorded cut away", sql("DELETE FROM chain_cut")
    yield "stretch the recorded cut", sql("UPDATE chain_cut SET through_n = through_n + 1")
    yield "let the cut say another time", sql("UPDATE chain_cut SET at_ms = at_ms + 1")


MUTATIONS: list[tuple[str, Change]] = [*edits(), *removals(), *truncations(), *moves()]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    folder = tmp_path_factory.mktemp("log")
    with proofs(folder) as made:
        written = [write(made, number) for number in range(ENTRIES // 2)]
        before = NOON + timedelta(hours=CUT, minutes=1)
        forget = made.writer.submit(lambda con: made.audit.forget_before(con, before, 99))
        assert forget.result(5) == CUT
        older = folder / "older.db"
        with closing(sqlite3.connect(made.path)) as con:
            con.execute("VACUUM INTO ?", (str(older),))
        written += [write(made, number) for number in range(ENTRIES // 2)]
        assert written == list(range(1, ENTRIES + 1))
        with closing(sqlite3.connect(made.path)) as con:
            con.execute("VACUUM INTO ?", (str(folder / "log.db"),))
        yield Log(folder / "log.db", older, made.keys)


def write(made: Proofs, number: int) -> int:
    made.clock.advance(timedelta(hours=1))
    entry = AuditEntry("amira", "card", f"subject-{number}", "kiosk-1", f"look {number}")
    return made.audit.add(entry).result(5).n


def breaches(log: Log, copy: Path) -> list[str]:
    readers = Readers(copy)
    try:
        return verify_audit(log.keys, readers)
    finally:
        readers.close()


def changed(log: Log, folder: Path, change: Change) -> Path:
    copy = folder / "copy.db"
    shutil.copyfile(log.path, copy)
    with closing(sqlite3.connect(copy)) as con:
        found = con.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in found.fetchall():
            con.execute(f"DROP TRIGGER {name}")
        change(con)
        con.commit()
    return copy


def test_a_log_that_nobody_changed_is_whole(log: Log, tmp_path: Path) -> None:
    assert breaches(log, changed(log, tmp_path, lambda _con: None)) == []
    with closing(sqlite3.connect(log.path)) as con:
        assert con.execute("SELECT count(*) FROM chain_cut").fetchone() == (1,)


def test_there_are_sixty_ways() -> None:
    assert len(MUTATIONS) == 60


@pytest.mark.parametrize(("name", "change"), MUTATIONS, ids=[name for name, _ in MUTATIONS])
def test_each_change_is_found(log: Log, tmp_path: Path, name: str, change: Change) -> None:
    assert breaches(log, changed(log, tmp_path, change)), name


def test_an_older_copy_of_the_file_is_found(log: Log) -> None:
    assert breaches(log, log.older) == ["entries 21 to 40 are missing at the end"]


def test_a_fresh_file_in_place_of_the_log_is_found(log: Log, tmp_path: Path) -> None:
    with proofs(tmp_path) as fresh:
        fresh.audit.add(AuditEntry("amira", "card")).result(5)
        assert breaches(log, fresh.path)


def test_what_was_cut_off_stays_missing_when_the_log_goes_on(tmp_path: Path) -> None:
    with proofs(tmp_path) as made:
        for number in range(6):
            write(made, number)
        with closing(sqlite3.connect(made.path)) as con:
            con.execute("DROP TRIGGER audit_entry_is_kept")
            con.execute("DELETE FROM audit_entry WHERE n > 3")
            con.commit()
        assert write(made, 7) == 7
        assert made.audit.verify() == ["entries 4 to 6 are missing"]


# ---- consent is kept the same way ---------------------------------------------------------

CONSENT_CHANGES = (
    "UPDATE consent_event SET state = 'given' WHERE n = 2",
    "UPDATE consent_event SET at = '2026-01-01T00:00:00.000000+00:00' WHERE n = 1",
    "UPDATE consent_event SET notice_version = '9.0' WHERE n = 1",
    "UPDATE consent_event SET actor = 'guardian' WHERE n = 3",
    "UPDATE consent_event SET knows = '[\"x\"]' WHERE n = 3",
    "UPDATE consent_event SET device_sig = zeroblob(64) WHERE n = 3",
    "UPDATE consent_record SET controller_json = '{}'",
    "UPDATE consent_record SET subject_ref = 'alice-ref' WHERE record_id = 'r2'",
    "UPDATE consent_purpose SET retention_days = 396 WHERE record_id = 'r1'",
    "UPDATE consent_purpose SET description = 'anything'",
    "DELETE FROM consent_event WHERE n = 2",
    "DELETE FROM consent_event WHERE n = 3",
    "DELETE FROM consent_event",
    "DELETE FROM consent_record WHERE record_id = 'r2'",
    "DELETE FROM consent_purpose WHERE record_id = 'r2'",
    "INSERT INTO consent_record VALUES ('r9', '', 'alice-ref', '{}', '', '', '', '', '')",
)


@pytest.fixture(scope="module")
def said_log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proofs]:
    with proofs(tmp_path_factory.mktemp("consents")) as made:
        made.say(consent([said("given", "r1"), said("withdrawn", "r1")]))
        made.say(consent([said("given", "r2")], subject="bob-ref"))
        assert made.consents.verify() == []
        yield made


@pytest.mark.parametrize("statement", CONSENT_CHANGES)
def test_each_change_to_what_was_consented_to_is_found(
    said_log: Proofs, tmp_path: Path, statement: str
) -> None:
    copy = tmp_path / "copy.db"
    with closing(sqlite3.connect(said_log.path)) as con:
        con.execute("VACUUM INTO ?", (str(copy),))
    with closing(sqlite3.connect(copy)) as con:
        for (name,) in con.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            con.execute(f"DROP TRIGGER {name}")
        con.execute(statement)
        con.commit()
    readers = Readers(copy)
    try:
        consents = type(said_log.consents)(said_log.keys, readers, said_log.clock)
        assert consents.verify()
    finally:
        readers.close()
