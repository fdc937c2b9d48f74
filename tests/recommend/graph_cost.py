"""What one ranking costs in CPU time, beside a run that does nothing: a figure, not a test.

``python -m tests.recommend.graph_cost`` prints it. Variants take turns in one process, so that a
noisy machine disturbs them alike; the median of many turns is shown. Made-up weights; history 100,
basket 3, the base as skewed as a real shop's and in the order of sales, as training writes it.
"""

import sys
from dataclasses import replace
from functools import partial
from time import thread_time_ns

import numpy as np
import onnx
import onnxruntime as ort

from edge.recommend.onnx_ranker import OnnxRanker
from edge.recommend.ranker import RankRequest
from models.training.export import Identity, package_files
from tests.fakes.small_model import contract, plain_request, probes, small_model

SIZES = (200, 5_000, 50_000)
TURNS = 40
RUNS_A_TURN = 25


def measure(sizes: tuple[int, ...] = SIZES) -> dict[str, float]:
    """Median CPU microseconds of a no-op run, and of ``rank`` by number of items."""
    noop = _noop()
    one = np.zeros(1, dtype=np.float32)
    variants = {"no-op": partial(noop.run, None, {"x": one})}
    for size in sizes:
        ranker = _ranker(size)
        variants[f"{size} items"] = partial(ranker.rank, _request(size))
    spent: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(TURNS):
        for name, run in variants.items():
            before = thread_time_ns()
            for _ in range(RUNS_A_TURN):
                run()
            spent[name].append((thread_time_ns() - before) / RUNS_A_TURN / 1000)
    return {name: float(np.median(times)) for name, times in spent.items()}


def _ranker(size: int) -> OnnxRanker:
    model = small_model(size, neighbours=0 if size <= 512 else 64)
    identity = Identity("cost", "1", None)
    files = package_files(model, contract(), identity, probes(size, 1))
    return OnnxRanker.from_bytes(files["serving.onnx"], contract=contract())


def _request(size: int) -> RankRequest:
    rng = np.random.default_rng(1)
    share = 1.0 / (np.arange(size) + 2.7)
    base = np.zeros((size, 2), dtype=np.float32)
    base[:, 0] = np.log(share / share.sum() * size) + rng.normal(scale=0.1, size=size)
    basket = np.array([3, 10, 40], dtype=np.int32)
    return replace(
        plain_request(size, base),
        history=rng.integers(0, size, 100).astype(np.int32),
        history_age=rng.uniform(0, 90, 100).astype(np.float32),
        basket=basket,
        exclude=basket,
    )


def _noop() -> ort.InferenceSession:
    tensor = partial(
        onnx.helper.make_tensor_value_info, elem_type=onnx.TensorProto.FLOAT, shape=[1]
    )
    node = onnx.helper.make_node("Identity", ["x"], ["y"])
    graph = onnx.helper.make_graph([node], "noop", [tensor("x")], [tensor("y")])
    opset = [onnx.helper.make_opsetid("", 18)]
    model = onnx.helper.make_model(graph, opset_imports=opset, ir_version=9)
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    return ort.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


if __name__ == "__main__":
    for label, microseconds in measure().items():
        sys.stdout.write(f"{label:>14}  {microseconds:7.1f} µs\n")
