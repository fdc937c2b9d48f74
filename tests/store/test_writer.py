"""One thread writes: grouped, isolated, and only then answered."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edge.core.errors import ContractError, StorageUnavailableError
from edge.store.writer import MOST_PER_COMMIT, Writer


def connect(path: Path) -> sqlite3.Connection:
    con = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    con.execute("PRAGMA journal_mode = WAL")
    con.execute("CREATE TABLE IF NOT EXISTS note(text TEXT NOT NULL UNIQUE) STRICT")
    return con


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "w.db"


@pytest.fixture
def writer(path: Path) -> Iterator[Writer]:
    made = Writer(lambda: connect(path))
    made.start()
    yield made
    made.close()


def inserting(text: str) -> Callable[[sqlite3.Connection], None]:
    def work(con: sqlite3.Connection) -> None:
        con.execute("INSERT INTO note VALUES (?)", (text,))

    return work


def notes(path: Path) -> list[str]:
    con = connect(path)
    try:
        return [text for (text,) in con.execute("SELECT text FROM note ORDER BY rowid")]
    finally:
        con.close()


class Gate:
    """Holds the writer inside a piece of work until the test has queued what it wants."""

    def __init__(self, writer: Writer) -> None:
        self._open = threading.Event()
        self._entered = threading.Event()
        self.future = writer.submit(self._wait, alone=True)
        assert self._entered.wait(5)

    def _wait(self, con: sqlite3.Connection) -> None:
        self._entered.set()
        assert self._open.wait(5)

    def open(self) -> None:
        self._open.set()


def test_the_future_gives_what_the_work_returned_once_it_is_on_disk(
    writer: Writer, path: Path
) -> None:
    assert (
        writer.submit(lambda con: con.execute("INSERT INTO note VALUES ('a')").rowcount).result(5)
        == 1
    )
    assert notes(path) == ["a"]


def test_what_is_queued_meanwhile_shares_one_commit(writer: Writer, path: Path) -> None:
    gate = Gate(writer)
    queued = [writer.submit(inserting(f"{n}")) for n in range(50)]
    gate.open()
    for future in queued:
        future.result(5)

    assert writer.commits == 2
    assert len(notes(path)) == 50


def test_a_commit_holds_at_most_200_pieces_of_work(writer: Writer) -> None:
    gate = Gate(writer)
    queued = [writer.submit(lambda con: None) for _ in range(MOST_PER_COMMIT + 1)]
    gate.open()
    for future in queued:
        future.result(5)

    assert writer.commits == 3


def test_an_order_commits_alone_and_in_its_turn(writer: Writer, path: Path) -> None:
    gate = Gate(writer)
    queued = [
        writer.submit(lambda con: con.execute("INSERT INTO note VALUES ('before')")),
        writer.submit(lambda con: con.execute("INSERT INTO note VALUES ('order')"), alone=True),
        writer.submit(lambda con: con.execute("INSERT INTO note VALUES ('after')")),
    ]
    gate.open()
    for future in queued:
        future.result(5)

    assert writer.commits == 4
    assert notes(path) == ["before", "order", "after"]


def test_work_that_fails_takes_nothing_else_with_it(writer: Writer, path: Path) -> None:
    def half_done(con: sqlite3.Connection) -> None:
        con.execute("INSERT INTO note VALUES ('half')")
        raise KeyError("lost my way")

    gate = Gate(writer)
    first = writer.submit(lambda con: con.execute("INSERT INTO note VALUES ('first')"))
    failing = writer.submit(half_done)
    last = writer.submit(lambda con: con.execute("INSERT INTO note VALUES ('last')"))
    gate.open()

    first.result(5)
    last.result(5)
    with pytest.raises(KeyError, match="lost my way"):
        failing.result(5)
    assert notes(path) == ["first", "last"]


def test_a_row_that_breaks_a_rule_of_the_tables_is_a_contract_error(writer: Writer) -> None:
    writer.submit(lambda con: con.execute("INSERT INTO note VALUES ('a')")).result(5)

    with pytest.raises(ContractError, match="UNIQUE"):
        writer.submit(lambda con: con.execute("INSERT INTO note VALUES ('a')")).result(5)


def test_a_disk_that_cannot_be_opened_answers_so_and_is_tried_again(tmp_path: Path) -> None:
    folder = tmp_path / "not there yet"
    writer = Writer(lambda: connect(folder / "w.db"))
    writer.start()
    with pytest.raises(StorageUnavailableError, match="wanted to write"):
        writer.submit(lambda con: None).result(5)
    assert "wanted to write" in (writer.last_error or "")

    folder.mkdir()
    writer.submit(lambda con: con.execute("INSERT INTO note VALUES ('a')")).result(5)
    writer.close()

    assert (writer.last_error, notes(folder / "w.db")) == (None, ["a"])


def test_closing_commits_what_is_queued(path: Path) -> None:
    writer = Writer(lambda: connect(path))
    writer.start()
    queued = [writer.submit(inserting(f"{n}")) for n in range(500)]
    writer.close()
    writer.close()

    assert all(future.done() for future in queued)
    assert len(notes(path)) == 500


def test_after_closing_work_is_refused_in_its_future(path: Path) -> None:
    writer = Writer(lambda: connect(path))
    writer.start()
    writer.close()

    with pytest.raises(StorageUnavailableError, match="closed"):
        writer.submit(lambda con: None).result(5)


def test_whoever_listens_hears_of_every_commit(writer: Writer) -> None:
    heard = threading.Semaphore(0)
    writer.after_commit = heard.release
    writer.submit(lambda con: None).result(5)

    assert heard.acquire(timeout=5)


def test_work_that_was_cancelled_is_left_out_and_the_rest_goes_on(
    writer: Writer, path: Path
) -> None:
    gate = Gate(writer)
    cancelled = writer.submit(inserting("cancelled"))
    kept = writer.submit(inserting("kept"))
    assert cancelled.cancel()
    gate.open()
    kept.result(5)

    assert notes(path) == ["kept"]


def test_whatever_opening_does_the_thread_goes_on(path: Path) -> None:
    surprises = iter([ZeroDivisionError("surprise")])

    def connecting() -> sqlite3.Connection:
        for surprise in surprises:
            raise surprise
        return connect(path)

    writer = Writer(connecting)
    writer.start()
    with pytest.raises(StorageUnavailableError, match="ZeroDivisionError: surprise"):
        writer.submit(inserting("a")).result(5)
    writer.submit(inserting("b")).result(5)
    writer.close()

    assert notes(path) == ["b"]


def test_emptying_the_log_leaves_nothing_in_it_and_is_answered(writer: Writer, path: Path) -> None:
    writer.submit(inserting("a")).result(5)
    assert path.with_name("w.db-wal").stat().st_size > 0
    assert writer.empty_log().result(5) is True
    assert path.with_name("w.db-wal").stat().st_size == 0


def test_a_reader_is_not_waited_for_while_others_want_to_write(writer: Writer, path: Path) -> None:
    writer.submit(inserting("a")).result(5)
    reader = connect(path)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM note").fetchall()
    writer.submit(inserting("b")).result(5)

    emptied, inserted = writer.empty_log(), writer.submit(inserting("c"))
    assert emptied.result(5) is False
    inserted.result(5)
    reader.close()
    assert writer.empty_log().result(5) is True
    assert notes(path) == ["a", "b", "c"]


def test_a_log_that_cannot_be_emptied_says_so_and_the_thread_goes_on(path: Path) -> None:
    failures: list[Exception] = [ValueError("odd"), sqlite3.OperationalError("disk I/O error")]

    def failing() -> sqlite3.Connection:
        if failures:
            raise failures.pop()
        return connect(path)

    writer = Writer(failing)
    writer.start()
    for _ in range(2):
        with pytest.raises(StorageUnavailableError, match="empty the database's log"):
            writer.empty_log().result(5)
    assert writer.empty_log().result(5) is True
    writer.close()
    with pytest.raises(StorageUnavailableError, match="closed"):
        writer.empty_log().result(5)
