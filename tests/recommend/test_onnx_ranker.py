"""The ONNX door: what keeps the contract ranks, what does not is refused with a reason."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.core.errors import ModelContractError
from edge.recommend.onnx_ranker import OnnxBase, OnnxRanker
from edge.recommend.ranker import Ranker, RankRequest
from tests.fakes.small_model import contract, plain_request, small_package

CONTRACT = contract()
FILES = small_package()
RANKER = OnnxRanker.from_bytes(FILES["serving.onnx"], contract=CONTRACT)
BASE = OnnxBase.from_bytes(FILES["base.onnx"], contract=CONTRACT)
SIZE = 12

ids = st.lists(st.integers(0, SIZE - 1), max_size=8)
numbers = st.floats(-8, 8, width=32)


def an_id_array(values: list[int]) -> "np.ndarray[tuple[int], np.dtype[np.int32]]":
    return np.array(values, dtype=np.int32)


def test_parts_sum_to_the_score_and_scores_fall() -> None:
    ranker: Ranker = RANKER
    found = ranker.rank(plain_request(SIZE))

    assert found.part_names == ranker.part_names == ("moment", "trend", "history", "basket")
    assert len(found.items) == SIZE
    assert np.all(np.diff(found.score) <= 0)
    assert found.parts.sum(axis=1) == pytest.approx(found.score, abs=1e-5)


@settings(deadline=None)
@given(ids, ids, ids, st.lists(st.booleans(), min_size=SIZE, max_size=SIZE), numbers)
def test_every_request_is_additive_and_shows_only_what_may_be_shown(
    history: list[int], basket: list[int], exclude: list[int], available: list[bool], level: float
) -> None:
    request = RankRequest(
        history=an_id_array(history),
        history_age=np.arange(len(history), dtype=np.float32),
        basket=an_id_array(list(dict.fromkeys(basket))),
        exclude=an_id_array(exclude),
        available=np.array(available),
        base=np.full((SIZE, 2), level, dtype=np.float32),
    )

    found = RANKER.rank(request)

    assert np.abs(found.parts.sum(axis=1) - found.score).max(initial=0) <= 1e-5
    assert set(found.items.tolist()) == {i for i in range(SIZE) if available[i]} - set(exclude)


def test_parts_without_anything_to_go_by_are_zero() -> None:
    found = RANKER.rank(plain_request(SIZE))
    base = BASE(np.zeros(33, dtype=np.float32), np.zeros(SIZE, dtype=np.float32))

    assert not found.parts[:, 2:].any()
    assert not base[:, 1].any()


def test_an_item_that_sells_more_than_usual_has_a_positive_trend_and_others_none() -> None:
    orders = np.zeros(SIZE, dtype=np.float32)
    orders[SIZE - 1] = 20

    trend = BASE(np.zeros(33, dtype=np.float32), orders)[:, 1]

    assert trend[SIZE - 1] > 0
    assert not trend[: SIZE - 1].any()


def test_a_purchase_counts_for_less_as_it_ages() -> None:
    def history_part(age: float) -> float:
        request = replace(
            plain_request(SIZE),
            history=an_id_array([4]),
            history_age=np.array([age], dtype=np.float32),
        )
        found = RANKER.rank(request)
        return float(found.parts[found.items == 4, 2][0])

    assert history_part(0) > history_part(30) > history_part(365) > 0


def test_when_nothing_may_be_shown_the_ranking_is_empty() -> None:
    request = replace(plain_request(SIZE), available=np.zeros(SIZE, dtype=np.bool_))

    assert len(RANKER.rank(request).items) == 0


@pytest.mark.parametrize(("size", "ranked"), [(1, 1), (255, 255), (256, 256), (257, 256)])
def test_a_model_ranks_its_whole_catalog_up_to_256_items(size: int, ranked: int) -> None:
    files = small_package(size)
    ranker = OnnxRanker.from_bytes(files["serving.onnx"], contract=CONTRACT)

    assert len(ranker.rank(plain_request(size)).items) == ranked


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.99])
def test_a_truncated_model_is_refused(share: float) -> None:
    cut = FILES["serving.onnx"][: int(len(FILES["serving.onnx"]) * share)]

    with pytest.raises(ModelContractError, match=rf"serving: expected .*{len(cut)} bytes|metadata"):
        OnnxRanker.from_bytes(cut, contract=CONTRACT)


def test_bytes_that_are_no_model_are_refused_with_the_cause() -> None:
    with pytest.raises(ModelContractError, match="16 bytes that do not load") as refused:
        OnnxRanker.from_bytes(b"not an onnx file", contract=CONTRACT)

    assert refused.value.__cause__ is not None


def test_a_request_that_breaks_the_graph_is_an_error_of_ours() -> None:
    request = replace(plain_request(SIZE), basket=an_id_array([SIZE]))

    with pytest.raises(ModelContractError, match="expected the graph to run"):
        RANKER.rank(request)


def rename_input(model: onnx.ModelProto) -> None:
    for node in model.graph.node:
        node.input[:] = ["cart" if name == "basket" else name for name in node.input]
    next(i for i in model.graph.input if i.name == "basket").name = "cart"


def widen_base(model: onnx.ModelProto) -> None:
    shape = next(i for i in model.graph.input if i.name == "base").type.tensor_type.shape
    shape.dim[0].dim_param = "many"


def retype_age(model: onnx.ModelProto) -> None:
    tensor = next(i for i in model.graph.input if i.name == "history_age").type.tensor_type
    tensor.elem_type = onnx.TensorProto.DOUBLE
    cast = onnx.helper.make_node(
        "Cast", ["history_age"], ["history_age_32"], to=onnx.TensorProto.FLOAT
    )
    for node in model.graph.node:
        node.input[:] = ["history_age_32" if i == "history_age" else i for i in node.input]
    model.graph.node.insert(0, cast)


def fix_basket(model: onnx.ModelProto) -> None:
    shape = next(i for i in model.graph.input if i.name == "basket").type.tensor_type.shape
    shape.dim[0].dim_value = 3


def forget_layout(model: onnx.ModelProto) -> None:
    kept = [p for p in model.metadata_props if p.key != "context_layout"]
    del model.metadata_props[:]
    model.metadata_props.extend(kept)


def other_layout(model: onnx.ModelProto) -> None:
    next(p for p in model.metadata_props if p.key == "context_layout").value = "hour24/0"


def other_parts(model: onnx.ModelProto) -> None:
    next(p for p in model.metadata_props if p.key == "part_names").value = "moment,magic"


def rank_less(model: onnx.ModelProto) -> None:
    k = next(i for i in model.graph.initializer if i.name == "k")
    k.CopyFrom(onnx.numpy_helper.from_array(np.array([5], dtype=np.int64), "k"))
    for output in model.graph.output:
        output.type.tensor_type.shape.dim[0].dim_value = 5
    del model.graph.value_info[:]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        pytest.param(rename_input, r"expected inputs .*'basket'.*found .*'cart'", id="name"),
        pytest.param(retype_age, r"expected history_age to be float32\['H'\]", id="dtype"),
        pytest.param(fix_basket, "expected B of basket to be any size, found 3", id="fixed size"),
        pytest.param(forget_layout, r"missing \['context_layout'\]", id="metadata"),
        pytest.param(other_layout, "expected context_layout .*found 'hour24/0'", id="encoder"),
        pytest.param(other_parts, "expected 2 parts", id="parts"),
        pytest.param(rank_less, "expected k = 12 ranked items, found 5", id="k"),
    ],
)
def test_a_model_that_breaks_the_contract_is_refused(
    change: Callable[[onnx.ModelProto], None], why: str
) -> None:
    model = onnx.load_from_string(FILES["serving.onnx"])
    change(model)

    with pytest.raises(ModelContractError, match=why):
        OnnxRanker.from_bytes(model.SerializeToString(), contract=CONTRACT)


def test_a_foreign_model_without_parts_has_the_one_part_model() -> None:
    model = onnx.load_from_string(FILES["serving.onnx"])
    del model.graph.output[2]
    ranker = OnnxRanker.from_bytes(model.SerializeToString(), contract=CONTRACT)

    found = ranker.rank(plain_request(SIZE))
    assert found.part_names == ("model",)
    assert np.array_equal(found.parts[:, 0], found.score)


def test_a_base_graph_is_no_serving_graph() -> None:
    with pytest.raises(ModelContractError, match="serving: expected inputs"):
        OnnxRanker.from_bytes(FILES["base.onnx"], contract=CONTRACT)
    with pytest.raises(ModelContractError, match="base: expected inputs"):
        OnnxBase.from_bytes(FILES["serving.onnx"], contract=CONTRACT)


def test_free_catalog_sizes_are_taken_from_the_inputs_that_state_them() -> None:
    model = onnx.load_from_string(FILES["serving.onnx"])
    widen_base(model)

    assert OnnxRanker.from_bytes(model.SerializeToString(), contract=CONTRACT).size == SIZE


def test_metadata_that_is_no_text_is_refused_and_not_a_traceback() -> None:
    broken = FILES["serving.onnx"].replace(b"small", b"sm\xff\xfel")

    with pytest.raises(ModelContractError, match="serving: expected metadata in UTF-8"):
        OnnxRanker.from_bytes(broken, contract=CONTRACT)
