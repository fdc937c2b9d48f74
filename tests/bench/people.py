"""What it costs to keep customers sealed: at the start, per change, to erase, to look daily."""

import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final

from edge.core.chance import system_chance
from edge.core.clock import SettableClock
from edge.identity.holders import Holder
from edge.identity.profile import CustomerId, Profile, Purchase
from edge.store.customer_rows import CustomerRow, CustomerRows
from edge.store.key_file import KEY_BYTES
from edge.store.profile_bytes import to_bytes
from edge.store.sealed import Place, seal
from edge.store.store import Store
from edge.store.vault import _of_holder, _of_profile
from tests.bench.cpu import interleaved_us
from tests.bench.row import Row
from tests.fakes.people import TODAY, Somebody, enrol, serve
from tests.fakes.recorded import NOON, open_store

CROWDS: Final = (10_000, 100_000)
ENROLLED: Final = 500
SERVED: Final = 300
_AT_ONCE: Final = 2000
GROUP: Final = "customers"


def rows() -> Iterator[Row]:
    """Yield the rows of this file."""
    for crowd in CROWDS:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            yield from _crowd_rows(Path(folder), crowd)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        yield from _daily_rows(Path(folder))


def _crowd_rows(folder: Path, crowd: int) -> Iterator[Row]:
    store = open_store(folder)
    somebody = _fill(store, crowd)
    began = time.process_time()
    assert sum(1 for _ in store.people.holders()) == crowd
    yield Row(GROUP, f"everybody's holder opened, {crowd:,}", time.process_time() - began, "s")
    read = interleaved_us({"profile": lambda: store.people.profile(somebody)}, calls=100)
    yield Row(GROUP, f"a profile of 200 purchases opened, of {crowd:,}", read["profile"], "µs")
    alice = Somebody("alice")
    enrol(store, alice)
    for _ in range(SERVED):
        serve(store, alice)
    for name, work in _changes(store, alice):
        before, began = _written(), time.perf_counter()
        work()
        took = (time.perf_counter() - began) * 1000
        yield Row(GROUP, f"{name}, of {crowd:,}, wall", took, "ms")
        yield Row(GROUP, f"{name}, of {crowd:,}, written", (_written() - before) / 1024, "KiB")
    store.close()


def _changes(store: Store, alice: Somebody) -> Iterator[tuple[str, Callable[[], object]]]:
    profile = _profile()
    one = Somebody("one")
    yield "enrolled", lambda: enrol(store, one)
    yield (
        "a profile changed",
        lambda: store.people.keep_profile(alice.customer_id, profile).result(30),
    )
    yield (
        f"erased with {SERVED} decisions",
        lambda: store.people.erase(alice.customer_id, proof=alice.withdrawal, events=[]).result(60),
    )
    yield (
        "erased with none",
        lambda: store.people.erase(one.customer_id, proof=None, events=[]).result(60),
    )


def _daily_rows(folder: Path) -> Iterator[Row]:
    clock = SettableClock(NOON)
    store = open_store(folder, clock)
    everybody = [Somebody(f"one{n}") for n in range(ENROLLED)]
    kept = [store.people.enrol(one.holder, _profile(), one.consent, []) for one in everybody]
    for future in kept:
        future.result(60)
    for name, later in (("nothing due", timedelta(days=1)), ("keys due", timedelta(days=29))):
        clock.advance(later)
        began = time.process_time()
        store.person_retention.sweep()
        took = (time.process_time() - began) / ENROLLED * 1e6
        yield Row(GROUP, f"daily look, {name}, per customer", took, "µs")
    store.close()


def _fill(store: Store, crowd: int) -> CustomerId:
    """Put customers there in bulk, as enrolling one after the other would; return one of them."""
    database, data = store.keys._all.database, store.keys.data
    ids = [CustomerId(system_chance(16)) for _ in range(crowd)]
    for start in range(0, crowd, _AT_ONCE):
        made: list[CustomerRow] = []
        with database.transaction() as con:
            for one in ids[start : start + _AT_ONCE]:
                key = system_chance(KEY_BYTES)
                wrapped = seal(data._wrapping_key(1), key, Place("data_key", one, 1), system_chance)
                con.execute("INSERT INTO data_key VALUES (?, 1, ?, ?)", (one, TODAY, wrapped))
                made.append(_row(one, key))
        store.writer.submit(lambda con, made=made: _add(con, made)).result(60)  # type: ignore[misc]
    return ids[0]


def _add(con: sqlite3.Connection, made: list[CustomerRow]) -> None:
    for row in made:
        CustomerRows().add(con, row)


def _row(customer_id: CustomerId, key: bytes) -> CustomerRow:
    holder = Holder(
        customer_id=customer_id,
        subject_ref=system_chance(16).hex(),
        pseudonym=system_chance(8),
        beacon_key=None,
        day_keys={TODAY + day: system_chance(16) for day in range(-1, 8)},
        is_reported=True,
        since_at=NOON,
        language="en",
    )
    text = to_bytes(_profile())
    return CustomerRow(
        customer_id=customer_id,
        seen_day=TODAY,
        holder_version=1,
        profile_version=1,
        holder_sealed=seal(key, holder.to_json(), _of_holder(customer_id, 1), system_chance),
        profile_sealed=seal(key, text, _of_profile(customer_id, 1), system_chance),
    )


def _profile() -> Profile:
    bought = tuple(Purchase(f"product-{n % 60}", TODAY - n // 4, 1) for n in range(200))
    return replace(Profile(), purchases=bought)


def _written() -> int:
    """Return the bytes that this process has written so far."""
    for line in Path("/proc/self/io").read_text().splitlines():
        if line.startswith("wchar:"):
            return int(line.split()[1])
    return 0
