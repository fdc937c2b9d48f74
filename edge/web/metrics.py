"""Figures for Prometheus: how the appliance is, and how long each route takes.

Each application has its own registry, so that two in one process (a test, a bench) do not
count into each other. Labels come from the routes and states that exist, never from a
request: nobody can grow the page by asking for odd addresses.

Source: Prometheus exposition format 0.0.4, OpenMetrics 1.0.
"""

import re
import time
from collections.abc import Callable, Iterator
from typing import Final

from flask import Blueprint, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from edge.web.ports import Health, Services

BUCKETS_S: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.3, 1.0)
"""Around the budgets: 5 ms at the server for a tap, 100 ms and 300 ms to paint."""

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")


def blueprint(services: Services) -> Blueprint:
    """Return ``/metrics``, and the measuring of every route of the application it joins."""
    registry = CollectorRegistry()
    registry.register(_HealthCollector(services.health))
    ProcessCollector(registry=registry)
    routes = _Routes(registry)
    metrics = Blueprint("metrics", __name__)
    metrics.before_app_request(routes.start)
    metrics.after_app_request(routes.stop)

    @metrics.get("/metrics")
    def read() -> Response:
        # access.py lets in loopback and a demo only: counts tell how busy a shop is.
        encode, kind = choose_encoder(request.headers.get("Accept", ""))
        return Response(encode(registry), content_type=kind)

    return metrics


class _Routes:
    """Counts and times requests by route. Safe to call from several threads."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests = Counter(
            "edge_http_requests",
            "Requests by route and status.",
            ("method", "route", "status"),
            registry=registry,
        )
        self._seconds = Histogram(
            "edge_http_request_seconds",
            "Time from the request's arrival at a worker thread to its answer.",
            ("route",),
            buckets=BUCKETS_S,
            registry=registry,
        )
        # Looking a child up by its labels costs more than counting; there are few of them.
        self._children: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def start(self) -> None:
        """Remember when the request came."""
        g.metrics_started = time.perf_counter()

    def stop(self, response: Response) -> Response:
        """Count the answer and its time."""
        started: float | None = g.get("metrics_started")
        if started is None:  # refused before any route was looked for
            return response
        route = request.url_rule.rule if request.url_rule else "none"
        method = request.method if request.method in _METHODS else "other"
        requests, seconds = self._child((method, route, response.status_code))
        requests.inc()
        seconds.observe(time.perf_counter() - started)
        return response

    def _child(self, key: tuple[str, str, int]) -> tuple[Counter, Histogram]:
        found = self._children.get(key)
        if found is None:
            method, route, status = key
            found = (
                self._requests.labels(method, route, str(status)),
                self._seconds.labels(route),
            )
            self._children[key] = found
        return found


_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "POST"})


class _HealthCollector(Collector):
    """The appliance's own figures, read when somebody asks."""

    def __init__(self, health: Callable[[], Health]) -> None:
        self._health = health

    def collect(self) -> Iterator[Metric]:
        """Yield whether it serves, the state of each part, and each figure."""
        health = self._health()
        serving = GaugeMetricFamily("edge_serving", "1 while screens are served.")
        serving.add_metric([], float(health.is_serving))
        yield serving
        parts = GaugeMetricFamily(
            "edge_part_state", "1 for the state a part is in.", labels=("part", "state")
        )
        for part in health.parts:
            parts.add_metric([part.part, part.state], 1.0)
        yield parts
        for name, value in sorted(health.figures.items()):
            if _NAME.fullmatch(name):
                yield _figure(f"edge_{name.removeprefix('edge_')}", value)


def _figure(name: str, value: float) -> Metric:
    """Return one figure; by Prometheus' convention a name in ``_total`` only ever grows."""
    text = f"The appliance's own figure {name}."
    if name.endswith("_total"):
        return CounterMetricFamily(name, text, value=float(value))
    return GaugeMetricFamily(name, text, value=float(value))
