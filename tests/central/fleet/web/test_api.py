import json
import re
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import validate

from edge.central.fleet.web.api import PREFIX
from edge.wire.releases import Phase
from tests.fakes.fleet_web import FleetWeb

ROLLOUT = "ranker-1.1.0"
DOCUMENT: dict[str, Any] = json.loads(
    files("edge.central.fleet.web").joinpath("openapi.json").read_text("utf-8")
)


def test_the_interface_is_described_and_the_description_is_valid(web: FleetWeb) -> None:
    answer = web.app.test_client().get(f"{PREFIX}/openapi.json")
    assert answer.get_json() == DOCUMENT
    validate(answer.get_json())


def test_the_description_has_every_route_and_no_other(web: FleetWeb) -> None:
    described = {(method, path) for path, item in DOCUMENT["paths"].items() for method in item}
    there = {
        (method.lower(), re.sub(r"<(\w+)>", r"{\1}", rule.rule.removeprefix(PREFIX)))
        for rule in web.app.url_map.iter_rules()
        if rule.rule.startswith(PREFIX)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert there == described


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        ("/summary", "Summary"),
        ("/devices", "Devices"),
        ("/devices/shop-0-1", "DeviceDetail"),
        ("/rollouts", "Rollouts"),
        (f"/rollouts/{ROLLOUT}", "Rollout"),
        ("/models", "Models"),
    ],
)
def test_each_answer_has_the_shape_that_is_described(web: FleetWeb, path: str, schema: str) -> None:
    web.fleet.come("shop-0.1", "shop-1.1")
    web.fleet.say(Phase.FAILED, "shop-1.1", reason="trust", detail="ExpiredMetadataError: old")
    web.healthy("shop-0-1", outbox_events=3)
    web.draft()
    wanted = {
        "$ref": f"#/components/schemas/{schema}",
        "components": DOCUMENT["components"],
    }
    jsonschema.validate(web.see(path), wanted)


def test_what_is_not_there_is_not_found_as_a_problem(web: FleetWeb) -> None:
    for path in ("/devices/nobody", "/rollouts/none-1.0.0", "/nothing"):
        answer = web.app.test_client().get(f"{PREFIX}{path}")
        assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert web.ask("/rollouts/none-1.0.0/start", "ada").status_code == 404


@pytest.mark.parametrize("body", ["[]", '"x"', '{"plan": 1}', '{"plan": "x", "who": "eve"}', "{"])
def test_a_body_of_another_shape_changes_nothing(web: FleetWeb, body: str) -> None:
    web.draft()
    answer = web.app.test_client().post(
        f"{PREFIX}/rollouts/{ROLLOUT}/approve",
        data=body,
        content_type="application/json",
        headers={"Authorization": "Bearer ft-ada"},
    )
    assert answer.status_code == 409
    assert web.see(f"/rollouts/{ROLLOUT}")["approved_by"] == []


def test_a_program_approves_and_starts_with_two_tokens(web: FleetWeb) -> None:
    web.fleet.come("shop-0.1")
    web.draft()
    plan = str(web.see(f"/rollouts/{ROLLOUT}")["plan_digest"])
    assert web.ask(f"/rollouts/{ROLLOUT}/approve", "ada", plan=plan).get_json()["stage"] == "draft"
    assert web.ask(f"/rollouts/{ROLLOUT}/start", "ada").status_code == 409
    answer = web.ask(f"/rollouts/{ROLLOUT}/approve", "grace", plan=plan)
    assert answer.get_json()["approved_by"] == ["ada", "grace"]
    assert web.ask(f"/rollouts/{ROLLOUT}/start", "grace").get_json()["stage"] == "canary"
    assert web.ask("/halt", "olga", why="stop").get_json() == {"names": ["ranker"]}
