"""Shoppers of a running service, over HTTP: what it acknowledged to them, it must never lose."""

import threading
from dataclasses import dataclass, field
from typing import Any

from edge.core.chance import system_chance
from edge.core.clock import system_clock
from edge.core.ids import uuid7
from tests.fakes.service import request

PLACEMENT = "kiosk-strip"


@dataclass
class Promised:
    """The ids of the events that a 2xx answer stood for."""

    decisions: set[str] = field(default_factory=set)
    engagements: set[str] = field(default_factory=set)
    orders: set[str] = field(default_factory=set)

    @property
    def ids(self) -> set[str]:
        """All of them."""
        return self.decisions | self.engagements | self.orders


class Shoppers:
    """Some shoppers at once; each decides, looks, taps and sometimes orders, until told to stop."""

    def __init__(self, promised: Promised, count: int = 3) -> None:
        self._promised = promised
        self._count = count
        self._leaving = threading.Event()
        self._threads: list[threading.Thread] = []
        self.unexpected: list[str] = []

    def arrive(self, port: int) -> None:
        """Start shopping at the service on ``port``."""
        self._leaving.clear()
        self._threads = [
            threading.Thread(target=self._shop, args=(port,)) for _ in range(self._count)
        ]
        for thread in self._threads:
            thread.start()

    def leave(self) -> None:
        """Stop, after the request each is in the middle of."""
        self._leaving.set()
        for thread in self._threads:
            thread.join()

    def _shop(self, port: int) -> None:
        visits = 0
        while not self._leaving.is_set():
            visits += 1
            try:
                self._visit(port, orders=visits % 4 == 0)
            except OSError:
                return  # it was killed: what it had not answered, it had not promised

    def _visit(self, port: int, *, orders: bool) -> None:
        asked = {"placement": PLACEMENT, "screen": "till-1"}
        decided = self._post(port, "decide", asked)
        if decided is None:
            return
        self._promised.decisions.add(decided["decision_id"])
        seen = [
            {
                "event_id": _new_id(),
                "kind": kind,
                "decision_id": decided["decision_id"],
                "slot": 0,
                "screen": "till-1",
            }
            for kind in ("exposure", "tap")
        ]
        kept = self._post(port, "events", {"events": seen})
        if kept is not None:
            self._promised.engagements.update(kept["event_ids"])
        if orders and decided["items"]:
            lines = [{"sku": decided["items"][0]["sku"], "qty": 1}]
            order = {"order_id": _new_id(), "lines": lines, "screen": "till-1"}
            taken = self._post(port, "orders", order | {"service": "eat_in"})
            if taken is not None:
                self._promised.orders.update(taken["event_ids"])

    def _post(self, port: int, path: str, body: object) -> dict[str, Any] | None:
        status, answer = request(port, "POST", f"/api/v1/{path}", body)
        if 200 <= status < 300:
            assert isinstance(answer, dict)
            return answer
        self.unexpected.append(f"{path}: {status} {answer}")
        return None


def _new_id() -> str:
    return uuid7(system_clock(), system_chance)
