"""A decision in one process beside the bare graph it rests on, at three sizes of shop."""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, Final

import numpy as np
import onnx
import onnxruntime as ort
import orjson

from edge.app.serve_placement import ServePlacement
from edge.app.wiring import Appliance
from edge.decide.decide import decide
from edge.decide.values import Asked
from edge.store.decisions import RecordedDecision
from edge.store.outbox import Outgoing
from edge.web.api.answers import decided
from tests.bench.cpu import interleaved_us
from tests.bench.model import write_model
from tests.bench.row import Row
from tests.bench.shop import appliance, sku

SIZES: Final = (200, 5_000, 50_000)
GROUP: Final = 50
AT: Final = datetime(2026, 3, 3, 12, 5, tzinfo=UTC)
ASKED: Final = Asked("kiosk-strip", "board-1", basket=(sku(7), sku(100)), at=AT)
BUDGETS: Final = {5_000: 3.0, 50_000: 2.0}
ID: Final = "01981f3e-6c00-7aaa-8bbb-0123456789ab"


def rows() -> Iterator[Row]:
    """Yield the rows of this file."""
    for size in SIZES:
        with shop(size) as built:
            yield from _rows(size, built)


@contextmanager
def shop(size: int) -> Iterator[Appliance]:
    """Give an appliance over a shop of ``size`` products, in this process."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        write_model(size, Path(folder) / "model")
        built = appliance(size, Path(folder) / "model", Path(folder) / "data")
        try:
            yield built
        finally:
            built.stop()


def _rows(size: int, built: Appliance) -> Iterator[Row]:
    group = f"decision in process, {size:,} items"
    ort_us = interleaved_us(
        {"no-op": _noop(), "graph": bare_graph(built), "pure": _pure(built)}, calls=100
    )
    yield Row(
        group, "bare ORT call of our graph", ort_us["graph"], "µs", ort_us["no-op"], "no-op ORT"
    )
    yield Row(group, "pure decide()", ort_us["pure"], "µs", ort_us["graph"], "bare ORT")
    whole_us, floor_us = _whole_us(built)
    yield Row(
        group,
        "whole decision, recorded in groups, JSON",
        whole_us,
        "µs",
        floor_us,
        "bare ORT",
        BUDGETS.get(size),
    )


def _whole_us(built: Appliance, rounds: int = 9) -> tuple[float, float]:
    """Return the CPU time of a decision by all threads, and of the bare graph, interleaved."""
    serve, wait = _in_groups(built)
    site = built.services.site()
    bare = bare_graph(built)
    whole: list[float] = []
    floor: list[float] = []
    for _ in range(rounds + 1):
        began = time.process_time_ns()
        for _ in range(GROUP):
            orjson.dumps(decided(serve(ASKED), site, is_recognised=False))
        wait()
        whole.append((time.process_time_ns() - began) / GROUP / 1000)
        began = time.process_time_ns()
        for _ in range(GROUP):
            bare()
        floor.append((time.process_time_ns() - began) / GROUP / 1000)
    return median(whole[1:]), median(floor[1:])


def _in_groups(built: Appliance) -> tuple[ServePlacement, Callable[[], None]]:
    """Return a server of decisions that does not wait for each commit, and the wait for all.

    It is what many requests at a time make of the writer: one commit for all that wait.
    """
    serve = built.services.serve
    assert isinstance(serve, ServePlacement)
    waiting: list[Future[None]] = []
    record = serve._recording.record

    def keep(decision: RecordedDecision, events: Sequence[Outgoing]) -> "Future[None]":
        waiting.append(record(decision, events))
        done: Future[None] = Future()
        done.set_result(None)
        return done

    def wait() -> None:
        while waiting:
            waiting.pop().result()

    grouped = ServePlacement(
        serve._shelves, serve._rankers, replace(serve._recording, record=keep), serve._exploration
    )
    return grouped, wait


def _pure(built: Appliance) -> Callable[[], object]:
    serve: Any = built.services.serve
    shelf = serve._shelves.at(AT, live=False)
    return lambda: decide(ID, ASKED, shelf, serve._exploration)


def bare_graph(built: Appliance) -> Callable[[], object]:
    """Return a call of the session itself with what a decision feeds it."""
    serve: Any = built.services.serve
    bundle = serve._rankers.now()
    shelf = serve._shelves.at(AT, live=False)
    basket = np.array([bundle.item_of[each] for each in ASKED.basket], dtype=np.int32)
    feed = {
        "history": np.zeros(0, dtype=np.int32),
        "history_age": np.zeros(0, dtype=np.float32),
        "basket": basket,
        "exclude": basket,
        "available": np.ones(len(bundle.products), dtype=np.bool_),
        "base": shelf.base,
    }
    session = bundle.ranker._ranker._graph._session  # behind what measures it
    return lambda: session.run(["items", "score", "parts"], feed)


def _noop() -> Callable[[], object]:
    """Return a call of a graph that does nothing: what crossing into onnxruntime costs."""
    value = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("Identity", ["x"], ["y"])],
        "noop",
        [value("x", onnx.TensorProto.FLOAT, [1])],
        [value("y", onnx.TensorProto.FLOAT, [1])],
    )
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)])
    model.ir_version = 8
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(model.SerializeToString(), options)
    feed = {"x": np.zeros(1, dtype=np.float32)}
    return lambda: session.run(None, feed)
