"""A process that records as fast as it can and says what it was promised; made to be killed."""

import sys
from collections import deque
from concurrent.futures import Future
from pathlib import Path

from edge.core.chance import system_chance
from edge.core.clock import system_clock
from edge.core.ids import uuid7
from edge.store.store import Store
from edge.store.store_settings import StoreSettings
from tests.fakes.recorded import TestEvent, decision

AT_ONCE = 30


def main(folder: Path) -> None:
    """Record decisions with their events; print each id once its future has resolved."""
    store = Store.open(
        folder,
        clock=system_clock,
        chance=system_chance,
        settings=StoreSettings(reserve_bytes=0),
    )
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    queued: deque[tuple[str, Future[None]]] = deque()
    while True:
        made = decision(uuid7(system_clock(), system_chance), system_clock())
        told = TestEvent(made.decision_id, kind="decision", body=b"x" * 500)
        queued.append((made.decision_id, store.record_decision(made, [told])))
        if len(queued) > AT_ONCE:
            decision_id, future = queued.popleft()
            future.result(10)
            sys.stdout.write(f"{decision_id}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
