"""Every board's last state."""

from flask import Flask

from edge.web.assets import Assets
from edge.web.live import LiveHub
from edge.web.ports import Services


class Boards:
    """Renders the boards of this device and tells their screens when one changed."""

    def __init__(self, app: Flask, services: Services, hub: LiveHub, assets: Assets) -> None:
        self._app = app
        self._services = services
        self._hub = hub
        self._assets = assets

    def refresh(self) -> None:
        """Look at every board; publish the ones that changed."""
