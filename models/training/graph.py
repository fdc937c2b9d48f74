"""Write the additive model as ONNX nodes, in the three forms of the contract.

The serving form was made by measuring: nothing of size N is computed that the answer does not
need, logs are taken of the purchases and not of the catalog, neighbours are scattered and not
multiplied, and the base is summed by a Gemm because a ReduceSum over two columns costs twice
as much. Items come in the order of falling sales, so that TopK's heap fills once.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from edge.recommend.contract import Contract, Form, Tensor
from models.training.additive import BASKET_SIZES, Additive

OPSET: Final = 18
IR_VERSION: Final = 9
_TYPES: Final = {
    "int32": onnx.TensorProto.INT32,
    "int64": onnx.TensorProto.INT64,
    "float32": onnx.TensorProto.FLOAT,
    "bool": onnx.TensorProto.BOOL,
}


class _Nodes:
    """Nodes and constants, collected in the order of writing."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}

    def op(self, kind: str, inputs: str, output: str, **attributes: Any) -> None:  # noqa: ANN401 - ONNX attributes
        """Add a node; names are separated by blanks."""
        node = helper.make_node(kind, inputs.split(), output.split(), **attributes)
        self.nodes.append(node)

    def constant(self, name: str, value: NDArray[Any] | np.generic) -> None:
        """Add a constant once."""
        self.constants.setdefault(name, numpy_helper.from_array(np.asarray(value), name))


def graphs(model: Additive, contract: Contract, metadata: Mapping[str, str]) -> dict[str, bytes]:
    """Return the bytes of ``full.onnx``, ``serving.onnx`` and ``base.onnx``."""
    base, serving, full = _Nodes(), _Nodes(), _Nodes()
    _base(base, model)
    _rank(serving, model, contract)
    _base(full, model)
    _rank(full, model, contract)
    made = {"full": full, "serving": serving, "base": base}
    sizes = {
        "N": len(model.items),
        "C": contract.context_width,
        "P": len(contract.parts),
        "k": contract.k(len(model.items)),
    }
    return {
        f"{name}.onnx": _bytes(nodes, contract.forms[name], sizes, metadata)
        for name, nodes in made.items()
    }


def _base(to: _Nodes, model: Additive) -> None:
    to.constant("one", np.float32(1))
    to.constant("axis_1", np.array([1], dtype=np.int64))
    _moment(to, model)
    _trend(to, model)
    to.op("Unsqueeze", "moment axis_1", "moment_column")
    to.op("Unsqueeze", "trend_part axis_1", "trend_column")
    to.op("Concat", "moment_column trend_column", "base", axis=1)


def _moment(to: _Nodes, model: Additive) -> None:
    to.constant("row", np.array([1, -1], dtype=np.int64))
    to.constant("flat", np.array([-1], dtype=np.int64))
    to.constant("context_weights", model.context)
    to.constant("log_share", model.log_share)
    to.constant("log_items", np.log(np.float32(len(model.items))))
    to.op("Reshape", "context row", "context_row")
    to.op("Gemm", "context_row context_weights log_share", "logit")
    to.op("LogSoftmax", "logit", "log_p_row", axis=1)
    to.op("Reshape", "log_p_row flat", "log_p")
    to.op("Add", "log_p log_items", "moment")


def _trend(to: _Nodes, model: Additive) -> None:
    to.constant("prior_orders", np.float32(model.trend.prior_orders))
    to.constant("trend_weight", np.float32(model.trend.weight))
    to.constant("axis_0", np.array([0], dtype=np.int64))
    to.op("Exp", "log_p", "p")
    to.op("Mul", "p prior_orders", "usual")
    to.op("Div", "trend usual", "ratio")
    to.op("Add", "ratio one", "ratio_1")
    to.op("Log", "ratio_1", "log_ratio")
    to.op("ReduceSum", "trend axis_0", "orders", keepdims=0)
    to.op("Div", "orders prior_orders", "busy")
    to.op("Add", "busy one", "busy_1")
    to.op("Log", "busy_1", "log_busy")
    to.op("Sub", "log_ratio log_busy", "more")
    to.op("Relu", "more", "risen")
    to.op("Mul", "risen trend_weight", "trend_part")


def _rank(to: _Nodes, model: Additive, contract: Contract) -> None:
    to.constant("none", np.zeros(len(model.items), dtype=np.float32))
    to.constant("flat", np.array([-1], dtype=np.int64))
    to.constant("axis_1", np.array([1], dtype=np.int64))
    to.constant("one", np.float32(1))
    _history(to, model)
    _basket(to, model)

    to.constant("both", np.ones((1, 2), dtype=np.float32))
    to.op("Gemm", "both base", "base_row", transB=1)
    to.op("Reshape", "base_row flat", "base_sum")
    to.op("Add", "base_sum history_part", "with_history")
    to.op("Add", "with_history basket_part", "total")

    to.constant("masked", np.float32(contract.masked_score))
    to.constant("k", np.array([contract.k(len(model.items))], dtype=np.int64))
    to.op("Shape", "exclude", "exclude_shape")
    no = helper.make_tensor("no", onnx.TensorProto.BOOL, [1], [False])
    to.op("ConstantOfShape", "exclude_shape", "not_shown", value=no)
    to.op("ScatterElements", "available exclude not_shown", "shown", axis=0)
    to.op("Where", "shown total masked", "allowed")
    to.op("TopK", "allowed k", "score items", axis=0)

    to.op("Gather", "base items", "best_base")
    to.op("Gather", "history_part items", "best_history")
    to.op("Gather", "basket_part items", "best_basket")
    to.op("Unsqueeze", "best_history axis_1", "history_column")
    to.op("Unsqueeze", "best_basket axis_1", "basket_column")
    to.op("Concat", "best_base history_column basket_column", "parts", axis=1)


def _history(to: _Nodes, model: Additive) -> None:
    to.constant("decay", np.float32(-np.log(2.0) / model.history.half_life_days))
    to.constant("per_purchase", np.float32(1.0 / model.history.saturation))
    to.constant("history_weight", np.float32(model.history.weight))
    to.op("Mul", "history_age decay", "log_faded")
    to.op("Exp", "log_faded", "faded")
    to.op("ScatterElements", "none history faded", "faded_sum", axis=0, reduction="add")
    # The log of H purchases, not of N items; an item bought twice is written twice, alike.
    to.op("Gather", "faded_sum history", "faded_of_item")
    to.op("Mul", "faded_of_item per_purchase", "relative")
    to.op("Add", "relative one", "relative_1")
    to.op("Log", "relative_1", "log_relative")
    to.op("Mul", "log_relative history_weight", "history_of_item")
    to.op("ScatterElements", "none history history_of_item", "history_part", axis=0)


def _basket(to: _Nodes, model: Additive) -> None:
    affinity = model.affinity
    to.constant("lift", affinity.lift)
    to.constant("scales", affinity.scale)
    to.constant("largest", np.int64(BASKET_SIZES - 1))
    to.op("Size", "basket", "basket_size")
    to.op("Min", "basket_size largest", "scale_at")
    to.op("Gather", "scales scale_at", "basket_scale")
    to.op("Gather", "lift basket", "lifts")
    if affinity.neighbour is None:
        to.constant("axis_0", np.array([0], dtype=np.int64))
        to.op("ReduceSum", "lifts axis_0", "lift_sum", keepdims=0)
        to.op("Mul", "lift_sum basket_scale", "basket_part")
        return
    to.constant("neighbour", affinity.neighbour)
    to.op("Gather", "neighbour basket", "neighbours")
    to.op("Mul", "lifts basket_scale", "scaled")
    to.op("Reshape", "neighbours flat", "neighbour_list")
    to.op("Reshape", "scaled flat", "scaled_list")
    to.op(
        "ScatterElements", "none neighbour_list scaled_list", "basket_part", axis=0, reduction="add"
    )


def _bytes(
    nodes: _Nodes, form: Form, sizes: Mapping[str, int], metadata: Mapping[str, str]
) -> bytes:
    graph = helper.make_graph(
        nodes.nodes,
        form.name,
        [_info(tensor, sizes) for tensor in form.inputs],
        [_info(tensor, sizes) for tensor in form.outputs],
        list(nodes.constants.values()),
    )
    opset = [helper.make_opsetid("", OPSET)]
    model = helper.make_model(
        graph, opset_imports=opset, ir_version=IR_VERSION, producer_name="instore-edge"
    )
    helper.set_model_props(model, dict(metadata))
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString(deterministic=True))


def _info(tensor: Tensor, sizes: Mapping[str, int]) -> onnx.ValueInfoProto:
    shape = [int(size) if size.isdigit() else sizes.get(size, size) for size in tensor.shape]
    return helper.make_tensor_value_info(tensor.name, _TYPES[tensor.dtype], shape)
