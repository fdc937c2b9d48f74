"""models/contract.toml is read into one value, and agrees with the code that encodes."""

import numpy as np
import pytest

from edge.core.errors import ModelContractError
from edge.recommend import features
from edge.recommend.contract import Tensor, read_contract
from edge.recommend.ranker import K_MAX, MASKED
from tests.fakes.small_model import contract


def test_the_contract_names_inputs_outputs_and_parts_of_each_form() -> None:
    found = contract()

    assert found.version == 1
    assert found.parts == ("moment", "trend", "history", "basket")
    assert set(found.forms) == {"full", "serving", "base"}
    assert found.forms["serving"].inputs[-1] == Tensor("base", "float32", ("N", "2"))
    assert [t.name for t in found.forms["base"].inputs] == ["context", "trend"]


def test_the_contract_and_the_code_state_the_same_numbers() -> None:
    found = contract()

    assert (found.context_layout, found.context_width) == (features.LAYOUT, features.WIDTH)
    assert found.k_max == K_MAX
    assert np.float32(found.masked_score) == MASKED
    assert [found.k(n) for n in (1, 256, 257)] == [1, 256, 256]


@pytest.mark.parametrize("text", ["not toml [", "version = 1", "version = 'one'"])
def test_a_contract_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ModelContractError, match=r"contract\.toml: expected"):
        read_contract(text)
