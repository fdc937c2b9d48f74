"""What the guide for authors shows is right, and it shows every field of an offer."""

import re
from pathlib import Path
from typing import Final

import pytest
from jsonschema import Draft202012Validator

from edge.catalog.offer import Offer
from edge.catalog.schemas import schemas
from edge.catalog.yaml_text import read_yaml

GUIDE: Final = (Path(__file__).parents[2] / "edge/docs/authoring.md").read_text("utf-8")
EXAMPLES: Final = {
    text.split()[1].rstrip(":"): text for text in re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
}


def _kind(file: str) -> str:
    folder, _, name = file.partition("/")
    return folder if name else folder.removesuffix(".yaml")


def test_the_guide_has_an_example_of_every_new_kind_of_file() -> None:
    assert {_kind(file) for file in EXAMPLES} == {
        "offers", "placements", "content", "explain", "policy", "approvers", "experiments"
    }  # fmt: skip


@pytest.mark.parametrize("file", EXAMPLES)
def test_every_example_is_right(file: str) -> None:
    validator = Draft202012Validator(schemas()[_kind(file)])

    assert [error.message for error in validator.iter_errors(read_yaml(EXAMPLES[file]))] == []


def test_the_example_of_an_offer_has_every_field() -> None:
    written = read_yaml(EXAMPLES["offers/summer.yaml"])

    assert isinstance(written, list)
    assert set(written[0]) == set(Offer.model_fields)
    Offer.model_validate(written[0])
