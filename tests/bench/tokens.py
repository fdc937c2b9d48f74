"""Telling whose token it is: one window of 10,000, 100,000 and a million customers.

The floor of building is one HMAC per customer, which nothing can save; the alternative to a
table, trying every customer's key for each token, is measured on a part and scaled.
"""

import gc
import hmac
import os
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.identity.code_reader import CodeReader
from edge.identity.codes import Issuer
from edge.identity.day_keys import day_key, rolling_id
from edge.identity.profile import CustomerId
from edge.identity.simulated_phone import SimulatedPhone
from edge.identity.window_tables import DictTable, Entry, SortedTable, Table, packed
from edge.identity.windows import Windows
from tests.bench.cpu import interleaved_us
from tests.bench.row import Row
from tests.fakes.frozen_token import AT, BEACON_KEY, DAY, GROUP, INTERVAL, PREFIX

T = TypeVar("T")

SIZES: Final = (10_000, 100_000, 1_000_000)
TRIED: Final = 10_000
HELD_DAYS: Final = 9
MIB: Final = 1024 * 1024
KINDS: Final[dict[str, Callable[..., Table]]] = {"dict": DictTable, "sorted": SortedTable}


def rows() -> Iterator[Row]:
    """Yield the rows of this file."""
    for size in SIZES:
        yield from _windows(size)
    yield from _codes()
    yield _held()


def _windows(size: int) -> Iterator[Row]:
    group = f"tokens of {size:,} customers"
    entries = [packed(CustomerId(os.urandom(16)), {DAY: os.urandom(16)}) for _ in range(size)]
    floor_s, _ = _cpu_s(lambda: _bare(entries))
    tables: dict[str, Table] = {}
    for name, kind in KINDS.items():
        took_s, tables[name] = _cpu_s(partial(kind, INTERVAL, entries))
        yield Row(group, f"build one window, {name}", took_s, "s", floor_s, "an HMAC each")
        kept = _kept_mib(partial(kind, INTERVAL, entries))
        yield Row(group, f"memory of one window, {name}", kept, "MiB")
    tokens = [rolling_id(_key(entry), INTERVAL) for entry in entries[:: size // 1_000]]
    looked_up = interleaved_us(
        {name: _all(tables[name].get, tokens) for name in tables}, calls=20, rounds=7
    )
    for name in tables:
        yield Row(group, f"look-up of a known token, {name}", looked_up[name] / len(tokens), "µs")
    stranger = os.urandom(8)
    tried_s, _ = _cpu_s(lambda: [each == stranger for each in _bare(entries[:TRIED])])
    scaled = "" if size == TRIED else f", scaled from {TRIED:,}"
    yield Row(group, f"no table: try every key{scaled}", tried_s * size / TRIED * 1000, "ms")


def _codes() -> Iterator[Row]:
    """Read whole codes: used ones, which pass every check but the last."""
    issuer, windows = Issuer(b"shop", bytes(32)), Windows()
    phone = SimulatedPhone(BEACON_KEY, GROUP, PREFIX).with_credential(issuer, AT, os.urandom)
    windows.put(CustomerId(bytes(16)), {DAY: phone.day_key(AT)}, AT)
    windows.roll(AT)
    reader = CodeReader(windows, {issuer.key_id: issuer.public_key}, lambda _: None)
    k1, k4 = phone.k1(AT, os.urandom), phone.k4(AT, os.urandom)
    reader.read(k1, AT), reader.read(k4, AT)
    secret = Ed25519PrivateKey.generate()
    public, signature = secret.public_key(), secret.sign(bytes(23))
    took = interleaved_us(
        {
            "K1": lambda: reader.read(k1, AT),
            "K4": lambda: reader.read(k4, AT),
            "HMAC": lambda: hmac.digest(BEACON_KEY, bytes(17), "sha256"),
            "Ed25519": lambda: public.verify(signature, bytes(23)),
            "day key": lambda: day_key(BEACON_KEY, GROUP, DAY),
        },
        calls=200,
    )
    group = "reading a code, to its last check"
    yield Row(group, "K1", took["K1"], "µs", took["HMAC"], "an HMAC")
    yield Row(group, "K4", took["K4"], "µs", took["Ed25519"], "a signature's check")
    yield Row(group, "a day key from a phone's key", took["day key"], "µs", took["HMAC"], "an HMAC")


def _held() -> Row:
    """Return what each customer costs in memory between windows, with nine day keys."""
    size = 20_000

    def fill() -> Windows:
        windows = Windows()
        for _ in range(size):
            keys = {day: os.urandom(16) for day in range(DAY - 1, DAY - 1 + HELD_DAYS)}
            windows.put(CustomerId(os.urandom(16)), keys, AT)
        return windows

    name = f"a customer with {HELD_DAYS} day keys, beside the windows"
    return Row("tokens in memory", name, _kept_mib(fill) * MIB / size, "B")


def _key(entry: Entry) -> bytes:
    key = entry.key(DAY)
    assert key is not None
    return key


def _bare(entries: Sequence[Entry]) -> list[bytes]:
    """Return an HMAC per customer, and nothing else."""
    message = b"KB1-RID" + INTERVAL.to_bytes(4, "big")
    return [hmac.digest(entry.keys, message, "sha256")[:8] for entry in entries]


def _all(look_up: Callable[[bytes], object], tokens: Sequence[bytes]) -> Callable[[], None]:
    def run() -> None:
        for token in tokens:
            look_up(token)

    return run


def _cpu_s(run: Callable[[], T], rounds: int = 2) -> tuple[float, T]:
    """Return the least CPU time of some runs, and what the first one gave."""
    took, given = [], run()
    for _ in range(rounds):
        began = time.thread_time_ns()
        run()
        took.append((time.thread_time_ns() - began) / 1e9)
    return min(took), given


def _kept_mib(make: Callable[[], object]) -> float:
    """Return how much memory what ``make`` gives holds on to."""
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    made = make()
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del made
    return (after - before) / MIB
