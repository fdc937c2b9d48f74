"""Model packages made quickly: good ones, and bad ones.

    good_package(folder, seed)      another good model of the factory's items
    poisoned_package(folder)        passes every check, and kills the process that ranks for POISON

Nothing here is simulated. The crash is ONNX Runtime's own: on x86-64 its ``Div`` of the smallest
integer by -1 is a fault of the processor (SIGFPE), which no ``except`` catches. On processors
where that division is no fault (aarch64), ``CRASHES_HERE`` is false and such a test is skipped.
"""

import hashlib
import json
import platform
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from edge.recommend.package import PACKAGE_FILES
from edge.wire.releases import ABI, PackageFacts
from models.training.export import Identity, golden_vectors, package_files, write_folder
from tests.fakes.small_model import contract, probes, small_model

Files = dict[str, bytes]
Change = Callable[[onnx.ModelProto], None]

FACTORY: Final = Path(__file__).parents[2] / "models" / "factory"
CRASHES_HERE: Final = platform.machine() == "x86_64"
POISON: Final = (3, 7)
"""The basket, as positions in items.json, for which a poisoned model kills the process."""
_SMALLEST: Final = -(2**31)


def factory_files() -> Files:
    return {path.name: path.read_bytes() for path in FACTORY.iterdir() if path.is_file()}


def factory_items() -> tuple[str, ...]:
    return tuple(json.loads((FACTORY / "items.json").read_bytes()))


def good_files(seed: int = 1) -> Files:
    """Another model of the factory's items, with made-up weights."""
    items = factory_items()
    model = replace(small_model(len(items), seed=seed), items=items)
    return package_files(
        model, contract(), Identity("ranker", f"{seed}", (0.9, -2.5)), probes(len(items))
    )


def good_package(folder: Path, seed: int = 1) -> Path:
    """Write a good package into ``folder`` and return it; each seed is another model."""
    write_folder(good_files(seed), folder)
    return folder


def facts(folder: Path, version: str = "1.0.0") -> PackageFacts:
    """What an offline key would sign about the package in ``folder``."""
    size = sum(path.stat().st_size for path in folder.iterdir())
    return PackageFacts(
        kind="model",
        name="ranker",
        version=version,
        abi=ABI,
        min_agent="0.0.0",
        size_unpacked=max(1, size),
    )


def sealed(files: Mapping[str, bytes]) -> Files:
    """``files`` with a manifest that agrees with them."""
    manifest = json.loads(files["model.json"])
    manifest["files"] = {n: hashlib.sha256(files[n]).hexdigest() for n in PACKAGE_FILES}
    return {**files, "model.json": json.dumps(manifest).encode()}


def changed(name: str, change: Change, files: Files | None = None) -> Files:
    """A good package whose graph ``name`` was changed, sealed again; the golden stay."""
    files = good_files() if files is None else files
    model = onnx.ModelProto.FromString(files[name])
    change(model)
    return sealed({**files, name: model.SerializeToString()})


def poisoned_package(folder: Path, seed: int = 1) -> Path:
    """Write a package that passes every check and kills the process that ranks for POISON."""
    wanted = sum(item * item for item in POISON)
    files = changed("serving.onnx", lambda model: _divide(model, wanted), good_files(seed))
    files["golden.json"] = golden_vectors(files, contract(), probes(len(factory_items())))
    write_folder(sealed(files), folder)
    return folder


def _divide(model: onnx.ModelProto, crash_at: int) -> None:
    """Let the graph divide the smallest integer by -1 if the basket's squares sum to this."""
    smallest, other = np.array([_SMALLEST], np.int32), np.array([1], np.int32)
    _with(
        model,
        {
            "x_smallest": smallest,
            "x_one": other,
            "x_minus": -other,
            "x_at": np.array([crash_at], np.int32),
            "x_axis": np.array([0], np.int64),
        },
        [
            helper.make_node("Mul", ["basket", "basket"], ["x_squares"]),
            helper.make_node("ReduceSum", ["x_squares", "x_axis"], ["x_sum"], keepdims=1),
            helper.make_node("Equal", ["x_sum", "x_at"], ["x_is"]),
            helper.make_node("Where", ["x_is", "x_minus", "x_one"], ["x_by"]),
            helper.make_node("Div", ["x_smallest", "x_by"], ["x_divided"]),
            helper.make_node("Cast", ["x_divided"], ["x_extra"], to=TensorProto.FLOAT),
        ],
    )


def _with(
    model: onnx.ModelProto, constants: Mapping[str, NDArray[Any]], nodes: list[onnx.NodeProto]
) -> None:
    """Add ``nodes``, and zero times their ``x_extra`` to what the graph ranks by."""
    graph = model.graph
    graph.initializer.extend(numpy_helper.from_array(v, k) for k, v in constants.items())
    graph.initializer.append(numpy_helper.from_array(np.zeros(1, np.float32), "x_zero"))
    (last,) = (node for node in graph.node if "total" in node.output)
    last.output[0] = "x_total"
    old = list(graph.node)
    at = old.index(last) + 1
    join = [
        helper.make_node("Mul", ["x_extra", "x_zero"], ["x_nothing"]),
        helper.make_node("Add", ["x_total", "x_nothing"], ["total"]),
    ]
    del graph.node[:]
    graph.node.extend([*old[:at], *nodes, *join, *old[at:]])
