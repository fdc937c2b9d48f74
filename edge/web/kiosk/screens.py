"""The kiosk screens between touches: visits that run out, stock that changes, people who come.

``app`` calls these from its own threads; a page that is open hears of it at once.
"""

from datetime import datetime
from threading import Lock

from flask import Flask

from edge.identity.presence import Presence
from edge.web.kiosk.codes import told
from edge.web.kiosk.request import Kiosk
from edge.web.kiosk.standing import is_invited
from edge.web.kiosk.visit import presence_id
from edge.web.parts import parts_of
from edge.web.recognition_ports import Scan


class KioskScreens:
    """What happens at kiosks without anybody touching them."""

    def __init__(self, app: Flask, kiosk: Kiosk) -> None:
        self._app = app
        self._kiosk = kiosk
        self._sold_out = kiosk.services.sold_out()
        self._lock = Lock()
        self._told: dict[str, str | None] = {}  # screen -> the presence its page knows of
        self._invited: dict[str, bool] = {}
        self._waiting: dict[str, tuple[str, datetime]] = {}  # screen -> presence without a visit

    def has_visits(self) -> bool:
        """Say whether somebody is in the middle of a visit: nothing is swapped under them."""
        return len(self._kiosk.visits) > 0

    def arrived(self, screen_id: str) -> None:
        """Somebody was recognised at a screen: its page shows what is theirs."""
        self._look(screen_id)

    def left(self, screen_id: str) -> None:
        """Whoever was recognised at a screen is not any more: all of it leaves the page."""
        self._look(screen_id)

    def changed(self, screen_id: str) -> None:
        """Whoever is at a screen changed what may be used: its page shows what holds now."""
        if self._kiosk.presence(screen_id) is not None:
            parts_of(self._app).hub.publish(screen_id, "known", {}, slot="presence")

    def scanned(self, screen_id: str, scan: Scan) -> None:
        """A camera or a serial scanner read a code: the page answers as if it had been typed."""
        words = told(scan)
        if words["scanned"] == "customer":
            self._look(screen_id)
        elif words["scanned"] != "nothing":
            parts_of(self._app).hub.publish(screen_id, "scanned", words, slot="scanned")

    def refresh(self) -> None:
        """End visits whose time is over, and tell open kiosks what changed around them.

        ``app/supervisor.py`` calls it each second; it is cheap when nothing happened.
        """
        parts = parts_of(self._app)
        for visit in self._kiosk.visits.expire(self._kiosk.now()):
            parts.help_desk.close(visit.screen_id)
            if not self._kiosk.visits.at(visit.screen_id):
                self._kiosk.leave(visit.screen_id)
            # A page that still counts is behind: it asks whether its own visit is over.
            parts.hub.publish(visit.screen_id, "visit-over", {})
        self._tell_stock()
        if self._kiosk.services.recognition is not None:
            for screen_id in self._kiosk.screen_ids():
                self._let_strangers_go(screen_id)
                self._look(screen_id)
                self._invite(screen_id)

    def _tell_stock(self) -> None:
        sold_out = self._kiosk.services.sold_out()
        changed = sorted(sold_out ^ self._sold_out)
        if changed:
            self._sold_out = sold_out
            hub = parts_of(self._app).hub
            for screen_id in self._kiosk.screen_ids():
                hub.publish(screen_id, "stock", {"skus": changed}, slot=",".join(changed))

    def _look(self, screen_id: str) -> None:
        """Tell the page when another person, or nobody, is recognised than it was told."""
        presence = self._kiosk.presence(screen_id)
        with self._lock:
            if self._told.get(screen_id) == presence_id(presence):
                return
            self._told[screen_id] = presence_id(presence)
        for visit in self._kiosk.visits.at(screen_id):
            self._kiosk.met(visit)
        event = "known" if presence else "neutral"
        parts_of(self._app).hub.publish(screen_id, event, {}, slot="presence")

    def _invite(self, screen_id: str) -> None:
        is_near = is_invited(self._kiosk, screen_id) and self._kiosk.presence(screen_id) is None
        if self._invited.get(screen_id, False) != is_near:
            self._invited[screen_id] = is_near
            parts_of(self._app).hub.publish(screen_id, "invited", {}, slot="invited")

    def _let_strangers_go(self, screen_id: str) -> None:
        """End a presence that no visit takes up: the next person must not find it there."""
        presence = self._kiosk.presence(screen_id)
        if presence is None or self._kiosk.visits.at(screen_id):
            self._waiting.pop(screen_id, None)
        elif self._waits_too_long(screen_id, presence):
            self._waiting.pop(screen_id, None)
            self._kiosk.leave(screen_id)

    def _waits_too_long(self, screen_id: str, presence: Presence) -> bool:
        now = self._kiosk.now()
        known_id, since = self._waiting.setdefault(screen_id, (presence.presence_id, now))
        if known_id != presence.presence_id:
            self._waiting[screen_id] = (presence.presence_id, now)
            return False
        timers = self._kiosk.services.settings.timers
        return now - since >= timers.paired + timers.warn + timers.server_grace
