"""The API does what its own document says, for requests made from nothing but that document.

What schemathesis would ask, asked with what is in the house: bodies and parameters that the
document allows, each at the whole appliance; every answer must be one that the document describes.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import jsonschema
import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from edge.web.api.openapi import document
from tests.fakes.appliance import appliance, client, site
from tests.fakes.from_schema import FromSchema

DOCUMENT: Final[Mapping[str, Any]] = document("0.1.0")
SCHEMAS: Final = DOCUMENT["components"]["schemas"]
OPERATIONS: Final = [
    (method, path, described)
    for path, methods in sorted(DOCUMENT["paths"].items())
    for method, described in sorted(methods.items())
]
NAMES: Final = [
    *(one.sku for one in site().products),
    *(one.id for one in site().placements),
    *(one.category for one in site().products),
    *(group.id for one in site().products for group in one.options),
    *(choice.id for one in site().products for group in one.options for choice in group.choices),
]
VALUES: Final = FromSchema(SCHEMAS, NAMES)
BODIES: Final = {
    described["operationId"]: VALUES.of(
        described["requestBody"]["content"]["application/json"]["schema"]
    )
    for _, _, described in OPERATIONS
    if "requestBody" in described
}
_CHECKS: Final = dict[tuple[str, str], jsonschema.protocols.Validator]()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """The whole appliance, for all cases: what one did must not break the next."""
    folder: Path = tmp_path_factory.mktemp("data")
    with appliance(folder) as built:
        yield client(built)


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, str, Mapping[str, Any], dict[str, Any]]:
    """Return an operation, its description, and what a client sends to it."""
    method, path, described = draw(st.sampled_from(OPERATIONS))
    sent: dict[str, Any] = {}
    if described["operationId"] in BODIES:
        sent["json"] = draw(BODIES[described["operationId"]])
    for parameter in described.get("parameters", ()):
        value = draw(VALUES.of(parameter["schema"]))
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", quote(value, safe="") or "x")
        elif draw(st.booleans()):
            sent["query_string"] = {parameter["name"]: value}
    return method, path, described, sent


def ask(whole: FlaskClient, request: tuple[str, str, Mapping[str, Any], dict[str, Any]]) -> None:
    """Send a request and hold its answer against the document."""
    method, path, described, sent = request

    answer = whole.open(f"/api/v1{path}", method=method.upper(), **sent)

    status = str(answer.status_code)
    assert status in described["responses"], (method, path, answer.get_data(as_text=True)[:300])
    assert answer.status_code < 500
    (kind,) = described["responses"][status]["content"]
    assert answer.mimetype == kind
    check(described["operationId"], status, described).validate(answer.get_json())


def check(
    operation: str, status: str, described: Mapping[str, Any]
) -> jsonschema.protocols.Validator:
    """Return what an answer is held against; made once, since making it costs more than a case."""
    if (operation, status) not in _CHECKS:
        (media,) = described["responses"][status]["content"].values()
        schema = {**media["schema"], "components": DOCUMENT["components"]}
        _CHECKS[operation, status] = jsonschema.Draft202012Validator(schema)
    return _CHECKS[operation, status]


def cases(count: int) -> settings:
    """Return the same ``count`` cases each time."""
    return settings(
        max_examples=count,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


@cases(300)
@given(request=requests())
def test_300_requests_made_from_the_document_get_answers_that_it_describes(
    whole: FlaskClient, request: tuple[str, str, Mapping[str, Any], dict[str, Any]]
) -> None:
    ask(whole, request)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@cases(10_000)
@given(request=requests())
def test_10_000_requests_made_from_the_document_get_answers_that_it_describes(
    whole: FlaskClient, request: tuple[str, str, Mapping[str, Any], dict[str, Any]]
) -> None:
    ask(whole, request)
