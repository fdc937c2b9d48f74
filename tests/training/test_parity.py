"""The exported graphs compute what the model says."""

from dataclasses import replace

import pytest

from edge.core.errors import ModelContractError
from models.training.export import Identity, package_files
from models.training.parity import check_parity
from tests.fakes.small_model import contract, probes, small_model, small_package


@pytest.mark.parametrize(
    ("size", "neighbours"),
    [
        pytest.param(1, 0, id="one item"),
        pytest.param(12, 0, id="all pairs"),
        pytest.param(300, 0, id="more items than are ranked"),
        pytest.param(600, 16, id="neighbours"),
    ],
)
def test_full_and_serving_form_equal_the_reference(size: int, neighbours: int) -> None:
    model = small_model(size, neighbours=neighbours)
    files = small_package(size, neighbours=neighbours)

    assert check_parity(model, files, contract(), probes(size, 20)) <= 1e-5


def test_a_graph_that_differs_from_its_model_is_not_exported() -> None:
    model = small_model()
    other = replace(model, context=model.context + 0.01 * model.context)
    files = package_files(other, contract(), Identity("small", "1", None), probes(12))

    with pytest.raises(ModelContractError, match="nothing was exported"):
        check_parity(model, files, contract(), probes(12))
