"""The JSON API under /api/v1: the same decisions for a till, a kitchen or another screen.

Every route parses its body once into a value of ``api_bodies``, calls one function of
``Services``, and answers. What is acknowledged is on disk.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Final, TypeVar

from flask import Blueprint, Response, request
from pydantic import TypeAdapter, ValidationError

from edge.catalog.order import Line
from edge.context.moment import Weather
from edge.decide.engagement import Engagement
from edge.decide.values import Asked, Recognised
from edge.web.api import answers as api_answers
from edge.web.api import problems as api_problems
from edge.web.api.bodies import (
    Body,
    ContextBody,
    DecideBody,
    EventBody,
    EventsBody,
    Moment,
    OrderBody,
    ScanBody,
    StockBody,
    StockEntry,
)
from edge.web.api.checks import check_asked, check_event, check_skus
from edge.web.api.openapi import document
from edge.web.api.problems import ProblemError, mistake, refused
from edge.web.commit import committed
from edge.web.ports import ContextFacts, OrderDraft, Services, StockChange
from edge.web.recognition_ports import NothingScanned

ORDERS_BEFORE: Final = timedelta(hours=24)
"""How far back orders are given when nobody says since when."""

_MOMENT: Final[TypeAdapter[datetime]] = TypeAdapter(Moment)

BodyT = TypeVar("BodyT", bound=Body)


def blueprint(services: Services) -> Blueprint:
    """Return the API's routes, served by ``services``."""
    api = Blueprint("api", __name__, url_prefix="/api/v1")
    calls = _Calls(services)
    posts: dict[str, Callable[[], Response]] = {
        "scan": calls.scan,
        "decide": calls.decide,
        "events": calls.events,
        "stock": calls.stock,
        "context": calls.context,
        "orders": calls.take_order,
    }
    gets: dict[str, Callable[..., Response]] = {
        "orders": calls.orders,
        "health": calls.health,
        "explain/<decision_id>": calls.explain,
        "openapi.json": calls.openapi,
    }
    for path, view in posts.items():
        api.add_url_rule(f"/{path}", f"post_{path}", view, methods=["POST"])
    for path, view in gets.items():
        api.add_url_rule(f"/{path}", f"get_{path.partition('/')[0].partition('.')[0]}", view)
    api.register_error_handler(
        ProblemError, lambda e: api_problems.respond(e.status, e.detail, **e.members)
    )
    return api


class _Calls:
    """One method per route. Safe to call from several threads."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._document = document(services.settings.version)

    def scan(self) -> Response:
        body = _body(ScanBody)
        recognition = self._services.recognition
        found = recognition.scanned(body.screen, body.text) if recognition else NothingScanned()
        return api_answers.respond(api_answers.scanned(found))

    def decide(self) -> Response:
        body = _body(DecideBody)
        site = self._services.site()
        check_asked(body, site, accepts_at=self._services.settings.accepts_at)
        recognised = self._recognised(body)
        slate = self._services.serve(_asked(body, recognised))
        is_recognised = recognised is not None
        return api_answers.respond(api_answers.decided(slate, site, is_recognised=is_recognised))

    def _recognised(self, body: DecideBody) -> Recognised | None:
        """Return who the decision is for: whoever is still at that screen, as scanned there."""
        recognition = self._services.recognition
        if body.presence is None or recognition is None:
            return None
        present = recognition.presence(body.screen)
        if present is None or present.presence_id != body.presence:
            return None
        return recognition.recognised(present)

    def events(self) -> Response:
        body = _body(EventsBody)
        now = self._services.clock()
        for index, event in enumerate(body.events):
            check_event(event, index)
        kept = committed(self._services.engage([_engagement(e, now) for e in body.events]))
        return api_answers.respond({"event_ids": kept})

    def stock(self) -> Response:
        body = _body(StockBody)
        check_skus(self._services.site(), [c.sku for c in body.changes], "changes[{}].sku")
        committed(self._services.set_stock([_change(entry) for entry in body.changes]))
        return api_answers.respond({"sold_out": sorted(self._services.sold_out())})

    def context(self) -> Response:
        body = _body(ContextBody)
        if body.weather is None and body.kitchen_load is None:
            raise refused(
                [mistake("body", "weather, kitchen_load or both", "neither")],
                status=HTTPStatus.UNPROCESSABLE_ENTITY,
            )
        weather = Weather(body.weather.temp_c, body.weather.is_wet) if body.weather else None
        committed(self._services.set_context(ContextFacts(weather, body.kitchen_load)))
        return api_answers.respond(body.model_dump())

    def take_order(self) -> Response:
        body = _body(OrderBody)
        site = self._services.site()
        check_skus(site, [line.sku for line in body.lines], "lines[{}].sku")
        taken = self._services.take_order(_draft(body))
        order = api_answers.order(taken.order, site)
        return api_answers.respond(
            {"order": order, "display_no": taken.order.display_no, "event_ids": taken.event_ids}
        )

    def orders(self) -> Response:
        since = _since(self._services.clock())
        site = self._services.site()
        found = [api_answers.order(order, site) for order in self._services.orders_since(since)]
        return api_answers.respond({"orders": found})

    def health(self) -> Response:
        found = self._services.health()
        status = HTTPStatus.OK if found.is_serving else HTTPStatus.SERVICE_UNAVAILABLE
        return api_answers.respond(api_answers.health(found, self._services), status)

    def explain(self, decision_id: str) -> Response:
        found = self._services.explain(decision_id)
        if found is None:
            raise refused(
                [mistake("decision_id", "the id of a decision recorded here", decision_id)],
                status=HTTPStatus.NOT_FOUND,
            )
        return api_answers.respond(found)

    def openapi(self) -> Response:
        return api_answers.respond(self._document)


def _body(shape: type[BodyT]) -> BodyT:
    if request.mimetype != "application/json":
        raise ProblemError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"wanted Content-Type: application/json, got {request.mimetype[:60]!r}",
        )
    try:
        return shape.model_validate_json(request.get_data(cache=False))
    except ValidationError as error:
        repeats = not shape.model_config.get("hide_input_in_errors", False)
        raise api_problems.invalid(error, repeats=repeats) from error


def _asked(body: DecideBody, recognised: Recognised | None) -> Asked:
    return Asked(
        placement_id=body.placement,
        screen_id=body.screen,
        visit_id=body.visit,
        basket=body.basket,
        avoid=body.avoid,
        fewer=body.fewer,
        answers=body.answers,
        taken=body.taken,
        recognised=recognised,
        at=body.at and body.at.astimezone(UTC),
    )


def _engagement(event: EventBody, now: datetime) -> Engagement:
    return Engagement(
        event_id=str(event.event_id),
        kind=event.kind,
        decision_id=str(event.decision_id),
        slot=event.slot,
        screen_id=event.screen,
        visit_id=event.visit,
        # What has happened cannot be ahead of our clock; a till's own may be.
        at=min(event.at.astimezone(UTC), now) if event.at else now,
        dwell_ms=event.dwell_ms,
    )


def _change(entry: StockEntry) -> StockChange:
    if isinstance(entry.available, int):
        return StockChange(entry.sku, entry.available)
    return StockChange(entry.sku, 0 if entry.available == "out" else None)


def _draft(body: OrderBody) -> OrderDraft:
    lines = tuple(Line(line.sku, line.options, line.qty) for line in body.lines)
    return OrderDraft(str(body.order_id), lines, body.service, body.screen, body.visit)


def _since(now: datetime) -> datetime:
    text = request.args.get("since")
    if text is None:
        return now - ORDERS_BEFORE
    try:
        # In a query "+" means a space, and an offset is often sent unescaped.
        return _MOMENT.validate_strings(text.replace(" ", "+")).astimezone(UTC)
    except ValidationError as error:
        wanted = "a moment with its offset, as in 2026-03-01T12:00:00Z"
        raise refused(
            [mistake("since", wanted, text)], status=HTTPStatus.UNPROCESSABLE_ENTITY
        ) from error
