"""Where a release is on its way, through power cuts and full disks."""

from datetime import UTC, datetime
from pathlib import Path

from edge.core.chance import system_chance
from edge.core.clock import SettableClock
from edge.store.store import Store
from edge.wire.cloudevents import Origin
from edge.wire.release_event import phase_changed
from edge.wire.releases import ReleaseState, Serving
from tests.fakes.recorded import open_store

NOON = datetime(2026, 3, 3, 12, 5, tzinfo=UTC)


def opened(folder: Path) -> Store:
    return open_store(folder, SettableClock(NOON))


def test_a_state_is_replaced_whole_with_its_quarantine_and_its_event(tmp_path: Path) -> None:
    store = opened(tmp_path)
    assert store.releases.state("ranker") is None
    reported = ReleaseState(
        site="harbour",
        device="kiosk-01",
        name="ranker",
        seq=1,
        at=NOON,
        serving=Serving(name="ranker", digest="factory"),
    )
    event = phase_changed(
        Origin("harbour", "kiosk-01", "0", lambda: "rtc"), reported, system_chance
    )
    store.releases.keep("ranker", b"one").result()
    store.releases.keep("ranker", b"two", ("a" * 64, "crash"), [event]).result()
    store.releases.keep("ranker", b"three", ("a" * 64, "golden")).result()
    store.close()

    again = opened(tmp_path)
    assert again.releases.state("ranker") == b"three"
    assert again.releases.refused() == {"a" * 64: "crash"}  # the first reason stays
    (waiting,) = again.reads.waiting("t", 10)
    assert waiting.event_id == event.event_id
    again.close()
