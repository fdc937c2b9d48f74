"""A process that erases a customer and dies in the middle of it, at the point it is told."""

import os
import signal
import sys
from pathlib import Path

from edge.core.chance import system_chance
from edge.core.clock import SettableClock
from edge.identity.profile import CustomerId
from edge.store import erasure
from edge.store.customer_rows import CustomerRows
from edge.store.keys import KeyFile
from edge.store.store import Store
from edge.store.store_settings import StoreSettings
from edge.store.writer import Writer
from tests.fakes.recorded import NOON, TestEvent

POINTS = ("before the commit", "before the key", "before the logs", "before the mark")


def die(*_: object, **__: object) -> None:
    """End like a power cut for this process: nothing is closed, nothing runs any more."""
    os.kill(os.getpid(), signal.SIGKILL)


def main(folder: Path, customer: str, point: str, event_id: str) -> None:
    """Erase the customer whose id is ``customer`` in hexadecimal, up to ``point``."""
    clock, settings = SettableClock(NOON), StoreSettings(reserve_bytes=0)
    store = Store.open(folder, clock=clock, chance=system_chance, settings=settings)
    if point == "before the commit":
        CustomerRows.delete = die  # type: ignore[method-assign]
    if point == "before the key":
        KeyFile.shred = die  # type: ignore[method-assign]
    if point == "before the logs":
        Writer.empty_log = die  # type: ignore[method-assign,assignment]
    if point == "before the mark":
        erasure._unmark = die
    customer_id = CustomerId(bytes.fromhex(customer))
    told = [TestEvent(event_id, "c", "erasure")]
    store.people.erase(customer_id, proof=None, events=told).result(30)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:5])
