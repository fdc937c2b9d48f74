"""Look at a graph without running or loading it: the first thing done with a foreign model.

ONNX Runtime loads whatever it can make sense of. It inlines functions that call functions (30
levels of two calls take hours), it opens files that a graph names, it loads a fifth of all
damaged models without a word. So a graph is first held against what a ranker needs, by lists of
what is allowed (``static_rules``).

The only module that imports onnx. It runs in the child that tries a model
(``preflight_child``), because reading 64 MiB of protobuf is itself a risk.

Source: onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from math import prod
from typing import Any, Final

from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto

from edge.recommend.contract import Form, Tensor
from edge.update.limits import (
    MAX_DIMENSIONS,
    MAX_ELEMENTS,
    MAX_FILE_BYTES,
    MAX_INITIALIZER_BYTES,
    MAX_NODES,
)
from edge.update.static_bounds import out_of_bounds
from edge.update.static_rules import DOMAINS, IR_VERSIONS, NUMBERS, OPERATORS, OPSETS

MOST_BREACHES: Final = 10
"""Told of one graph; the rest would say the same."""
_DATA: Final = ("float_data", "int32_data", "int64_data", "double_data", "uint64_data")


@dataclass(frozen=True, slots=True)
class Checked:
    """One graph: what it breaks, in words, and how large it is."""

    breaches: tuple[str, ...]
    nodes: int = 0
    initializer_bytes: int = 0


def check_graph(content: bytes, form: Form) -> Checked:
    """Return what the graph in ``content`` breaks of the rules and of ``form``; nothing is run."""
    if len(content) > MAX_FILE_BYTES:
        return Checked((f"wanted at most {MAX_FILE_BYTES} bytes, got {len(content)}",))
    try:
        return _checked(ModelProto.FromString(content), form)
    except (DecodeError, UnicodeDecodeError, RecursionError, MemoryError) as error:
        return Checked((f"wanted an ONNX model, got bytes that are none: {type(error).__name__}",))


def _checked(model: ModelProto, form: Form) -> Checked:
    tensors: list[TensorProto] = []
    # Each step may rely on what the one before it has found to be so.
    for step in (_whole, _sizes, _meaning):
        breaches = tuple(islice(step(model, tensors, form), MOST_BREACHES))
        if breaches:
            return Checked(breaches, len(model.graph.node))
    weight = sum(_bytes(tensor) for tensor in tensors)
    return Checked((), len(model.graph.node), weight)


def _whole(model: ModelProto, tensors: list[TensorProto], _form: Form) -> Iterator[str]:
    if len(model.graph.node) > MAX_NODES:
        yield f"wanted at most {MAX_NODES} nodes, got {len(model.graph.node)}"
        return
    length = model.ByteSize()
    model.DiscardUnknownFields()
    if model.ByteSize() != length:  # what a newer ONNX may know must not pass unseen
        yield "wanted only fields that ONNX has, got unknown ones"
        return
    yield from out_of_bounds(model)
    tensors.extend(_tensors(model.graph))


def _tensors(graph: GraphProto) -> Iterator[TensorProto]:
    yield from graph.initializer
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t


def _sizes(model: ModelProto, tensors: list[TensorProto], _form: Form) -> Iterator[str]:
    for tensor in tensors:
        yield from _size(tensor.name, tensor.dims)
    for info in (*model.graph.input, *model.graph.output, *model.graph.value_info):
        yield from _size(info.name, [dim.dim_value for dim in info.type.tensor_type.shape.dim])


def _size(name: str, sizes: Iterable[int]) -> Iterator[str]:
    few = list(islice(sizes, MAX_DIMENSIONS + 1))
    if len(few) > MAX_DIMENSIONS:
        yield f"{name}: wanted at most {MAX_DIMENSIONS} dimensions, got more"
    elif min(few, default=0) < 0:
        yield f"{name}: wanted sizes of 0 or more, got {few}"
    elif prod(max(1, size) for size in few) > MAX_ELEMENTS:
        yield f"{name}: wanted at most {MAX_ELEMENTS} numbers, got sizes {few}"


def _meaning(model: ModelProto, tensors: list[TensorProto], form: Form) -> Iterator[str]:
    yield from _versions(model)
    for node in model.graph.node:
        yield from _operator(node)
    for tensor in tensors:
        yield from _numbers(tensor)
    total = sum(_bytes(tensor) for tensor in tensors)
    if total > MAX_INITIALIZER_BYTES:
        yield f"wanted at most {MAX_INITIALIZER_BYTES} bytes of weights, got {total}"
    yield from _ends("inputs", model.graph.input, form.inputs, frozenset())
    yield from _ends("outputs", model.graph.output, form.outputs, form.optional)


def _versions(model: ModelProto) -> Iterator[str]:
    if model.ir_version not in IR_VERSIONS:
        yield f"wanted IR version {_span(IR_VERSIONS)}, got {model.ir_version}"
    seen = set()
    for opset in model.opset_import:
        domain = DOMAINS.get(opset.domain)
        if domain is None:
            yield f"wanted only operators of {sorted(DOMAINS)}, got a set of {opset.domain!r}"
        elif domain in seen or opset.version not in OPSETS[domain]:
            yield f"wanted opset {_span(OPSETS[domain])} of {domain!r} once, got {opset.version}"
        seen.add(domain)


def _operator(node: NodeProto) -> Iterator[str]:
    domain = DOMAINS.get(node.domain)
    if domain is None or node.op_type not in OPERATORS[domain]:
        yield (
            f"wanted operators that rank, got {node.op_type!r} of {node.domain!r}; "
            "edge/update/static_rules.py lists them"
        )


def _numbers(tensor: TensorProto) -> Iterator[str]:
    """A tensor holds as many numbers as its sizes say, and in one place."""
    if tensor.data_type not in NUMBERS:
        kinds = sorted(kind for kind, _ in NUMBERS.values())
        yield f"{tensor.name}: wanted numbers of kinds {kinds}, got kind {tensor.data_type}"
        return
    _, width = NUMBERS[tensor.data_type]
    wanted = prod(tensor.dims)
    found: list[float] = [len(getattr(tensor, field)) for field in _DATA]
    found.append(len(tensor.raw_data) / width)
    if [count for count in found if count] != ([wanted] if wanted else []):
        yield f"{tensor.name}: wanted the {wanted} numbers of its sizes, got {found}"


def _bytes(tensor: TensorProto) -> int:
    _, width = NUMBERS.get(tensor.data_type, ("", 8))
    return int(prod(tensor.dims)) * width


def _ends(
    side: str, found: Iterable[ValueInfoProto], wanted: tuple[Tensor, ...], optional: frozenset[str]
) -> Iterator[str]:
    kinds: dict[str, Any] = {}
    names = []
    for info in found:
        kinds[info.name] = info.type.tensor_type
        names.append(info.name)
    required = {tensor.name for tensor in wanted} - optional
    if len(kinds) != len(names) or not required <= kinds.keys() <= required | optional:
        yield f"wanted the {side} {sorted(required)} of the contract, got {names[:20]}"
        return
    for tensor in wanted:
        stated = kinds.get(tensor.name)
        if stated is not None:
            kind, _ = NUMBERS.get(stated.elem_type, (f"kind {stated.elem_type}", 0))
            if kind != tensor.dtype or len(stated.shape.dim) != len(tensor.shape):
                yield (
                    f"wanted {tensor.name} to be {tensor.dtype}{list(tensor.shape)}, "
                    f"got {kind} of {len(stated.shape.dim)} dimensions"
                )


def _span(versions: range) -> str:
    return f"{versions.start} to {versions.stop - 1}"
