"""The schemas that editors use say the same as the service."""

from pathlib import Path
from typing import Any, Final

import pytest
from jsonschema import Draft202012Validator

from edge.catalog.schemas import schemas
from edge.catalog.yaml_text import read_yaml

DEMO: Final = Path(__file__).parents[2] / "firmware_config/sites/harbour_kitchen"
SCHEMAS: Final = schemas()
FILES: Final = sorted(DEMO.rglob("*.yaml"))
MONEY: Final = (
    "price",
    "discount",
    "rebate",
    "saving",
    "reduced",
    "percent",
    "coupon",
    "voucher",
    "cheaper",
    "surcharge",
)


OF_CREDIT: Final = "view_discount"
"""How much less credit a glance gets than a touch; no money."""


def _schema_of(path: Path) -> dict[str, Any]:
    inside = path.relative_to(DEMO)
    return SCHEMAS[inside.parts[0] if len(inside.parts) > 1 else inside.stem]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(DEMO).as_posix())
def test_every_file_of_the_demo_shop_is_right_in_an_editor(path: Path) -> None:
    validator = Draft202012Validator(_schema_of(path))

    assert [error.message for error in validator.iter_errors(read_yaml(path.read_text()))] == []


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_every_schema_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])


WRONG: Final = {
    "a key that is none": ("offers", [{"offer": "a", "owner": "b", "skus": ["c"], "headlin": {}}]),
    "a cap without a span": ("offers", [{
        "offer": "a", "owner": "b", "skus": ["c"], "surfaces": ["kiosk"],
        "caps": {"per_board": {"n": 1, "per": "soon"}},
    }]),
    "no language": ("explain", [{"id": "x.a", "group": "trend", "lang": {"English": "Hello"}}]),
    "a sin that is none": ("policy", {"budoir": {}}),
    "an opening at half past": (
        "site", {"opening": {"mon": {"opens": "half past 7", "closes": "18:00"}}},
    ),
    "one experiment for all": ("experiments", {"layers": {}}),
}  # fmt: skip


@pytest.mark.parametrize(("name", "written"), WRONG.values(), ids=WRONG.keys())
def test_what_the_service_refuses_is_wrong_in_an_editor(name: str, written: object) -> None:
    assert not Draft202012Validator(SCHEMAS[name]).is_valid(written)


def test_a_policy_file_may_say_one_thing_only() -> None:
    validator = Draft202012Validator(SCHEMAS["policy"])

    assert validator.is_valid({"helicoptering": {"familiarity_max": {"private": 1}}})


@pytest.mark.parametrize("name", ["offers", "content", "policy", "experiments", "explain"])
def test_no_format_has_a_field_that_could_change_a_price(name: str) -> None:
    names = {field for field in _fields(SCHEMAS[name]) if any(word in field for word in MONEY)}

    assert names - {OF_CREDIT} == set()


def test_the_search_for_money_finds_the_price_of_a_product() -> None:
    assert "price_minor" in _fields(SCHEMAS["products"])


def _fields(schema: Any) -> set[str]:  # noqa: ANN401 - any part of a schema
    if isinstance(schema, list):
        return set().union(*map(_fields, schema)) if schema else set()
    if not isinstance(schema, dict):
        return set()
    own = schema.get("properties")
    inner = set().union(*map(_fields, schema.values())) if schema else set()
    return inner | (set(own) if isinstance(own, dict) else set())
