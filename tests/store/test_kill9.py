"""What was acknowledged before a kill is there after it.

A kill is no power cut: it proves the transactions, not the flushes.
"""

import subprocess
import sys
from pathlib import Path

from edge.store.database import open_writer
from tests.fakes.recorded import open_store

KILLS = 20
ROOT = Path(__file__).parents[2]


def record_and_die(folder: Path, acknowledgements: int) -> list[str]:
    """Run the child until it acknowledged so many, kill it, and return all it acknowledged."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.store.recording_child", str(folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        first = [child.stdout.readline() for _ in range(acknowledgements)]
        child.kill()
        lines = first + child.stdout.readlines()
    return [line.strip() for line in lines if line.endswith("\n")]


def test_no_acknowledged_decision_or_event_is_lost_over_twenty_kills(tmp_path: Path) -> None:
    promised: list[str] = []
    for kill in range(KILLS):
        promised += record_and_die(tmp_path, 1 + kill * 37 % 400)

    store = open_store(tmp_path)
    recorded = {made.decision_id for made in store.reads.latest_decisions(1_000_000)}
    waiting = list(store.reads.waiting("e", 1_000_000))
    store.close()

    assert store.boot.set_aside is None
    assert set(promised) <= recorded
    assert [row.seq for row in waiting] == list(range(1, len(waiting) + 1))
    assert {row.event_id for row in waiting} == recorded, "a decision without its event, or reverse"
    assert all(row.is_whole for row in waiting)
    with open_writer(tmp_path / "edge.db", max_bytes=1 << 30) as con:
        assert con.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    con.close()
