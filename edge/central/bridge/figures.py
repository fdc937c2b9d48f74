"""What the bridge tells Prometheus, on a port of loopback.

Labels are the worker's own name only; nothing of a device, a site or a shopper is in a figure.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    start_http_server,
)

from edge.central.bridge.carrying import Carried
from edge.central.bridge.retention_figures import RetentionFigures
from edge.central.bridge.retention_rows import Retained
from edge.core.errors import UnavailableError

log = logging.getLogger(__name__)

_REFUSED: Final = 0x80  # and above
_LOOPBACK: Final = "127.0.0.1"
_SIZES: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500)
_SECONDS: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.3, 1.0, 3.0, 10.0)
_LAGS: Final = (0.05, 0.1, 0.5, 1.0, 5.0, 60.0, 600.0, 3600.0, 86400.0, 604800.0)


class Figures:
    """Counts and times of one worker."""

    def __init__(self, worker: str) -> None:
        self._registry = CollectorRegistry()
        self._worker = worker
        self._received = self._counter("received", "Messages taken from the broker.")
        self._written = self._counter("written", "Events written that were new.")
        self._repeats = self._counter("repeats", "Events that had been written before.")
        self._dead = self._counter("dead_letters", "Messages or events that cannot be taken.")
        self._untaken = self._counter(
            "dead_letters_untaken", "Those of a device that had too many; it keeps them."
        )
        self._late = self._counter("late_events", "Events whose time was over when they came.")
        self._retention = RetentionFigures(worker, self._registry)
        self._failures = self._counter("sink_failures", "Batches that could not be written yet.")
        self._said = self._counter("acks", "Words to devices on what is written.")
        self._unsaid = self._counter("acks_refused", "Those that the broker refused.")
        self._is_refused = False
        self._platform = self._counter("platform_events", "Events the platform has taken.")
        self._connected = Gauge(
            "bridge_connected", "1: connected to the broker.", ("worker",), registry=self._registry
        ).labels(worker)
        self._waiting = Gauge(
            "bridge_waiting_messages",
            "Messages taken and not acknowledged.",
            ("worker",),
            registry=self._registry,
        ).labels(worker)
        self._sizes = self._histogram("batch_messages", "Messages in a batch.", _SIZES)
        self._seconds = self._histogram("commit_seconds", "Time to write a batch.", _SECONDS)
        self._lag = self._histogram("lag_seconds", "From a batch's newest event to now.", _LAGS)
        ProcessCollector(registry=self._registry)

    @contextmanager
    def served(self, port: int | None) -> Iterator[int | None]:
        """Serve ``/metrics`` on loopback within a ``with``; yields the port. None: do not.

        Raises:
            UnavailableError: Somebody else has the port.
        """
        if port is None:
            yield None
            return
        try:
            server, thread = start_http_server(port, _LOOPBACK, self._registry)
        except OSError as error:
            msg = f"wanted to serve figures on port {port}, got: {error}; see --metrics-port"
            raise UnavailableError(msg) from error
        try:
            yield int(server.server_port)
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def connected(self, is_connected: bool) -> None:
        """Note whether the broker is there."""
        self._connected.set(is_connected)

    def waiting(self, messages: int) -> None:
        """Note how many messages are taken and not acknowledged."""
        self._waiting.set(messages)

    def carried(self, carried: Carried, seconds: float) -> None:
        """Count a batch that was kept."""
        self._received.inc(carried.messages)
        self._written.inc(carried.new)
        self._repeats.inc(carried.repeats)
        self._dead.inc(carried.dead)
        self._untaken.inc(carried.untaken)
        self._late.inc(carried.late)
        self._sizes.observe(carried.messages)
        self._seconds.observe(seconds)
        if carried.newest_lag_s is not None:
            self._lag.observe(max(carried.newest_lag_s, 0.0))

    def said(self, _number: int, reason: int) -> None:
        """Count a word to a device on what is written, and what the broker answered."""
        self._said.inc()
        if reason >= _REFUSED:
            self._unsaid.inc()
            if not self._is_refused:
                log.error(
                    "the broker refuses down/acked (0x%02x): write its ACL again with `edge fleet "
                    "provision`, or devices keep all they send",
                    reason,
                )
            self._is_refused = True

    def failed(self) -> None:
        """Count a batch that could not be kept yet."""
        self._failures.inc()

    def platform(self, events: int) -> None:
        """Count what the platform has taken."""
        self._platform.inc(events)

    def retained(self, done: Retained, now: datetime) -> None:
        """Note that what is not kept any longer was deleted."""
        self._retention.note(done, now)

    def _counter(self, name: str, what: str) -> Counter:
        return Counter(f"bridge_{name}", what, ("worker",), registry=self._registry).labels(
            self._worker
        )

    def _histogram(self, name: str, what: str, buckets: tuple[float, ...]) -> Histogram:
        made = Histogram(
            f"bridge_{name}", what, ("worker",), buckets=buckets, registry=self._registry
        )
        return made.labels(self._worker)
