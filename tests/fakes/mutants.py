"""Damaged copies of a package's graphs and golden answers: bytes, and structure that still parses.

``python -m tests.fakes.mutants FOLDER …`` tries all these packages in one process, the way
``preflight_child`` tries one, and prints a line for each: its name, and why it is refused or "-".
"""

import json
import resource
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import onnx
from numpy.random import Generator

from edge.core.errors import ModelContractError
from edge.update.limits import CHILD
from edge.update.preflight_steps import Trial, try_package
from edge.update.static_rules import OPERATORS
from edge.update.verdict import RefusedError
from models.training.export import write_folder
from tests.fakes.bad_models import Files, sealed
from tests.fakes.small_model import contract

MOST_CPU_S: Final = 120
"""For all of them; one that hangs is ended then, and the rest go on in another process."""
GRAPHS: Final = ("serving.onnx", "base.onnx")
_KINDS: Final = sorted(OPERATORS[""])


def mutants(files: Files, draws: Generator, count: int) -> Iterator[Files]:
    """Yield ``count`` sealed packages of which one graph is damaged."""
    for number in range(count):
        name = GRAPHS[number % len(GRAPHS)]
        if number % 3 == 2:
            content = _rebuilt(files[name], draws)
        else:
            content = _BYTES[number % len(_BYTES)](files[name], draws)
        yield sealed({**files, name: content})


def golden_mutants(files: Files, draws: Generator, count: int) -> Iterator[Files]:
    """Yield sealed packages whose golden answers state something else, by 0.001 at least."""
    for _ in range(count):
        golden = json.loads(files["golden.json"])
        case = golden[int(draws.integers(len(golden)))]
        at = int(draws.integers(len(case["items"])))
        by = float(draws.choice([-1.0, 1.0]) * draws.uniform(0.001, 3.0))
        match int(draws.integers(3)):
            case 0:
                case["score"][at] += by
            case 1:
                case["parts"][at][int(draws.integers(len(case["parts"][at])))] += by
            case _:
                case["items"][at] = (case["items"][at] + 17) % 54
        yield sealed({**files, "golden.json": json.dumps(golden).encode()})


def _flip(content: bytes, draws: Generator) -> bytes:
    changed = bytearray(content)
    for _ in range(int(draws.integers(1, 4))):
        changed[int(draws.integers(len(changed)))] ^= 1 << int(draws.integers(8))
    return bytes(changed)


def _noise(content: bytes, draws: Generator) -> bytes:
    at, size = _piece(content, draws)
    return content[:at] + draws.bytes(size) + content[at + size :]


def _cut(content: bytes, draws: Generator) -> bytes:
    at, size = _piece(content, draws)
    return content[:at] + content[at + size :]


def _twice(content: bytes, draws: Generator) -> bytes:
    at, size = _piece(content, draws)
    return content[: at + size] + content[at:]


def _short(content: bytes, draws: Generator) -> bytes:
    return content[: int(draws.integers(len(content)))]


def _extreme(content: bytes, draws: Generator) -> bytes:
    at = int(draws.integers(len(content) - 8))
    value = (b"\xff" * 8, bytes(8), b"\x80" + bytes(7), b"\x7f\xff\xff\xff")[int(draws.integers(4))]
    return content[:at] + value + content[at + len(value) :]


_BYTES: Final[tuple[Callable[[bytes, Generator], bytes], ...]] = (
    _flip,
    _noise,
    _cut,
    _twice,
    _short,
    _extreme,
    _flip,
)


def _piece(content: bytes, draws: Generator) -> tuple[int, int]:
    size = int(draws.integers(1, 64))
    return int(draws.integers(len(content) - size)), size


def _rebuilt(content: bytes, draws: Generator) -> bytes:
    """Change what the graph says, so that it is whole protobuf."""
    model = onnx.ModelProto.FromString(content)
    graph = model.graph
    node = graph.node[int(draws.integers(len(graph.node)))]
    weights = graph.initializer[int(draws.integers(len(graph.initializer)))]
    _CHANGES[int(draws.integers(len(_CHANGES)))](graph, node, weights, draws)
    return bytes(model.SerializeToString())


Part = Any
"""Of a graph; onnx has no types."""


def _other_kind(_graph: Part, node: Part, _weights: Part, draws: Generator) -> None:
    node.op_type = _KINDS[int(draws.integers(len(_KINDS)))]


def _no_node(graph: Part, node: Part, _weights: Part, _draws: Generator) -> None:
    graph.node.remove(node)


def _other_input(graph: Part, node: Part, _weights: Part, draws: Generator) -> None:
    names = [name for other in graph.node for name in (*other.input, *other.output)]
    if node.input:
        node.input[int(draws.integers(len(node.input)))] = names[int(draws.integers(len(names)))]


def _other_order(graph: Part, _node: Part, _weights: Part, draws: Generator) -> None:
    nodes = list(graph.node)
    del graph.node[:]
    graph.node.extend(nodes[int(at)] for at in draws.permutation(len(nodes)))


def _other_sizes(_graph: Part, _node: Part, weights: Part, draws: Generator) -> None:
    weights.dims[:] = [int(size) for size in draws.integers(-2, 2_000, int(draws.integers(4)))]


def _other_numbers(_graph: Part, _node: Part, weights: Part, draws: Generator) -> None:
    weights.data_type = int(draws.integers(0, 24))


def _other_weights(_graph: Part, _node: Part, weights: Part, draws: Generator) -> None:
    raw = bytearray(weights.raw_data)
    if raw:
        at = int(draws.integers(len(raw)))
        raw[at : at + 4] = draws.bytes(4)[: len(raw) - at]
        weights.raw_data = bytes(raw)


def _other_attribute(_graph: Part, node: Part, _weights: Part, draws: Generator) -> None:
    for attribute in node.attribute:
        attribute.i = int(draws.integers(-(2**40), 2**40))


_CHANGES: Final = (
    _other_kind,
    _no_node,
    _other_input,
    _other_order,
    _other_sizes,
    _other_numbers,
    _other_weights,
    _other_attribute,
)


def write_all(found: Iterator[Files], folder: Path) -> int:
    """Write each package into a folder of its own, by number; return how many."""
    count = 0
    for count, files in enumerate(found, start=1):
        write_folder(files, folder / f"{count:05d}")
    return count


def main() -> None:
    """Try the packages in the folders that are named."""
    resource.setrlimit(resource.RLIMIT_AS, (CHILD.memory_bytes, CHILD.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_S, MOST_CPU_S + 1))
    for folder in map(Path, sys.argv[1:]):
        files = {path.name: path.read_bytes() for path in folder.iterdir()}
        try:
            try_package(Trial(files, contract(), lambda _step: None))
        except RefusedError as error:
            reason = error.reason.value
        except ModelContractError:
            reason = "load"
        except MemoryError:
            reason = "memory"
        else:
            reason = "-"
        sys.stdout.write(f"{folder.name} {reason}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
