"""Who may ask for what: every endpoint has its action, and every caller only what is theirs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import pytest
from flask import Flask, Response, request
from flask.testing import FlaskClient

from edge.policy.roles import ALLOWED, Action, Role, may
from edge.web import access
from edge.web.access import ACTIONS, is_allowed
from edge.web.app import create_app
from edge.web.parts import parts_of
from edge.web.phone.visit import COOKIE as PHONE_COOKIE
from edge.web.ports import Services
from edge.web.tablet.session import SESSION, TABLET
from tests.fakes.customers import FakeCustomers
from tests.fakes.services import FakeShop
from tests.fakes.staff import CODE, StaffedShop
from tests.web.conftest import browser
from tests.web.test_headers import addresses

ELSEWHERE = "192.168.1.7"
REACHED = 299
"""The status of a request that the check let through; no page answers with it."""

FOR_ALL = frozenset(
    {
        *("home.first", "probes.alive", "probes.ready", "probes.version", "static.file"),
        "repository.file",
        *("phone.home", "phone.link", "phone.open", "phone.open_capitals"),
        *("phone.open_code", "phone.prove", "phone.demo_hold", "phone.demo_near"),
        *("phone.shell", "phone.worker", "phone.manifest"),
        *("tablet.first", "tablet.sign_in", "tablet.enrol"),
    }
)
TEAM = FOR_ALL | {
    *("tablet.sign_out", "tablet.alive", "tablet.painted", "tablet.now", "tablet.guide"),
    *("tablet.acknowledge", "tablet.close", "tablet.weather", "tablet.stock"),
}
CUSTOMERS = frozenset({"tablet.customer", "tablet.lives", "tablet.let_go"})


@dataclass
class WholeShop(StaffedShop):
    """The shop with everything a shop can have, so that every endpoint is there."""

    def __post_init__(self) -> None:
        """Add customers with phones to the team and the recognised."""
        super().__post_init__()
        self.customers = FakeCustomers(self)

    def services(self) -> Services:
        """Return the functions the screens call, all of them."""
        return replace(super().services(), customers=self.customers)


@dataclass
class Door:
    """The application with nothing behind its check: who comes through is noted."""

    app: Flask
    shop: WholeShop

    def opens_for(self, client: FlaskClient) -> set[str]:
        """Return every endpoint that lets ``client`` through."""
        found: set[str] = set()
        for method, address in addresses(self.app):
            response = client.open(address, method=method, json={})
            if response.status_code == REACHED:
                found.add(response.headers["X-Reached"])
        return found

    def caller(self, address: str = ELSEWHERE, **headers: str) -> FlaskClient:
        """Return a browser at ``address``."""
        client = browser(self.app)
        client.environ_base["REMOTE_ADDR"] = address
        client.environ_base.update({f"HTTP_{name}": value for name, value in headers.items()})
        return client

    def member(self, user_id: str) -> FlaskClient:
        """Return an enrolled tablet on which somebody is signed in."""
        key, staff = self.shop.staff.enrol_tablet(CODE), self.shop.staff
        assert key is not None
        client = self.caller()
        client.set_cookie(TABLET, key, path="/tablet")
        for path in ("/tablet", "/live", "/ops"):
            client.set_cookie(SESSION, staff.begin(user_id).key, path=path)
        return client

    def phone(self) -> FlaskClient:
        """Return a phone that opened a pairing."""
        self.shop.customers.pairings["token"] = "kiosk-1"
        visit = self.shop.customers.open_pairing("token")
        assert visit is not None
        client = self.caller()
        client.set_cookie(PHONE_COOKIE, visit.key, path="/p")
        return client


def door_of(shop: WholeShop) -> Iterator[Door]:
    """Build the application, and put a stop right behind its check."""
    app = create_app(shop.services())

    @app.before_request
    def stop() -> Response:
        return Response(status=REACHED, headers={"X-Reached": request.endpoint or ""})

    yield Door(app, shop)
    parts_of(app).hub.close()


@pytest.fixture
def door() -> Iterator[Door]:
    """A shop that is no demo."""
    yield from door_of(WholeShop(is_demo=False))


@pytest.fixture
def demo_door() -> Iterator[Door]:
    """A demo."""
    yield from door_of(WholeShop(is_demo=True))


def endpoints(app: Flask) -> set[str]:
    return {rule.endpoint for rule in app.url_map.iter_rules()}


def test_every_endpoint_has_its_action_and_every_entry_its_endpoint(door: Door) -> None:
    found = endpoints(door.app)

    assert found - set(ACTIONS) == set(), "declare what they do in edge/web/access.py"
    assert set(ACTIONS) - found == set(), "gone; take them out of edge/web/access.py"
    assert len(found) > 90


def test_an_endpoint_without_an_action_is_refused_to_everybody(door: Door) -> None:
    door.app.add_url_rule("/new", "new", lambda: "not reached")

    assert door.caller("127.0.0.1").get("/new").status_code == 403
    assert door.member("jonas").get("/new").status_code == 403


def test_nobody_in_particular_reaches_what_is_for_all(door: Door) -> None:
    assert door.opens_for(door.caller()) == FOR_ALL


def test_a_made_up_key_is_nobody_in_particular(door: Door) -> None:
    client = door.caller()
    for path in ("/tablet", "/live", "/ops"):
        client.set_cookie(SESSION, "f" * 64, path=path)
    client.set_cookie(TABLET, "f" * 64, path="/tablet")
    client.set_cookie(PHONE_COOKIE, "f" * 64, path="/p")

    assert door.opens_for(client) == FOR_ALL


def test_a_request_through_nginx_is_not_from_here_in_a_demo_either(demo_door: Door) -> None:
    client = demo_door.caller("127.0.0.1", X_EDGE_LAN="1")

    assert demo_door.opens_for(client) == FOR_ALL


def test_a_phone_reaches_its_own_pages_only(door: Door) -> None:
    own = {endpoint for endpoint in endpoints(door.app) if endpoint.startswith("phone.")}

    assert door.opens_for(door.phone()) == FOR_ALL | own


def test_an_associate_helps_and_meets_customers_and_changes_no_stock(door: Door) -> None:
    assert door.opens_for(door.member("amira")) == TEAM | CUSTOMERS | {"live.stream"}


OFFICE = frozenset(
    {"tablet.change", "ops.first", "ops.licences", "ops.decision", "ops.look_up", "live.stream"}
)


def test_a_lead_also_changes_stock_and_looks_after_the_device(door: Door) -> None:
    assert door.opens_for(door.member("jonas")) == TEAM | CUSTOMERS | OFFICE


def test_an_admin_looks_after_the_device_and_sees_no_customer(door: Door) -> None:
    assert door.opens_for(door.member("ines")) == TEAM | OFFICE


def test_a_session_that_ended_opens_nothing(door: Door) -> None:
    client = door.member("jonas")
    door.shop.staff.sessions.clear()

    assert door.opens_for(client) == FOR_ALL


@pytest.mark.parametrize("kind", ["here", "demo"])
def test_here_and_in_a_demo_all_is_open_but_what_is_a_customers(
    door: Door, demo_door: Door, kind: str
) -> None:
    found, client = {
        "here": (door, door.caller("127.0.0.1")),
        "demo": (demo_door, demo_door.caller(ELSEWHERE)),
    }[kind]
    of_phones = {
        "phone." + name
        for name in (
            *("consent", "declined", "my_data", "offers", "export_json", "export_html"),
            *("receipt", "change", "purposes", "here", "disconnect", "erase", "unlink"),
        )
    }

    assert found.opens_for(client) == endpoints(found.app) - CUSTOMERS - of_phones


@pytest.mark.parametrize("role", list(Role))
def test_a_role_may_do_what_its_row_says_and_nothing_else(role: Role) -> None:
    for endpoint, action in ACTIONS.items():
        assert is_allowed([role], action) == (action in ALLOWED[role]), endpoint


def test_several_roles_may_do_what_one_of_them_may() -> None:
    assert is_allowed([Role.NOBODY, Role.ASSOCIATE], Action.SEE_CARD)
    assert not is_allowed([Role.NOBODY, Role.ADMIN, Role.OPS, Role.TILL], Action.SEE_CARD)
    assert not is_allowed([], Action.PROBE)


def test_no_role_that_needs_no_proof_may_see_a_customer() -> None:
    of_customers = {Action.SEE_PRESENCES, Action.SEE_CARD, Action.LET_GO, Action.SEE_MY_DATA}

    assert access.OPEN_TABLET & of_customers == set()
    for action in of_customers:
        assert not any(may(role, action) for role in (Role.NOBODY, *access.HERE))


REFUSED: Mapping[str, tuple[str, int]] = {
    "a till without a token": ("/api/v1/orders", 403),
    "the figures": ("/metrics", 403),
    "the operators' pages": ("/ops/", 403),
    "a kiosk": ("/kiosk/menu", 403),
    "a board": ("/board/board-1", 403),
    "the stream": ("/live?screen=kiosk-1", 403),
    "the tablet": ("/tablet/now", 303),
    "somebody's data": ("/p/me", 303),
}


@pytest.mark.parametrize(("address", "status"), REFUSED.values(), ids=REFUSED.keys())
def test_each_surface_refuses_in_its_own_way(door: Door, address: str, status: int) -> None:
    response = door.caller().get(address)

    assert response.status_code == status
    if address.startswith("/api/"):
        assert response.mimetype == "application/problem+json"
    elif status == 303:
        assert response.headers["Location"] in {"/tablet/sign-in", "/p/?over=1"}


def test_without_customers_there_are_no_phone_pages_to_refuse() -> None:
    client = browser(create_app(FakeShop(is_demo=False).services()))
    client.environ_base["REMOTE_ADDR"] = ELSEWHERE

    assert client.get("/p/me").status_code == 404


def test_what_is_not_there_is_not_found_and_not_refused(door: Door) -> None:
    client = browser(create_app(door.shop.services()))
    client.environ_base["REMOTE_ADDR"] = ELSEWHERE

    assert client.get("/nothing/here").status_code == 404
    assert client.put("/healthz", json={}).status_code == 405
