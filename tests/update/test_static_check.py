"""A graph is refused by what it is made of, before anything loads it. Each bomb has its reason."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from edge.update.static_check import MOST_BREACHES, Checked, check_graph
from tests.fakes.bad_models import (
    Change,
    added,
    another_file,
    factory_files,
    good_files,
    nested_functions,
)
from tests.fakes.small_model import contract, small_package

ROOT = Path(__file__).parents[2]
CONTRACT = contract()
SERVING = good_files()["serving.onnx"]
Part = Any
"""A part of a graph; onnx has no types."""


def checked(content: bytes, form: str = "serving") -> Checked:
    return check_graph(content, CONTRACT.forms[form])


def changed(change: Change) -> Checked:
    model = onnx.ModelProto.FromString(SERVING)
    change(model)
    return checked(model.SerializeToString())


@pytest.mark.parametrize("form", ["serving", "base", "full"])
def test_our_own_graphs_keep_every_rule(form: str) -> None:
    for files in (factory_files(), good_files(), small_package(2_000, neighbours=64)):
        found = checked(files[f"{form}.onnx"], form)

        assert found.breaches == ()
        assert 0 < found.nodes < 60
        assert found.initializer_bytes < len(files[f"{form}.onnx"])


def first(model: onnx.ModelProto) -> Part:
    return model.graph.initializer[0]


def node(model: onnx.ModelProto) -> Part:
    return model.graph.node[0]


def attribute(model: onnx.ModelProto) -> Part:
    return node(model).attribute.add(name="more")


def loop(kind: str, name: str) -> Change:
    """A node that runs a graph of its own, for a billion times."""
    body = helper.make_graph(
        [helper.make_node("Identity", ["c"], ["d"]), helper.make_node("Exp", ["x"], ["y"])],
        "body",
        [],
        [],
    )

    def change(model: onnx.ModelProto) -> None:
        made = helper.make_node(kind, ["history"], ["again"], **{name: body})
        model.graph.node.append(made)

    return change


def kind_of(op_type: str, domain: str = "") -> Change:
    def change(model: onnx.ModelProto) -> None:
        node(model).op_type = op_type
        node(model).domain = domain

    return change


def sized(*sizes: int) -> Change:
    return lambda model: first(model).dims.__setitem__(slice(None), sizes)


def stated(*sizes: int) -> Change:
    """A value between nodes that is said to be of these sizes."""
    return lambda model: model.graph.value_info.append(
        helper.make_tensor_value_info("between", TensorProto.FLOAT, sizes)
    )


def opset(domain: str, version: int) -> Change:
    return lambda model: model.opset_import.append(helper.make_opsetid(domain, version))


def chain(length: int) -> Change:
    steps = [f"Identity c{at} -> c{at + 1}" for at in range(length)]
    return added("total", {"c0": np.zeros(1, np.float32)}, [*steps, f"Identity c{length} -> extra"])


def twice_the_numbers(model: onnx.ModelProto) -> None:
    (flat,) = (t for t in model.graph.initializer if t.name == "none")
    flat.float_data.extend([0.0] * 54)


def a_sequence(model: onnx.ModelProto) -> None:
    model.graph.input[0].type.sequence_type.elem_type.tensor_type.elem_type = TensorProto.INT32


def a_field_nobody_knows(model: onnx.ModelProto) -> None:
    model.graph.MergeFromString(bytes([0xFA, 0x3F, 0x02]) + b"hi")  # number 1023


def many_names(model: onnx.ModelProto) -> None:
    model.graph.input.extend([helper.make_tensor_value_info("x", 1, [1])] * 60_000)


def many_notes(model: onnx.ModelProto) -> None:
    for _ in range(120_000):
        model.metadata_props.add()


def set_to(of: Callable[[onnx.ModelProto], object], **fields: object) -> Change:
    def change(model: onnx.ModelProto) -> None:
        for name, value in fields.items():
            setattr(of(model), name, value)

    return change


BOMBS: dict[str, tuple[Change, str]] = {
    "a loop": (loop("Loop", "body"), "AttributeProto.g (no graph within a graph)"),
    "a scan": (loop("Scan", "body"), "AttributeProto.g"),
    "a branch": (loop("If", "then_branch"), "AttributeProto.g"),
    "a loop without a body": (kind_of("Loop"), "got 'Loop' of ''"),
    "a map over a sequence": (kind_of("SequenceMap"), "got 'SequenceMap'"),
    "a pattern that takes for ever": (kind_of("RegexFullMatch"), "got 'RegexFullMatch'"),
    "texts that are split": (kind_of("StringSplit"), "got 'StringSplit'"),
    "a picture": (kind_of("ImageDecoder"), "got 'ImageDecoder'"),
    "draws": (kind_of("RandomNormalLike"), "got 'RandomNormalLike'"),
    "an operator of Microsoft's": (kind_of("FusedMatMul", "com.microsoft"), "of 'com.microsoft'"),
    "an operator of its own": (kind_of("Run", "mine"), "got 'Run' of 'mine'"),
    "trees that do not exist": (kind_of("Gather", "ai.onnx.ml"), "of 'ai.onnx.ml'"),
    "operators of another domain": (opset("com.microsoft", 1), "got a set of 'com.microsoft'"),
    "an opset of the future": (opset("ai.onnx.ml", 99), "wanted opset 1 to 5"),
    "an opset twice": (opset("ai.onnx", 18), "of '' once, got 18"),
    "a version below zero": (
        set_to(lambda m: m.opset_import[0], version=-1),
        "wanted opset 13 to 23",
    ),
    "an IR of the future": (set_to(lambda m: m, ir_version=99), "wanted IR version 7 to 12"),
    "functions in functions": (nested_functions, "ModelProto.functions"),
    "a function's attribute": (
        lambda model: setattr(attribute(model), "ref_attr_name", "x"),
        "AttributeProto.ref_attr_name",
    ),
    "one of several functions": (set_to(node, overload="b"), "NodeProto.overload"),
    "training": (lambda model: model.training_info.add().SetInParent(), "training_info"),
    "several devices": (lambda model: model.configuration.add(), "ModelProto.configuration"),
    "another file": (another_file, "no other file is ever read"),
    "a device's file": (lambda model: another_file(model, "/dev/zero"), "external_data"),
    "a place without a file": (
        set_to(first, data_location=TensorProto.EXTERNAL),
        "TensorProto.data_location",
    ),
    "weights in pieces": (lambda model: first(model).segment.SetInParent(), "segment"),
    "thin weights": (lambda model: model.graph.sparse_initializer.add(), "sparse_initializer"),
    "thin weights in a node": (
        lambda model: attribute(model).sparse_tensor.SetInParent(),
        "AttributeProto.sparse_tensor",
    ),
    "many tensors in a node": (lambda model: attribute(model).tensors.add(), "tensors"),
    "a type in a node": (lambda model: attribute(model).tp.SetInParent(), "AttributeProto.tp"),
    "notes for other runtimes": (
        lambda model: model.graph.quantization_annotation.add(),
        "quantization_annotation",
    ),
    "a sequence": (a_sequence, "TypeProto.sequence_type"),
    "fields nobody knows": (a_field_nobody_knows, "got unknown ones"),
    "texts as weights": (
        lambda model: first(model).string_data.append(b"x"),
        "TensorProto.string_data (no texts)",
    ),
    "numbers with two parts": (set_to(first, data_type=TensorProto.COMPLEX128), "got kind 15"),
    "numbers of no kind": (set_to(first, data_type=99), "got kind 99"),
    "2,001 nodes": (chain(1_970), "wanted at most 2000 nodes, got 2003"),
    "a chain of 50,000": (chain(50_000), "got 50033"),
    "sizes below zero": (sized(-1), "wanted sizes of 0 or more, got [-1]"),
    "sizes that overflow": (sized(2**62, 4), "wanted at most 268435456 numbers"),
    "sizes whose product is zero": (sized(0, 2**40), "wanted at most 268435456 numbers"),
    "more sizes than data": (sized(2**20), "wanted the 1048576 numbers of its sizes"),
    "a thousand dimensions": (sized(*[2] * 1_000), "wanted at most 16 dimensions"),
    "the same weights twice": (twice_the_numbers, "wanted the 54 numbers of its sizes"),
    "weights that are half a number": (
        lambda model: set_to(first, raw_data=first(model).raw_data[:-1])(model),
        "numbers of its sizes",
    ),
    "a large value between nodes": (stated(2**14, 2**15), "between: wanted at most"),
    "a value of sizes below zero": (stated(4, -4), "between: wanted sizes of 0"),
    "another name of an input": (
        set_to(lambda m: m.graph.input[0], name="bought"),
        "wanted the inputs",
    ),
    "an input too many": (
        lambda model: model.graph.input.append(helper.make_tensor_value_info("more", 1, [1])),
        "wanted the inputs",
    ),
    "an input twice": (
        lambda model: model.graph.input.append(model.graph.input[0]),
        "wanted the inputs",
    ),
    "no outputs": (lambda model: model.graph.ClearField("output"), "wanted the outputs"),
    "an output too many": (
        lambda model: model.graph.output.append(helper.make_tensor_value_info("total", 1, [54])),
        "wanted the outputs",
    ),
    "an input of other numbers": (
        set_to(lambda m: m.graph.input[0].type.tensor_type, elem_type=TensorProto.DOUBLE),
        "wanted history to be int32['H'], got float64 of 1 dimensions",
    ),
    "an input of more dimensions": (
        lambda model: model.graph.input[0].type.tensor_type.shape.dim.add(),
        "got int32 of 2 dimensions",
    ),
    "60,000 inputs": (many_names, "wanted at most 100000 entries"),
    "120,000 notes": (many_notes, "wanted at most 100000 entries"),
    "a name like a book": (set_to(node, name="x" * 5_000), "got 5000 in name"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_crafted_graph_is_refused_with_its_reason(name: str) -> None:
    change, why = BOMBS[name]

    found = changed(change)

    assert any(why in breach for breach in found.breaches), found.breaches
    assert len(found.breaches) <= MOST_BREACHES


def tag(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2]) + length(len(content)) + content


def length(size: int) -> bytes:
    low, high = size & 0x7F, size >> 7
    return bytes([low | 0x80]) + length(high) if high else bytes([low])


def deep() -> bytes:
    """A thousand graphs in graphs, which no recursion of ours may follow."""
    inner = b""
    for _ in range(1_000):
        inner = tag(1, tag(5, tag(6, inner)))  # graph.node.attribute.g
    return tag(7, inner)


@pytest.mark.parametrize(
    "content",
    [b"\xff" * 99, SERVING[:-7], SERVING[7:], deep(), b"PK\x03\x04" * 50, SERVING + b"\x0a"],
    ids=["noise", "cut at its end", "cut at its start", "too deep", "another format", "one more"],
)
def test_bytes_that_are_no_graph_are_said_to_be_none(content: bytes) -> None:
    assert "bytes that are none" in checked(content).breaches[0]


def test_an_empty_file_breaks_the_contract() -> None:
    assert any("IR version" in breach for breach in checked(b"").breaches)


def test_a_name_that_is_no_text_is_refused() -> None:
    broken = SERVING.replace(b"history_age", b"history_a\xff\xfe")

    assert "wanted texts in UTF-8, got other bytes in name" in checked(broken).breaches


def test_a_file_that_is_too_long_is_not_read() -> None:
    found = checked(bytes((64 << 20) + 1))

    assert found.breaches == ("wanted at most 67108864 bytes, got 67108865",)


def test_weights_that_swell_when_they_are_read_are_counted_as_they_will_be() -> None:
    """34 M numbers of one byte in the file are eight in memory."""
    count = 34_000_000
    packed = tag(7, bytes(count))  # TensorProto.int64_data
    sizes = b"\x08" + length(5_000) + b"\x08" + length(6_800)
    tensor = tag(5, sizes + b"\x10\x07" + packed + tag(8, b"swollen"))
    found = checked(SERVING + tag(7, tensor))

    assert found.breaches[0].startswith("wanted at most 268435456 bytes of weights, got 2720")


def test_a_ranker_without_parts_made_elsewhere_is_taken() -> None:
    """Trees, as LightGBM's are exported: one operator of ai.onnx.ml."""
    inputs = [
        helper.make_tensor_value_info(t.name, _TYPES[t.dtype], [None] * len(t.shape))
        for t in CONTRACT.forms["serving"].inputs
    ]
    outputs = [
        helper.make_tensor_value_info("items", TensorProto.INT64, [54]),
        helper.make_tensor_value_info("score", TensorProto.FLOAT, [54]),
    ]
    nodes = [
        helper.make_node("TreeEnsembleRegressor", ["base"], ["t"], domain="ai.onnx.ml"),
        helper.make_node("Squeeze", ["t"], ["flat"]),
        helper.make_node("TopK", ["flat", "k"], ["score", "items"]),
    ]
    weights = [numpy_helper.from_array(np.array([54]), "k")]
    graph = helper.make_graph(nodes, "trees", inputs, outputs, weights)
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)

    assert checked(model.SerializeToString()).breaches == ()


_TYPES = {"int32": TensorProto.INT32, "float32": TensorProto.FLOAT, "bool": TensorProto.BOOL}


@pytest.mark.parametrize(
    "name", ["register_custom_ops_library", "allow_pickle", "import pickle", "joblib", "torch.load"]
)
def test_nothing_on_the_appliance_loads_code_with_a_model(name: str) -> None:
    sources = [path for path in (ROOT / "edge").rglob("*.py") if name in path.read_text("utf-8")]

    assert sources == []
