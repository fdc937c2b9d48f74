"""Ask the running service for each household twice: after its code was scanned, and without.

Each household stands at a till of its own, presents a fresh K1 code there, and is decided for in
the hour in which its basket was really bought.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from edge.app.tickets.client import Answer, DecideClient, Visitor
from edge.core.chance import Chance
from edge.core.clock import Clock
from edge.core.errors import RequestContractError
from models.training.recognition.households import Case
from models.training.recognition.messages import Enrolled
from models.training.recognition.shop import PLACEMENT


@dataclass(frozen=True, slots=True)
class Asked:
    """What the service showed a household that it knew, and the same household unknown."""

    case: Case
    known: Answer
    unknown: Answer
    scan_s: float


@dataclass(frozen=True, slots=True)
class Replay:
    """All that was asked, and how long all of it took."""

    asked: tuple[Asked, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Till:
    """Where households present their codes."""

    client: DecideClient
    clock: Clock
    chance: Chance

    def serve(self, number: int, one: Enrolled) -> Asked:
        """Scan the household's code at a till of its own, and ask for it and for anybody.

        Raises:
            RequestContractError: The code opened nothing, so there is nothing to compare.
        """
        screen, at = f"till-{number}", one.case.target.at
        began = time.perf_counter()
        presence = self.client.scan(screen, one.phone.k1(self.clock(), self.chance))
        scan_s = time.perf_counter() - began
        if presence is None:
            msg = f"wanted household {number} to be recognised by its code, the service did not"
            raise RequestContractError(msg)
        visitors = {"known": Visitor(screen, presence), "unknown": Visitor(screen)}
        # Whoever is first in an hour waits for its shelf, so each is first every other time.
        order = ("known", "unknown") if number % 2 else ("unknown", "known")
        found = {who: self.client.decide(PLACEMENT, (), at, visitors[who]) for who in order}
        known, unknown = found["known"], found["unknown"]
        if not known.is_recognised or unknown.is_recognised:
            msg = "wanted one decision for the household and one for anybody, got another"
            raise RequestContractError(msg)
        return Asked(one.case, known, unknown, scan_s)


def replay(
    till: Till, households: Sequence[Enrolled], threads: int, tick: Callable[[], object]
) -> Replay:
    """Return what the service showed, asked by so many threads at a time.

    Raises:
        EdgeError: The service went away or refused; what was still waiting is not asked.
    """

    def one(numbered: tuple[int, Enrolled]) -> Asked:
        found = till.serve(*numbered)
        tick()
        return found

    began = time.perf_counter()
    with ThreadPoolExecutor(max_workers=threads) as pool:
        waiting = [pool.submit(one, numbered) for numbered in enumerate(households)]
        try:
            asked = tuple(each.result() for each in waiting)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    return Replay(asked, time.perf_counter() - began)
