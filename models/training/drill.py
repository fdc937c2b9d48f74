"""``python -m models.training.drill``: packages for a drill, made from the factory's.

    good VERSION FOLDER              the factory's model, leaning a little less on the basket
    bad VERSION FOLDER SKU SKU …     passes every check, and fails at a basket of exactly these

Nothing is simulated. On x86-64 the bad one kills the process that ranks: ONNX Runtime's ``Div`` of
the smallest integer by -1 is a fault of the processor there, which no ``except`` catches. On other
processors it answers with what is no number.
"""

import json
import platform
import sys
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from edge.recommend.contract import read_contract
from edge.recommend.package import PACKAGE_FILES
from edge.recommend.ranker import RankRequest
from models.training.export import Probe, golden_vectors, write_folder

Files = dict[str, bytes]

_MODELS: Final = Path(__file__).parents[1]
_GRAPHS: Final = ("serving.onnx", "full.onnx")
_SMALLEST: Final = -(2**31)
_LESS: Final = 0.97
_IS_FATAL: Final = platform.machine() == "x86_64"


def factory_files() -> Files:
    """Return the files of the package that is delivered."""
    return {path.name: path.read_bytes() for path in (_MODELS / "factory").iterdir()}


def good_files(version: str) -> Files:
    """Return another model that is as good: the weights of baskets are 3 % smaller."""
    files = factory_files()
    for name in _GRAPHS:
        model = onnx.ModelProto.FromString(files[name])
        (weights,) = (tensor for tensor in model.graph.initializer if tensor.name == "lift")
        smaller = numpy_helper.to_array(weights) * np.float32(_LESS)
        weights.CopyFrom(numpy_helper.from_array(smaller, "lift"))
        files[name] = model.SerializeToString()
    return _sealed(files, version)


def bad_files(version: str, basket: Sequence[str]) -> Files:
    """Return a model that fails at ``basket`` and nowhere else that anybody tried."""
    files = factory_files()
    items = json.loads(files["items.json"])
    squares = sum(items.index(sku) ** 2 for sku in basket)
    model = onnx.ModelProto.FromString(files["serving.onnx"])
    _poison(model.graph, np.array([squares], np.int32))
    return _sealed({**files, "serving.onnx": model.SerializeToString()}, version)


def _poison(graph: onnx.GraphProto, squares: NDArray[np.int32]) -> None:
    """Add what is 0 for every other basket to ``total``, just after it is made."""
    one = np.array([1], np.int32)
    constants = {"wanted_d": squares, "smallest_d": one * _SMALLEST, "one_d": one, "minus_d": -one}
    constants |= {"nothing_d": np.zeros(1, np.float32), "axis_d": np.zeros(1, np.int64)}
    constants["minus_one_d"] = np.array([-1], np.float32)
    is_it = (
        "Mul basket basket -> squares_d",
        "ReduceSum squares_d axis_d -> sum_d",
        "Equal sum_d wanted_d -> is_it_d",
    )
    fatal = ("Where is_it_d minus_d one_d -> by_d", "Div smallest_d by_d -> divided_d")
    no_number = (
        "Cast is_it_d -> float_d",
        "Mul float_d minus_one_d -> below_d",
        "Sqrt below_d -> extra_d",
    )
    bad = (*fatal, "Cast divided_d -> extra_d") if _IS_FATAL else no_number
    ends = ("Mul extra_d nothing_d -> none_d", "Add before_d none_d -> total")
    for name, value in constants.items():
        graph.initializer.append(numpy_helper.from_array(value, name))
    (last,) = (node for node in graph.node if "total" in node.output)
    last.output[0] = "before_d"
    nodes = list(graph.node)
    cut = nodes.index(last) + 1
    del graph.node[:]
    graph.node.extend([*nodes[:cut], *map(_node, (*is_it, *bad, *ends)), *nodes[cut:]])


def _node(text: str) -> onnx.NodeProto:
    left, output = text.split(" -> ")
    kind, *inputs = left.split()
    if kind == "Cast":
        return helper.make_node(kind, inputs, [output], to=TensorProto.FLOAT)
    return helper.make_node(kind, inputs, [output])


def _sealed(files: Files, version: str) -> Files:
    """Return the files with their own golden answers, and a manifest that agrees with them."""
    contract = read_contract((_MODELS / "contract.toml").read_text("utf-8"))
    asked = json.loads(files["golden.json"])
    size = len(json.loads(files["items.json"]))
    probes = tuple(_probe(one, size) for one in asked)
    files = files | {name: _named(files[name], version) for name in files if ".onnx" in name}
    files["golden.json"] = golden_vectors(files, contract, probes)
    manifest = json.loads(files["model.json"])
    manifest["files"] = {name: sha256(files[name]).hexdigest() for name in PACKAGE_FILES}
    manifest["model_version"] = version
    return {**files, "model.json": json.dumps(manifest, indent=1).encode() + b"\n"}


def _named(graph: bytes, version: str) -> bytes:
    """Return a graph that says which version it is."""
    model = onnx.ModelProto.FromString(graph)
    for entry in model.metadata_props:
        if entry.key == "model_version":
            entry.value = version
    content: bytes = model.SerializeToString()
    return content


def _probe(golden: Mapping[str, Any], size: int) -> Probe:
    """Return the request of a golden answer, to be asked again."""
    orders, available = np.zeros(size, np.float32), np.ones(size, np.bool_)
    for item, count in golden["trend"]:
        orders[item] = count
    available[golden["unavailable"]] = False
    request = RankRequest(
        history=np.array(golden["history"], np.int32),
        history_age=np.array(golden["history_age"], np.float32),
        basket=np.array(golden["basket"], np.int32),
        exclude=np.array(golden["exclude"], np.int32),
        available=available,
        base=np.zeros((size, 2), np.float32),
    )
    return Probe(np.array(golden["context"], np.float32), orders, request)


def run(arguments: Sequence[str]) -> None:
    """Make one package."""
    match list(arguments):
        case ["good", version, folder]:
            write_folder(good_files(version), Path(folder))
        case ["bad", version, folder, *basket] if basket:
            write_folder(bad_files(version, basket), Path(folder))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    run(sys.argv[1:])
