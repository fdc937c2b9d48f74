"""Every board's last state: what it shows, since which revision, and which decision it was.

``refresh`` looks each second; a board's screens hear of it only when something on the board
changed. A person never makes a board change: see ``edge.web.board.view``.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import RLock
from typing import Final

from flask import Flask, render_template

from edge.catalog.product import Product
from edge.catalog.site import Section
from edge.core.ids import uuid7
from edge.decide.engagement import Engagement, EngagementKind
from edge.web.assets import Assets
from edge.web.board.view import BoardFacts, BoardView, board_view
from edge.web.i18n import speaking
from edge.web.live import LiveHub
from edge.web.ports import Screen, Services
from edge.web.region import Region

FRAGMENT: Final = "board/fragment.html"
REMEMBERED: Final = 64
"""Decisions of a screen whose exposure was reported; a day's heroes are fewer."""


@dataclass(frozen=True, slots=True)
class BoardState:
    """One board as it is now; ``digest`` names its content, ``revision`` its place in time."""

    screen: Screen
    facts: BoardFacts
    view: BoardView
    revision: int
    digest: str
    html: str

    @property
    def decision_id(self) -> str | None:
        """The decision behind the hero that is really shown."""
        return self.facts.hero.decision_id if self.facts.hero and self.view.hero else None


class Boards:
    """Renders the boards of this device and tells their screens when one changed."""

    def __init__(
        self,
        app: Flask,
        services: Services,
        hub: LiveHub,
        assets: Assets,
        region: Callable[[], Region],
    ) -> None:
        self._app = app
        self._services = services
        self._hub = hub
        self._assets = assets
        self._region = region
        self.service = services.chance(6).hex()
        """Which run of the service counts the revisions: after a restart they begin anew."""
        self._lock = RLock()
        self._states: dict[str, BoardState] = {}
        self._painted: dict[str, tuple[int, datetime]] = {}
        self._exposed: dict[str, list[str]] = {}

    def find(self, name: str) -> Screen | None:
        """Return the signage screen ``name``: by its own id, else by its board's."""
        signage = [s for s in self._services.settings.screens if s.surface == "signage"]
        by_id = next((s for s in signage if s.screen_id == name), None)
        return by_id or next((s for s in signage if s.board_id == name), None)

    def state(self, screen: Screen) -> BoardState | None:
        """Return how the board of ``screen`` is now; None when the shop has no such board."""
        with self._lock:
            known = self._states.get(screen.screen_id)
            return known or self._look(screen)

    def html(self, state: BoardState, language: str | None) -> str:
        """Return the board's fragment in a language of the shop; its first for None or unknown."""
        with speaking(self._app, language) as speech:
            if speech.language == state.view.language:
                return state.html
            return render_template(FRAGMENT, view=board_view(state.facts, speech))

    def message(self, state: BoardState, language: str | None = None) -> dict[str, object]:
        """Return what a page needs to show ``state``, as its stream and its state tell it."""
        return {
            "rev": state.revision,
            "hash": state.digest,
            "html": self.html(state, language),
            "build": self._assets.build,
            "service": self.service,
        }

    def refresh(self) -> None:
        """Look at every board; publish the ones that changed."""
        for screen in self._services.settings.screens:
            if screen.surface == "signage":
                with self._lock:
                    self._look(screen)

    def painted(self, screen: Screen, revision: int, digest: str) -> bool:
        """Keep that ``screen`` really showed ``revision``; return whether that is the newest.

        The first time a revision is painted is one play; the first time a hero's decision is
        painted is its exposure. Repeats change nothing.
        """
        with self._lock:
            state = self._states.get(screen.screen_id)
            if state is None or (revision, digest) != (state.revision, state.digest):
                return False
            is_first = self._painted.get(screen.screen_id, (0, None))[0] != revision
            self._painted[screen.screen_id] = (revision, self._services.clock())
            if is_first and state.decision_id is not None:
                self._report(screen.screen_id, state.decision_id)
            return True

    def last_painted_at(self, screen_id: str) -> datetime | None:
        """Return when a screen last said that it painted, since this service started."""
        with self._lock:
            painted = self._painted.get(screen_id)
            return painted[1] if painted else None

    def _look(self, screen: Screen) -> BoardState | None:
        facts = self._facts(screen)
        if facts is None:
            return None
        with speaking(self._app, None) as speech:
            view = board_view(facts, speech)
            known = self._states.get(screen.screen_id)
            # A new decision for the same product paints nothing new, but is shown all the same.
            if known is not None and (known.view, known.facts.hero) == (view, facts.hero):
                return known
            html = render_template(FRAGMENT, view=view)
        state = BoardState(
            screen,
            facts,
            view,
            self._hub.next_revision(),
            hashlib.sha256(html.encode()).hexdigest()[:16],
            html,
        )
        self._states[screen.screen_id] = state
        self._publish(state)
        return state

    def _facts(self, screen: Screen) -> BoardFacts | None:
        services = self._services
        site = services.site()
        board = site.board(screen.board_id or screen.screen_id)
        if board is None:
            return None
        context = services.context("signage")
        return BoardFacts(
            site=site,
            board=board,
            context=context,
            sold_out=services.sold_out(),
            hero=services.board_hero(board, screen.screen_id) if context.is_open else None,
            region=self._region(),
            picture=self._picture,
        )

    def _picture(self, what: Product | Section) -> str | None:
        names = [f"art/{what.picture}"]
        if isinstance(what, Product):
            names.insert(0, f"art/hero/{what.picture}")
        return next((self._assets.url(name) for name in names if self._assets.has(name)), None)

    def _publish(self, state: BoardState) -> None:
        screen_id, data = state.screen.screen_id, self.message(state)
        self._hub.publish(screen_id, "board", data, slot="board", revision=state.revision)

    def _report(self, screen_id: str, decision_id: str) -> None:
        exposed = self._exposed.setdefault(screen_id, [])
        kinds: list[EngagementKind] = ["play"]
        if decision_id not in exposed:
            exposed.append(decision_id)
            del exposed[:-REMEMBERED]
            kinds.insert(0, "exposure")
        now = self._services.clock()
        # Nobody waits for this: a screen must not stop because a disk is full.
        self._services.engage(
            [
                Engagement(
                    event_id=uuid7(now, self._services.chance),
                    kind=kind,
                    decision_id=decision_id,
                    slot=0,
                    screen_id=screen_id,
                    visit_id=None,
                    at=now,
                )
                for kind in kinds
            ]
        )
