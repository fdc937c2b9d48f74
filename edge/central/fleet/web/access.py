"""Who may ask for what here: each endpoint's role, and one check before every request.

An endpoint that is not in the table is refused to everybody. A person shows a bearer token (a
program) or has a session that began with one (a browser). Devices and monitoring need none: a
claim, a signature or nothing secret is what they bring.
"""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Final

from flask import Flask, Response, g, redirect, request
from werkzeug.exceptions import BadRequest, Forbidden, Unauthorized

from edge.central.fleet.web.parts import built
from edge.central.fleet.web.people import Person, Role

COOKIE: Final = "fleet_session"
POLL: Final = "X-Fleet-Poll"
"""Sent by a page that looks again by itself: it keeps nobody signed in."""
ANYBODY: Final = None


def _of(blueprint: str, names: str, role: Role | None) -> dict[str, Role | None]:
    return {f"{blueprint}.{name}": role for name in names.split()}


NEEDS: Final[Mapping[str, Role | None]] = MappingProxyType(
    {
        **_of("static", "file", ANYBODY),
        **_of("probes", "alive ready", ANYBODY),
        **_of("repository", "file", ANYBODY),  # signed, and without anything of a person
        **_of("enrolment", "join stay", ANYBODY),  # the claim, or the old key, is the proof
        **_of("session", "ask sign_in sign_out first", ANYBODY),
        # A customer's own data: each page asks for a visit, which begins with a proof.
        **_of("my", "first prove nothing my_data change purposes", ANYBODY),
        **_of("my", "erase unlink export_json export_html receipt", ANYBODY),
        **_of("fleet", "overview devices device rollouts rollout models delivery", Role.VIEWER),
        **_of("acts", "pause abort halt command", Role.OPERATOR),
        **_of("acts", "approve start resume unhalt", Role.APPROVER),
        **_of("api", "openapi summary devices device rollouts rollout models", Role.VIEWER),
        **_of("api", "pause abort halt command", Role.OPERATOR),
        **_of("api", "approve start resume unhalt", Role.APPROVER),
    }
)
"""Endpoint -> the least role that may ask for it; None: anybody."""


def install(app: Flask) -> None:
    """Check every request to ``app`` that reaches an endpoint."""

    @app.before_request
    def admit() -> Response | None:
        endpoint = request.endpoint
        if any("\0" in text for text in (request.path, *request.args.values())):
            msg = "wanted text without the character NUL, which no database keeps, got one with it"
            raise BadRequest(msg)
        if endpoint is None:  # nothing is there, and the router says so
            return None
        if endpoint not in NEEDS:
            msg = "wanted an address that somebody may ask for, got another"
            raise Forbidden(msg)
        needs = NEEDS[endpoint]
        if needs is ANYBODY or _may(needs):
            return None
        return _refused(needs)

    app.jinja_env.globals.update(person=person, may_do=may_do)


def person() -> Person | None:
    """Return who asks, if they have shown who they are."""
    if "person" not in g:
        g.person = _person()
    found: Person | None = g.person
    return found


def may_do(role: str) -> bool:
    """Say whether who asks may do what ``role`` may; for what a page offers."""
    found = person()
    return found is not None and found.role.covers(Role(role))


def actor() -> str:
    """Return the name that is recorded for what this request changes."""
    found = person()
    assert found is not None, "checked before the request"
    return found.name


def _may(needs: Role) -> bool:
    if needs is Role.VIEWER and not built().parts.people.is_closed:
        return True
    found = person()
    return found is not None and found.role.covers(needs)


def _person() -> Person | None:
    people = built().parts.people
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return people.of(token.strip())
    session_id = request.cookies.get(COOKIE, "")
    found = built().sessions.person(session_id, is_there=POLL not in request.headers)
    return found if found is not None and people.still(found) else None


def _refused(needs: Role) -> Response:
    found = person()
    if found is not None:
        msg = f"wanted somebody who is {needs}, got {found.name}, who is {found.role}"
        raise Forbidden(msg)
    if request.path.startswith("/api/"):
        msg = f"wanted the bearer token of somebody who is {needs}, got none that is known"
        raise Unauthorized(msg)
    return redirect("/fleet/sign-in", HTTPStatus.SEE_OTHER)  # type: ignore[return-value]
