"""The bytes that the outbox counts are those of the file."""

from contextlib import closing
from pathlib import Path

import pytest

from edge.core.clock import SettableClock
from edge.store import schema
from edge.store.database import open_writer
from edge.store.outbox import Outbox
from tests.fakes.recorded import NOON, event


@pytest.mark.parametrize("size", [300, 600, 1000, 1500, 3000, 4000, 5000, 12_000, 32_000])
def test_the_count_is_within_a_twentieth_of_the_file_or_above_it(tmp_path: Path, size: int) -> None:
    outbox = Outbox(SettableClock(NOON))
    with closing(open_writer(tmp_path / "a.db", max_bytes=1 << 30)) as con:
        schema.migrate(con)
        before = con.execute("PRAGMA page_count").fetchone()[0]
        con.execute("BEGIN")
        outbox.add(con, [event(size=size) for _ in range(1000)])
        con.execute("COMMIT")
        grown = (con.execute("PRAGMA page_count").fetchone()[0] - before) * 4096
        counted = outbox.depths(con)["e"].bytes

    assert grown * 0.95 < counted < grown * 1.15
