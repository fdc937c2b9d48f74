"""Who may ask for what: each endpoint's action, and one check before every request.

An endpoint that is not in the table is refused to everybody. What a role may do is in
``edge/policy/roles.py``; here is what each route does, and what a caller has proven to be.

Source: security.md, "Roles for tablets and operators"; decided.md 40.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Final, NoReturn

from flask import Flask, Response, request
from werkzeug.exceptions import Forbidden, NotFound

from edge.policy.roles import Action, Role, may
from edge.web.api.callers import is_open
from edge.web.api.problems import ProblemError
from edge.web.i18n import asked_language, speak
from edge.web.my_data_ports import NotACustomerError
from edge.web.phone.visit import COOKIE as PHONE_COOKIE
from edge.web.ports import Services
from edge.web.tablet.session import signed_in, to_sign_in


def _of(blueprint: str, names: str, action: Action) -> dict[str, Action]:
    return {f"{blueprint}.{name}": action for name in names.split()}


ACTIONS: Final[Mapping[str, Action]] = MappingProxyType(
    {
        **_of("probes", "alive ready version", Action.PROBE),
        **_of("static", "file", Action.READ_ASSET),
        **_of("repository", "file", Action.READ_ASSET),  # signed, and without anything of a person
        **_of("home", "first", Action.SEE_FIRST_PAGE),
        **_of("home", "weather", Action.SAY_CONTEXT),
        **_of("live", "stream", Action.FOLLOW_SCREEN),
        **_of("board", "page state", Action.SEE_BOARD),
        **_of("board", "painted", Action.FOLLOW_SCREEN),
        # the kiosk
        **_of("kiosk", "alive seen", Action.FOLLOW_SCREEN),
        **_of("kiosk", "attract start begin end over done", Action.USE_KIOSK),
        **_of("kiosk", "menu item item_sum line stock basket service", Action.USE_KIOSK),
        **_of("kiosk", "review nudge order allergens avoid", Action.USE_KIOSK),
        **_of("kiosk", "language speak help help_status", Action.USE_KIOSK),
        **_of("kiosk", "suggestions why fewer off scanned", Action.USE_KIOSK),
        **_of("kiosk", "pair pair_picture scan here refused", Action.BE_RECOGNISED),
        **_of("kiosk", "invite decline standing rows details", Action.BE_RECOGNISED),
        **_of("kiosk", "leave forget_dialog forget", Action.BE_RECOGNISED),
        # a customer's own phone
        **_of("phone", "shell worker manifest", Action.READ_ASSET),
        **_of("phone", "home link open open_capitals open_code prove", Action.OPEN_PAIRING),
        **_of("phone", "demo_hold demo_near", Action.OPEN_PAIRING),  # there in a demo only
        **_of("phone", "consent declined", Action.CONSENT),
        **_of("phone", "my_data offers export_json export_html receipt", Action.SEE_MY_DATA),
        **_of("phone", "change purposes here disconnect erase unlink", Action.CHANGE_MY_DATA),
        # the team
        **_of("tablet", "first sign_in", Action.SIGN_IN),
        **_of("tablet", "enrol", Action.ENROL_TABLET),
        **_of("tablet", "sign_out", Action.SIGN_OUT),
        **_of("tablet", "alive painted", Action.FOLLOW_SCREEN),
        **_of("tablet", "now acknowledge close guide", Action.HELP_SHOPPERS),
        **_of("tablet", "weather", Action.SAY_CONTEXT),
        **_of("tablet", "stock", Action.SEE_STOCK),
        **_of("tablet", "change", Action.CHANGE_STOCK),
        **_of("tablet", "lives", Action.SEE_PRESENCES),
        **_of("tablet", "customer", Action.SEE_CARD),
        **_of("tablet", "let_go", Action.LET_GO),
        # looking after the device
        **_of("ops", "first licences", Action.SEE_OPS),
        **_of("ops", "look_up decision", Action.EXPLAIN_DECISION),
        **_of("metrics", "read", Action.READ_METRICS),
        # tills and kitchens
        **_of("api", "get_openapi get_health", Action.READ_API),
        **_of("api", "post_scan", Action.SCAN_CODE),
        **_of("api", "post_decide", Action.ASK_DECISION),
        **_of("api", "post_events", Action.REPORT_EVENTS),
        **_of("api", "post_stock", Action.CHANGE_STOCK),
        **_of("api", "post_context", Action.SAY_CONTEXT),
        **_of("api", "post_orders", Action.TAKE_ORDER),
        **_of("api", "get_orders", Action.READ_ORDERS),
        **_of("api", "get_explain", Action.EXPLAIN_DECISION),
    }
)
"""Endpoint -> what it does."""

HERE: Final = (Role.KIOSK, Role.SIGNAGE, Role.OPS, Role.TILL)
"""What a caller on the appliance, or in a demo, is without any proof."""

OPEN_TABLET: Final = frozenset({Action.HELP_SHOPPERS, Action.SEE_STOCK, Action.SIGN_OUT})
"""What such a caller may do on the tablet as well; never what shows a customer."""


def install(app: Flask, services: Services) -> None:
    """Check every request to ``app`` that reaches an endpoint."""

    @app.before_request
    def admit() -> Response | None:
        endpoint = request.endpoint
        if endpoint is None:  # nothing is there, and the router says so
            return None
        action = ACTIONS.get(endpoint)
        if action is not None and may_do(services, action):
            return None
        return _refused(services)


def may_do(services: Services, action: Action) -> bool:
    """Return whether the present request's caller may do ``action``."""
    if action in OPEN_TABLET and is_open(services.settings):
        return True
    return is_allowed(_roles(services), action)


def is_allowed(roles: Iterable[Role], action: Action) -> bool:
    """Return whether one of ``roles`` may do ``action``."""
    return any(may(role, action) for role in roles)


def _roles(services: Services) -> Iterator[Role]:
    """Yield what the caller is, what costs the least to find out first."""
    yield Role.NOBODY
    if is_open(services.settings):
        yield from HERE
    key = request.cookies.get(PHONE_COOKIE)
    if key and services.customers is not None and services.customers.visit(key) is not None:
        yield Role.PHONE
    session = signed_in(services)
    if session is not None:
        yield Role(session.role)


def _refused(services: Services) -> Response:
    """Refuse in the way of the surface that was asked for."""
    speak(asked_language(services.site()))
    surface = request.blueprint or ""
    return _REFUSALS.get(surface, _to_anybody)(services)


def _on_tablet(services: Services) -> Response:
    if services.staff is None:
        msg = "wanted a tablet that is signed in; open it on the appliance itself"
        raise Forbidden(msg)
    if signed_in(services) is not None:
        msg = "wanted somebody whose role allows this; ask a lead"
        raise Forbidden(msg)
    return to_sign_in()


def _on_phone(services: Services) -> NoReturn:
    if services.customers is None:
        raise NotFound
    msg = "wanted a phone that is answered, got another; show the code again"
    raise NotACustomerError(msg)


def _to_machine(_services: Services) -> NoReturn:
    # A till elsewhere needs a token of its own, and nothing hands those out yet.
    raise ProblemError(HTTPStatus.FORBIDDEN, "wanted a caller on the appliance itself")


def _in_words(_services: Services) -> Response:
    return Response("wanted a caller on the appliance itself\n", HTTPStatus.FORBIDDEN)


def _to_operator(_services: Services) -> NoReturn:
    msg = "wanted a lead or an admin who signed in on a tablet, or a caller on the appliance itself"
    raise Forbidden(msg)


def _to_anybody(_services: Services) -> NoReturn:
    msg = "wanted a screen of this appliance; open it on the appliance itself"
    raise Forbidden(msg)


_REFUSALS: Final[Mapping[str, Callable[[Services], Response]]] = {
    "tablet": _on_tablet,
    "phone": _on_phone,
    "api": _to_machine,
    "metrics": _in_words,
    "kiosk": _in_words,
    "ops": _to_operator,
}
