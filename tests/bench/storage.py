"""What recording and writing JSON cost, beside the plainest way to do the same."""

import json
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Final

import orjson

from edge.core.chance import system_chance
from edge.core.clock import system_clock
from edge.core.ids import uuid7
from edge.store.decisions import RecordedDecision
from edge.store.store import Store
from tests.bench.cpu import interleaved_us
from tests.bench.row import Row

GROUP: Final = 200
BODY: Final = b"{" + b"x" * 1500 + b"}"
CANDIDATES: Final = b"c" * 2400
AT: Final = datetime(2026, 3, 3, 12, 5, tzinfo=UTC)


def rows() -> Iterator[Row]:
    """Yield the rows of this file."""
    yield from _json_rows()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        yield from _commit_rows(Path(folder))


def sql_read_us(folder: Path) -> float:
    """Return what reading one profile and its history by key costs (the floor's SQL part)."""
    with closing(sqlite3.connect(folder / "floor.db")) as con:
        con.execute("create table profile(id text primary key, profile blob, history blob)")
        rows = [(str(i), b"p" * 300, b"h" * 800) for i in range(2000)]
        con.executemany("insert into profile values (?, ?, ?)", rows)
        con.commit()
        ask = "select profile, history from profile where id = ?"
        read: Callable[[], object] = lambda: con.execute(ask, ("1234",)).fetchone()  # noqa: E731
        return interleaved_us({"read": read}, calls=200)["read"]


def _json_rows() -> Iterator[Row]:
    item = {
        "slot": 1,
        "offer": "product:latte",
        "sku": "latte",
        "name": "Latte",
        "price_minor": 375,
        "score": 3.0703182220458984,
        "parts": {"moment": 0.979, "trend": 0.0, "history": 0.0, "basket": 2.091},
        "reason": "goes_with_basket",
        "propensity": 0.6763331068326726,
    }
    answer = {"decision_id": "d", "items": [item] * 20}
    took = interleaved_us(
        {"orjson": lambda: orjson.dumps(answer), "json": lambda: json.dumps(answer)}, calls=200
    )
    yield Row("storage and JSON", "orjson, 20 items", took["orjson"], "µs", took["json"], "json")


def _commit_rows(folder: Path) -> Iterator[Row]:
    store = Store.open(folder / "data", clock=system_clock, chance=system_chance)
    try:
        ours = [_group_us(store) for _ in range(8)][1:]
        alone = [_alone_ms(store) for _ in range(40)]
    finally:
        store.close()
    floor = _plain_group_us(folder)
    yield Row(
        "storage and JSON",
        f"decision recorded, {GROUP} in one commit",
        median(ours),
        "µs",
        floor,
        "plain insert, same bytes",
    )
    yield Row("storage and JSON", "decision recorded alone, wall", median(alone), "ms")


def _decision() -> RecordedDecision:
    return RecordedDecision(
        decision_id=uuid7(system_clock(), system_chance),
        at=AT,
        screen_id="board-1",
        surface="kiosk",
        placement_id="kiosk-strip",
        visit_id=None,
        body=BODY,
        candidates=CANDIDATES,
    )


def _group_us(store: Store) -> float:
    decisions = [_decision() for _ in range(GROUP)]
    began = time.process_time_ns()
    futures = [store.record_decision(decision, []) for decision in decisions]
    for future in futures:
        future.result()
    return (time.process_time_ns() - began) / GROUP / 1000


def _alone_ms(store: Store) -> float:
    decision = _decision()
    began = time.perf_counter()
    store.record_decision(decision, []).result()
    return (time.perf_counter() - began) * 1000


def _plain_group_us(folder: Path) -> float:
    with closing(sqlite3.connect(folder / "plain.db")) as con:
        con.execute("pragma journal_mode=wal")
        con.execute("pragma synchronous=full")
        con.execute("create table decision(id text primary key, at text, body blob, c blob)")
        con.commit()
        took = []
        for _ in range(8):
            rows = [(_decision().decision_id, "t", BODY, CANDIDATES) for _ in range(GROUP)]
            began = time.process_time_ns()
            con.executemany("insert into decision values (?, ?, ?, ?)", rows)
            con.commit()
            took.append((time.process_time_ns() - began) / GROUP / 1000)
        return median(took[1:])
