"""The kiosk screens between touches: visits that run out, and stock that changes under them."""

from flask import Flask

from edge.web.kiosk.request import Kiosk
from edge.web.parts import parts_of


class KioskScreens:
    """What happens at kiosks without anybody touching them."""

    def __init__(self, app: Flask, kiosk: Kiosk) -> None:
        self._app = app
        self._kiosk = kiosk
        self._sold_out = kiosk.services.sold_out()

    def refresh(self) -> None:
        """End visits whose time is over, and tell open kiosks which products changed.

        ``app/supervisor.py`` calls it each second; it is cheap when nothing happened.
        """
        parts = parts_of(self._app)
        for visit in self._kiosk.visits.expire(self._kiosk.now()):
            parts.help_desk.close(visit.screen_id)
            # A page that still counts is behind: it asks whether its own visit is over.
            parts.hub.publish(visit.screen_id, "visit-over", {})
        sold_out = self._kiosk.services.sold_out()
        changed = sorted(sold_out ^ self._sold_out)
        if changed:
            self._sold_out = sold_out
            for screen_id in self._kiosk.screen_ids():
                parts.hub.publish(screen_id, "stock", {"skus": changed}, slot=",".join(changed))
