"""Many threads read; none of them writes, and none keeps what it borrowed."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from edge.core.errors import StorageUnavailableError
from edge.store.database import open_writer
from edge.store.readers import Readers


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "a.db"
    with closing(open_writer(made, max_bytes=1 << 30)) as con:
        con.execute("CREATE TABLE note(text TEXT) STRICT")
    return made


def test_a_connection_is_lent_to_one_thread_at_a_time(path: Path) -> None:
    readers = Readers(path)
    together = threading.Barrier(4)
    seen: list[sqlite3.Connection] = []

    def read() -> None:
        with readers.connection() as con:
            together.wait(5)
            seen.append(con)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with readers.connection() as again:
        assert again in seen
    readers.close()

    assert len(set(map(id, seen))) == 4


def test_a_read_that_fails_is_our_error_and_spoils_nothing(path: Path) -> None:
    readers = Readers(path)
    with pytest.raises(StorageUnavailableError, match="no such table"), readers.connection() as con:
        con.execute("SELECT * FROM nowhere")
    with pytest.raises(KeyError), readers.connection():
        raise KeyError
    with readers.connection() as con:
        assert con.execute("SELECT count(*) FROM note").fetchone() == (0,)
    readers.close()


def test_a_connection_that_comes_back_after_the_end_is_closed(path: Path) -> None:
    readers = Readers(path)
    with readers.connection() as con:
        readers.close()
    with pytest.raises(sqlite3.ProgrammingError):
        con.execute("SELECT 1")
    with pytest.raises(StorageUnavailableError, match="closed"), readers.connection():
        pass
