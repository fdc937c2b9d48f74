"""Shoppers, through the same interface that tills use; each remembers what was acknowledged.

What a device answers with 2xx is on its disk. So the ids in these answers are what must be at
central in the end, each exactly once. An answer that never came is asked for again by nobody.
"""

import threading
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any, Final
from uuid import UUID

import orjson
import urllib3

from edge.core.chance import Chance

_OK: Final = 200
_TIMEOUT_S: Final = 5.0


@dataclass(slots=True)
class Counter:
    """What one device acknowledged, and what it did not answer."""

    acknowledged: set[str] = field(default_factory=set)
    visits: int = 0
    orders: int = 0
    unanswered: int = 0


class Shoppers:
    """A thread of visits at one device, one after the other.

    Args:
        url: The device.
        about: Placement and screen.
        baskets: What visits buy, in turn.
        chance: For ids.
        pause_s: Between two visits.
    """

    def __init__(
        self,
        url: str,
        about: tuple[str, str],
        baskets: tuple[tuple[str, ...], ...],
        chance: Chance,
        pause_s: float,
    ) -> None:
        self.counter = Counter()
        self._url = url
        self._placement, self._screen = about
        self._baskets = cycle(baskets)
        self._chance = chance
        self._pause_s = pause_s
        self._stopping = threading.Event()
        self._pool = urllib3.PoolManager(timeout=_TIMEOUT_S, retries=False)
        self._thread = threading.Thread(target=self._run, name=f"shoppers {url}", daemon=True)

    def start(self) -> None:
        """Open the door."""
        self._thread.start()

    def stop(self) -> None:
        """Let the visit under way end."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(30)
        self._pool.clear()

    def _run(self) -> None:
        while not self._stopping.wait(self._pause_s):
            try:
                self._visit()
            except (urllib3.exceptions.HTTPError, OSError):
                self.counter.unanswered += 1

    def _visit(self) -> None:
        visit, basket = self._chance(8).hex(), next(self._baskets)
        decision = self._decide(visit, ())
        seen = [("exposure", slot) for slot in range(len(decision["items"]))]
        if not basket:
            seen = [("play", slot) for _, slot in seen]
        if seen:
            self._tell(visit, decision["decision_id"], seen)
        if basket:
            self._decide(visit, basket)
            self._order(visit, basket)
        self.counter.visits += 1

    def _decide(self, visit: str, basket: tuple[str, ...]) -> dict[str, Any]:
        asked = {"placement": self._placement, "screen": self._screen, "visit": visit}
        found = self._post("decide", asked | {"basket": list(basket)})
        self.counter.acknowledged.add(found["decision_id"])
        return found

    def _tell(self, visit: str, decision: str, seen: list[tuple[str, int]]) -> None:
        one = {"decision_id": decision, "screen": self._screen, "visit": visit}
        events = [one | {"event_id": self._id(), "kind": kind, "slot": slot} for kind, slot in seen]
        self.counter.acknowledged.update(self._post("events", {"events": events})["event_ids"])

    def _order(self, visit: str, basket: tuple[str, ...]) -> None:
        order = {
            "order_id": self._id(),
            "service": "eat_in",
            "screen": self._screen,
            "visit": visit,
        }
        found = self._post("orders", order | {"lines": [{"sku": sku} for sku in basket]})
        self.counter.acknowledged.update(found["event_ids"])
        self.counter.orders += 1

    def _post(self, what: str, body: object) -> dict[str, Any]:
        answer = self._pool.request(
            "POST",
            f"{self._url}/api/v1/{what}",
            body=orjson.dumps(body),
            headers={"Content-Type": "application/json"},
        )
        if answer.status != _OK:
            msg = f"{what}: {answer.status} {answer.data[:300]!r}"
            raise urllib3.exceptions.HTTPError(msg)
        found: dict[str, Any] = orjson.loads(answer.data)
        return found

    def _id(self) -> str:
        return str(UUID(bytes=self._chance(16), version=4))
