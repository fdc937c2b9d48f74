"""Ask a model on trial something when nobody else does: a quiet night must not pass for a good one."""

import threading
from typing import Final

import numpy as np

from edge.app.rankers import Rankers
from edge.app.shelves import Shelves
from edge.core.clock import Clock
from edge.core.errors import ModelContractError
from edge.decide.bundle import Bundle
from edge.decide.checked import ranked
from edge.decide.history import NO_AGES, NO_ITEMS
from edge.recommend.ranker import RankRequest

AFTER_S: Final = 60.0


class Probe:
    """Asks in a thread of its own: an answer that never comes must not keep the watch from seeing it."""

    def __init__(self, shelves: Shelves, clock: Clock, rankers: Rankers) -> None:
        self._shelves = shelves
        self._clock = clock
        self._rankers = rankers
        self._asking: threading.Thread | None = None

    def ask(self, bundle: Bundle) -> None:
        """Ask ``bundle``, unless the question before is still open."""
        if self._asking is not None and self._asking.is_alive():
            return
        self._asking = threading.Thread(
            target=self._ask, args=(bundle,), name="release-probe", daemon=True
        )
        self._asking.start()

    def _ask(self, bundle: Bundle) -> None:
        try:
            shelf = self._shelves.at(self._clock(), bundle=bundle)
            request = RankRequest(
                history=NO_ITEMS,
                history_age=NO_AGES,
                basket=NO_ITEMS,
                exclude=NO_ITEMS,
                available=np.ones(len(bundle.products), dtype=np.bool_),
                base=shelf.base,
            )
            ranked(bundle.ranker, request)
        except ModelContractError as error:
            self._rankers.give_up(bundle, str(error))
