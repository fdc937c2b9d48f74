"""The description of the API is valid, and says what the API does."""

from collections.abc import Mapping
from typing import Any, Final

import jsonschema
import pytest
from flask.testing import FlaskClient
from openapi_spec_validator import validate

from edge.web.api.bodies import Body
from edge.web.api.examples import EXAMPLES
from edge.web.api.openapi import OPERATIONS, Operation, document

DOCUMENT: Final[Mapping[str, Any]] = document("0.1.0")


def schema_of(body: type[Body]) -> Mapping[str, object]:
    """Return the body's schema with everything it refers to, so that it stands alone."""
    return {
        "$ref": f"#/components/schemas/{body.__name__}",
        "components": DOCUMENT["components"],
    }


def test_the_description_is_valid_openapi_3_1(client: FlaskClient) -> None:
    answer = client.get("/api/v1/openapi.json")

    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.get_json()["openapi"] == "3.1.0"
    validate(answer.get_json())


@pytest.mark.parametrize("body", EXAMPLES, ids=lambda body: body.__name__)
def test_each_example_has_the_shape_it_is_an_example_of(body: type[Body]) -> None:
    jsonschema.validate(EXAMPLES[body], schema_of(body))


@pytest.mark.parametrize(
    "operation", [o for o in OPERATIONS if o.takes], ids=lambda o: o.operation_id
)
def test_each_example_of_a_request_works_and_its_answer_has_the_described_shape(
    client: FlaskClient, operation: Operation
) -> None:
    assert operation.takes is not None
    assert operation.gives is not None

    answer = client.post(f"/api/v1{operation.path}", json=EXAMPLES[operation.takes])

    assert answer.status_code == 200
    jsonschema.validate(answer.get_json(), schema_of(operation.gives))
    assert answer.get_json().keys() == operation.gives.model_fields.keys()


@pytest.mark.parametrize("path", ["/orders", "/health"])
def test_what_is_read_has_the_described_shape(client: FlaskClient, path: str) -> None:
    client.post("/api/v1/orders", json=EXAMPLES[_takes("/orders")])
    operation = next(o for o in OPERATIONS if (o.method, o.path) == ("get", path))
    assert operation.gives is not None

    body = client.get(f"/api/v1{path}").get_json()

    jsonschema.validate(body, schema_of(operation.gives))
    assert body.keys() == operation.gives.model_fields.keys()


def test_a_refusal_has_the_described_shape(client: FlaskClient) -> None:
    answer = client.post("/api/v1/decide", json={"placement": 1, "extra": 2})

    assert len(answer.get_json()["mistakes"]) == 2
    jsonschema.validate(
        answer.get_json(),
        {"$ref": "#/components/schemas/ProblemBody", "components": DOCUMENT["components"]},
    )


def _takes(path: str) -> type[Body]:
    return next(o.takes for o in OPERATIONS if o.path == path and o.takes)
