"""Whatever the last shutdown did to the file, the store comes up and says what it found."""

from pathlib import Path

import pytest

from edge.core.clock import SettableClock
from edge.core.errors import StorageUnavailableError
from edge.store.store import FILE_NAME
from tests.fakes.recorded import NOON, decision, event, open_store


def filled(folder: Path, events: int = 300) -> list[str]:
    """Record into a store, and return the ids that wait."""
    store = open_store(folder)
    made = [event(size=700) for _ in range(events)]
    store.add_events(made)
    store.record_decision(decision(), []).result(5)
    store.close()
    return [one.event_id for one in made]


def spoil(path: Path, start: int, stop: int) -> None:
    """Overwrite whole pages of a closed database."""
    with path.open("r+b") as file:
        file.seek(start * 4096)
        file.write(b"\xa5" * 4096 * (stop - start))


def test_a_sound_file_is_opened_as_it_is(tmp_path: Path) -> None:
    ids = filled(tmp_path)
    store = open_store(tmp_path)

    assert store.boot.set_aside is None
    assert [row.event_id for row in store.reads.waiting("e", 1000)] == ids
    store.close()


def test_a_file_that_is_no_database_is_set_aside_and_a_fresh_one_made(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"nonsense" * 4096)
    (tmp_path / f"{FILE_NAME}-wal").write_bytes(b"old log")
    store = open_store(tmp_path)

    aside = store.boot.set_aside
    assert aside is not None
    assert aside.parent.parent == tmp_path / "quarantine"
    assert aside.parent.name == "20260301T120000.000000Z"
    assert sorted(path.name for path in aside.parent.iterdir()) == [
        "edge.db",
        "edge.db-shm",
        "edge.db-wal",
    ]
    assert aside.read_bytes().startswith(b"nonsense")
    assert "SQLITE_NOTADB" in (store.boot.damage or "")
    store.record_decision(decision(), [event()]).result(5)
    assert store.health().waiting == 1
    store.close()


def test_waiting_events_of_a_damaged_file_are_carried_over(tmp_path: Path) -> None:
    ids = filled(tmp_path)
    old = open_store(tmp_path)
    epoch = old.reads.epoch()
    old.close()
    middle = (tmp_path / FILE_NAME).stat().st_size // 4096 // 2  # where the events are
    spoil(tmp_path / FILE_NAME, middle, middle + 4)
    store = open_store(tmp_path)

    kept = [row.event_id for row in store.reads.waiting("e", 1000)]
    assert store.boot.set_aside is not None
    assert 100 < len(kept) == store.boot.salvaged < 300
    assert set(kept) < set(ids)
    assert [row.seq for row in store.reads.waiting("e", 1000)] == list(range(1, len(kept) + 1))
    assert store.reads.epoch() != epoch
    store.close()


def test_a_log_without_its_database_does_not_leak_into_the_fresh_one(tmp_path: Path) -> None:
    (tmp_path / f"{FILE_NAME}-wal").write_bytes(b"old log")
    store = open_store(tmp_path)

    assert store.boot.damage == "a log without its database"
    assert store.health().waiting == 0
    store.close()


def test_the_epoch_outlives_restarts(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    epoch = store.reads.epoch()
    store.close()
    store = open_store(tmp_path)

    assert store.reads.epoch() == epoch
    store.close()


def test_a_second_process_is_refused(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    with pytest.raises(StorageUnavailableError, match="another process is"):
        open_store(tmp_path)
    store.close()


def test_a_file_of_a_newer_version_stops_recording_but_not_the_start(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.writer.submit(lambda con: con.execute("PRAGMA user_version = 99")).result(5)
    store.close()
    store = open_store(tmp_path, SettableClock(NOON))

    assert "got 99; install the newer version" in (store.boot.problem or "")
    with pytest.raises(StorageUnavailableError):
        store.record_decision(decision(), []).result(5)
    store.close()


def test_the_report_names_the_library_and_what_keeps_files_whole(tmp_path: Path) -> None:
    store = open_store(tmp_path)

    assert store.boot.sqlite_version.startswith("3.")
    assert store.boot.problem is None
    store.close()
