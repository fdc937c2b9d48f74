"""Describe the JSON API as OpenAPI 3.1, made from the very bodies that parse and are tested.

``OPERATIONS`` is the list of everything the API does; a test holds it equal to the routes that
exist, and every example in it to the schema it is an example of.

Source: OpenAPI Specification 3.1.0; its schemas are JSON Schema 2020-12, as pydantic's are.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final, Literal

from pydantic.json_schema import models_json_schema

from edge.web.api.bodies import (
    AcknowledgedBody,
    Body,
    ContextBody,
    DecideBody,
    DecidedBody,
    EventsBody,
    HealthBody,
    OrderBody,
    OrdersBody,
    OrderTakenBody,
    ProblemBody,
    ScanBody,
    ScannedBody,
    StockBody,
    StockedBody,
)
from edge.web.api.examples import EXAMPLES

_REF: Final = "#/components/schemas/{model}"

REFUSALS: Final[Mapping[int, str]] = {
    400: "The body is not JSON, or the host is unknown.",
    403: "The caller is not on the appliance, or another site's page sent this.",
    404: "There is nothing of that name; the detail says what there is.",
    413: "The body is larger than 64 KiB.",
    415: "The body is not application/json.",
    422: "The body has the wrong shape, or names what the shop does not have.",
    503: "The disk cannot take it right now, nothing was acknowledged; try again.",
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One part of the path or the query."""

    name: str
    place: Literal["path", "query"]
    description: str
    schema: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing the API does. ``gives=None`` is a JSON object without a fixed shape."""

    method: Literal["get", "post"]
    path: str
    summary: str
    description: str
    takes: type[Body] | None = None
    gives: type[Body] | None = None
    refuses: tuple[int, ...] = ()
    parameters: tuple[Parameter, ...] = field(default=())

    @property
    def operation_id(self) -> str:
        """The operation's name for generated clients."""
        words = self.path.replace("{decision_id}", "").strip("/").replace(".json", "")
        return f"{self.method}_{words.replace('/', '_')}".rstrip("_")


_PARSE: Final = (400, 403, 413, 415, 422)

OPERATIONS: Final[tuple[Operation, ...]] = (
    Operation(
        "post",
        "/scan",
        "Say what a scanner read",
        "A customer's code begins a presence at the screen, a product's gives its `sku`, and "
        "anything else is ignored, as everything is where recognition is off. A code opens once.",
        ScanBody,
        ScannedBody,
        _PARSE,
    ),
    Operation(
        "post",
        "/decide",
        "Decide what fills a placement",
        "Decides, records, and answers once the record is on disk. When the disk is full it "
        "still decides, and says so under `degraded`. `parts` sum to `score`; `reason` is the "
        "largest part.",
        DecideBody,
        DecidedBody,
        (*_PARSE, 404),
    ),
    Operation(
        "post",
        "/events",
        "Report what happened to what was shown",
        "Answered only when every event is on disk. Repeats by `event_id` do nothing, so a "
        "caller repeats until it has an answer.",
        EventsBody,
        AcknowledgedBody,
        (*_PARSE, 503),
    ),
    Operation(
        "post",
        "/stock",
        "Say what is left",
        "Every screen follows at once. A product nobody spoke of is available.",
        StockBody,
        StockedBody,
        (*_PARSE, 503),
    ),
    Operation(
        "post",
        "/context",
        "Say what the weather and the kitchen are like",
        "Offers may depend on it. Three hours later it is unknown again.",
        ContextBody,
        ContextBody,
        (*_PARSE, 503),
    ),
    Operation(
        "post",
        "/orders",
        "Hand over an order",
        "Prices come from the catalog; the answer has the number to call out. It is paid at "
        "the counter. A repeat by `order_id` gives the same order.",
        OrderBody,
        OrderTakenBody,
        (*_PARSE, 503),
    ),
    Operation(
        "get",
        "/orders",
        "List orders since a moment",
        "For a till that collects orders. Without `since`, those of the last 24 hours.",
        gives=OrdersBody,
        refuses=(403, 422, 503),
        parameters=(
            Parameter(
                "since",
                "query",
                "The first moment to include, with its offset.",
                {"type": "string", "format": "date-time"},
            ),
        ),
    ),
    Operation(
        "get",
        "/health",
        "Say how the appliance is",
        "503 with the same body when it is not serving.",
        gives=HealthBody,
        refuses=(403,),
    ),
    Operation(
        "get",
        "/explain/{decision_id}",
        "Explain a recorded decision",
        "Candidates, suppressions with reasons, parts, draws, propensity, and the reason shown.",
        refuses=(403, 404),
        parameters=(
            Parameter(
                "decision_id",
                "path",
                "The id `decide` answered.",
                {"type": "string", "format": "uuid"},
            ),
        ),
    ),
    Operation(
        "get", "/openapi.json", "Describe this API", "This document: OpenAPI 3.1.", refuses=(403,)
    ),
)


def document(version: str) -> dict[str, object]:
    """Return the API's description; ``version`` is the appliance's."""
    paths: dict[str, dict[str, object]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _described(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Instore Edge",
            "version": version,
            "summary": "Decisions of the appliance for a till, a kitchen or another screen.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/api/v1"}],
        "paths": paths,
        "components": {"schemas": _schemas()},
    }


@cache
def _schemas() -> dict[str, object]:
    bodies = {body for each in OPERATIONS for body in (each.takes, each.gives) if body}
    named = sorted(bodies | {ProblemBody}, key=lambda body: body.__name__)
    # "validation": what a caller may send, and what it must be ready to get.
    _, found = models_json_schema([(body, "validation") for body in named], ref_template=_REF)
    definitions: dict[str, object] = found["$defs"]
    return definitions


def _described(operation: Operation) -> dict[str, object]:
    answers: dict[str, object] = {
        "200": {"description": "Done.", "content": _content(operation.gives)}
    }
    if operation.path == "/health":
        answers["503"] = {"description": "Not serving.", "content": _content(operation.gives)}
    for status in sorted(operation.refuses):
        answers[str(status)] = {
            "description": REFUSALS[status],
            "content": _content(ProblemBody, "application/problem+json"),
        }
    described: dict[str, object] = {
        "operationId": operation.operation_id,
        "summary": operation.summary,
        "description": operation.description,
        "responses": answers,
    }
    if operation.takes:
        described["requestBody"] = {"required": True, "content": _content(operation.takes)}
    if operation.parameters:
        described["parameters"] = [_parameter(parameter) for parameter in operation.parameters]
    return described


def _content(body: type[Body] | None, kind: str = "application/json") -> dict[str, object]:
    if body is None:
        return {kind: {"schema": {"type": "object"}}}
    media: dict[str, object] = {"schema": {"$ref": _REF.format(model=body.__name__)}}
    if body in EXAMPLES:
        media["example"] = EXAMPLES[body]
    return {kind: media}


def _parameter(parameter: Parameter) -> dict[str, object]:
    return {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.place == "path",
        "description": parameter.description,
        "schema": dict(parameter.schema),
    }
