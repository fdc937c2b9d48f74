"""Every route of the API is described, and everything described is a route."""

import re

from edge.web.api.examples import EXAMPLES
from edge.web.api.openapi import OPERATIONS
from edge.web.app import create_app
from tests.fakes.services import FakeShop


def test_the_description_and_the_routes_are_the_same() -> None:
    app = create_app(FakeShop().services())
    routes = {
        (method, re.sub(r"<([^>]+)>", r"{\1}", rule.rule.removeprefix("/api/v1")))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    assert {(o.method.upper(), o.path) for o in OPERATIONS} == routes


def test_every_body_has_an_example() -> None:
    bodies = {body for o in OPERATIONS for body in (o.takes, o.gives) if body is not None}

    assert bodies <= EXAMPLES.keys()


def test_no_two_operations_share_a_name() -> None:
    names = [operation.operation_id for operation in OPERATIONS]

    assert len(set(names)) == len(names)
