"""What ``/metrics`` says of retention: by the worker that did it last."""

from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge

from edge.central.bridge.retention_rows import Retained


class RetentionFigures:
    """Counts of one worker. The newest ``bridge_retention_time_seconds`` of all is the last run."""

    def __init__(self, worker: str, registry: CollectorRegistry) -> None:
        def counter(name: str, what: str) -> Counter:
            return Counter(name, what, ("worker",), registry=registry).labels(worker)

        def gauge(name: str, what: str) -> Gauge:
            return Gauge(name, what, ("worker",), registry=registry).labels(worker)

        self._days = counter("bridge_retention_days", "Days dropped as a whole.")
        self._rows = counter("bridge_retention_events", "Events deleted out of days that stay.")
        self._moved = counter("bridge_retention_moved", "Events kept longer than their day.")
        self._others = counter(
            "bridge_retention_others", "Dead letters, words on health and answers deleted."
        )
        self._held = gauge(
            "bridge_retention_held_days", "Days that are due and that the platform has not had."
        )
        self._at = gauge("bridge_retention_time_seconds", "When it last ended; 0: not here.")

    def note(self, done: Retained, now: datetime) -> None:
        """Count what was deleted."""
        self._days.inc(done.days)
        self._rows.inc(done.rows)
        self._moved.inc(done.moved)
        self._others.inc(done.others)
        self._held.set(done.held)
        self._at.set(now.timestamp())
