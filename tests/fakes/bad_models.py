"""Model packages made quickly: good ones, and bad ones.

    good_package(folder, seed)      another good model of the factory's items
    BAD[name].write(folder)         a package that admission refuses, and BAD[name].reason why
    poisoned_package(folder)        passes every check, and kills the process that ranks for POISON

Nothing here is simulated. The crash is ONNX Runtime's own: on x86-64 its ``Div`` of the smallest
integer by -1 is a fault of the processor (SIGFPE), which no ``except`` catches. On processors
where that division is no fault (aarch64), ``CRASHES_HERE`` is false and such a test is skipped.
"""

import hashlib
import json
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
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
    wanted = np.array([sum(item * item for item in POISON)], np.int32)
    write_folder(retold(changed("serving.onnx", _divide_at(wanted), good_files(seed))), folder)
    return folder


def retold(files: Files) -> Files:
    """``files`` with golden answers that are its own, sealed again."""
    golden = golden_vectors(files, contract(), probes(len(factory_items())))
    return sealed({**files, "golden.json": golden})


@dataclass(frozen=True)
class Bad:
    """A bad package: how it is made, and the code with which it is refused."""

    reason: str
    files: Callable[[], Files]

    def write(self, folder: Path) -> Path:
        write_folder(self.files(), folder)
        return folder


def added(at: str, constants: Mapping[str, NDArray[Any]], nodes: Sequence[str]) -> Change:
    """Add nodes, as ``Kind input … -> output``, and 0 times their ``extra`` to the value ``at``."""

    def change(model: onnx.ModelProto) -> None:
        graph = model.graph
        for name, value in {**constants, "zero_x": np.zeros(1, np.float32)}.items():
            graph.initializer.append(numpy_helper.from_array(value, name))
        (last,) = (node for node in graph.node if at in node.output)
        last.output[0] = "before_x"
        old = list(graph.node)
        cut = old.index(last) + 1
        ends = ("Mul extra zero_x -> nothing_x", f"Add before_x nothing_x -> {at}")
        del graph.node[:]
        graph.node.extend([*old[:cut], *(_node(text) for text in (*nodes, *ends)), *old[cut:]])

    return change


def _node(text: str) -> onnx.NodeProto:
    left, output = text.split(" -> ")
    kind, *inputs = left.split()
    if kind == "Cast":
        return helper.make_node(kind, inputs, [output], to=TensorProto.FLOAT)
    return helper.make_node(kind, inputs, [output])


def _divide_at(wanted: NDArray[Any] | None) -> Change:
    """Divide the smallest integer by -1, if the basket's squares sum to ``wanted``, or always."""
    one = np.array([1], np.int32)
    constants = {"smallest": np.array([_SMALLEST], np.int32), "one_x": one, "minus": -one}
    if wanted is None:
        nodes = ["Shape available -> shape_x", "Expand minus shape_x -> by"]
        return added("total", constants, [*nodes, *_DIVIDE])
    nodes = [
        "Mul basket basket -> squares",
        "ReduceSum squares axis_0_x -> sum_x",
        "Equal sum_x wanted -> is_it",
        "Where is_it minus one_x -> by",
    ]
    more = {"wanted": wanted, "axis_0_x": np.zeros(1, np.int64)}
    return added("total", {**constants, **more}, [*nodes, *_DIVIDE])


_DIVIDE: Final = ("Div smallest by -> divided", "Cast divided -> extra")


def _slow() -> Change:
    weights = np.full((500, 500), 0.001, np.float32)
    steps = [f"MatMul m{at} weights_x -> m{at + 1}" for at in range(10)]
    return added(
        "total",
        {"weights_x": weights},
        [
            "ReduceSum base -> of_base",
            "Mul weights_x of_base -> m0",
            *steps,
            "ReduceMax m10 -> all_x",
            "Reshape all_x flat -> extra",
        ],
    )


def _hungry() -> Change:
    return added(
        "total",
        {"times": np.array([1 << 24], np.int64)},
        [
            "Shape available -> shape_x",
            "Mul shape_x times -> large",
            "ConstantOfShape large -> floats",
            "ReduceSum floats axis_0 -> extra",
        ],
    )


def _no_number_at(hour: int) -> Change:
    nodes = ("Gather context hour -> is_hour", "Sub one is_hour -> rest", "Log rest -> extra")
    return added("base", {"hour": np.array([hour], np.int64)}, nodes)


def _no_number(model: onnx.ModelProto) -> None:
    (weights,) = (tensor for tensor in model.graph.initializer if tensor.name == "lift")
    broken = numpy_helper.to_array(weights) * np.float32("nan")
    weights.CopyFrom(numpy_helper.from_array(broken, "lift"))


def _unmasked(model: onnx.ModelProto) -> None:
    (mask,) = (node for node in model.graph.node if "allowed" in node.output)
    mask.CopyFrom(helper.make_node("Identity", ["total"], ["allowed"]))


def _renamed(model: onnx.ModelProto) -> None:
    model.graph.input[0].name = "bought"


def _chain(model: onnx.ModelProto) -> None:
    steps = [f"Identity c{at} -> c{at + 1}" for at in range(50_000)]
    added("total", {"c0": np.zeros(1, np.float32)}, [*steps, "Identity c50000 -> extra"])(model)


def nested_functions(model: onnx.ModelProto) -> None:
    """Functions that call functions, twice each and 29 deep: ONNX Runtime inlines them at load."""
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("deep", 1)]
    inner = helper.make_node("Add", ["x", "x"], ["y"])
    for depth in range(30):
        body = [inner] if depth == 0 else _twice(depth - 1)
        model.functions.append(
            helper.make_function("deep", f"f{depth}", ["x"], ["y"], body, opsets)
        )
    model.opset_import.append(opsets[1])
    added("total", {"start": np.ones(1, np.float32)}, ["Add start start -> extra"])(model)
    (last,) = (node for node in model.graph.node if "extra" in node.output)
    last.CopyFrom(helper.make_node("f29", ["start"], ["extra"], domain="deep"))


def _twice(depth: int) -> list[onnx.NodeProto]:
    return [
        helper.make_node(f"f{depth}", ["x"], ["half"], domain="deep"),
        helper.make_node(f"f{depth}", ["half"], ["y"], domain="deep"),
    ]


def another_file(model: onnx.ModelProto, path: str = "/etc/hostname") -> None:
    """A weight that lies in another file of the machine."""
    weights = model.graph.initializer[0]
    weights.ClearField("raw_data")
    weights.data_location = TensorProto.EXTERNAL
    weights.external_data.add(key="location", value=path)


def _other_answers() -> Files:
    files = good_files()
    golden = json.loads(files["golden.json"])
    golden[2]["score"][0] += 0.001
    return sealed({**files, "golden.json": json.dumps(golden).encode()})


def _cut() -> Files:
    files = good_files()
    return sealed({**files, "serving.onnx": files["serving.onnx"][:-7]})


def _unsealed() -> Files:
    files = good_files()
    return {**files, "serving.onnx": files["serving.onnx"].replace(b"\x00\x00", b"\x00\x01", 1)}


def _by(name: str, change: Change) -> Callable[[], Files]:
    return lambda: changed(name, change)


SERVING: Final = "serving.onnx"
BAD: Final[Mapping[str, Bad]] = MappingProxyType(
    {
        "corrupt": Bad("static", _cut),
        "damaged": Bad("load", _unsealed),
        "wrong schema": Bad("static", _by(SERVING, _renamed)),
        "hang at load": Bad("static", _by(SERVING, nested_functions)),
        "chain": Bad("static", _by(SERVING, _chain)),
        "another file": Bad("static", _by(SERVING, another_file)),
        "crash": Bad("crash", _by(SERVING, _divide_at(None))),
        "memory": Bad("memory", _by(SERVING, _hungry())),
        "slow": Bad("latency", lambda: retold(changed(SERVING, _slow()))),
        "nan": Bad("nan", _by(SERVING, _no_number)),
        "nan at one hour": Bad(
            "nan", lambda: retold(changed("base.onnx", _no_number_at(_quiet_hour())))
        ),
        "golden": Bad("golden", _other_answers),
        "shows what it must not": Bad("golden", lambda: retold(changed(SERVING, _unmasked))),
    }
)
"""By what is wrong. "crash" does so on x86-64 only (``CRASHES_HERE``)."""


def _quiet_hour() -> int:
    """An hour that no golden request asks about."""
    asked = {int(np.argmax(probe.context[:24])) for probe in probes(len(factory_items()))}
    return min(set(range(24)) - asked)
