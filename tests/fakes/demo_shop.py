"""The demo shop as ``edge demo`` runs it, in this process: real threads, camera, radio and server."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import pytest

from edge.app.demo.shop_clock import demo_clock
from edge.app.demo.stage import DemoStage
from edge.app.recognition.runtime import Recognising
from edge.app.server import Server, bind
from edge.app.wiring import Appliance, build
from edge.catalog.site import Site
from edge.core.chance import system_chance
from edge.core.clock import system_clock
from edge.devices.private_bus import SYSTEM_BUS
from tests.fakes.appliance import settings, site


@dataclass(frozen=True)
class DemoShop:
    """A shop that is open, with a picture for a camera and a simulated radio."""

    appliance: Appliance
    server: Server
    stage: DemoStage

    @property
    def url(self) -> str:
        """Where its pages are."""
        return self.server.url

    @property
    def recognising(self) -> Recognising:
        """Its recognition."""
        assert self.appliance.recognising is not None
        return self.appliance.recognising

    def camera_state(self) -> str:
        """Return how the camera is."""
        return next(s.status().state for name, s in self.recognising.sources if name == "camera")


@contextmanager
def demo_shop(data: Path, *, shop: Site | None = None, **overrides: object) -> Iterator[DemoShop]:
    """Open the shop with its data in ``data``, until the end of the ``with``."""
    shop = shop or site()
    clock, _ = demo_clock(shop, system_clock)
    with ExitStack() as stack:
        # The stage names its bus to the whole process; others are not to find it there later.
        environment = stack.enter_context(pytest.MonkeyPatch.context())
        environment.setenv(SYSTEM_BUS, "")
        environment.delenv(SYSTEM_BUS)
        listen = settings(data, **{"listen.port": 0}).listen
        bound = stack.enter_context(bind(listen))
        stage = DemoStage(data / "stage", clock, system_chance)
        stack.callback(stage.close)
        wanted = settings(
            data,
            **{
                "listen.port": 0,
                "recognition.phone_host": f"127.0.0.1:{bound.getsockname()[1]}",
                "recognition.camera.source": str(stage.picture),
                "recognition.beacon.adapter": stage.adapter,
                **overrides,
            },
        )
        appliance = build(wanted, shop, clock=clock, chance=system_chance, stage=stage)
        server = Server(appliance.app, wanted.listen, bound)
        serving = Thread(target=server.run, name="server", daemon=True)
        stack.callback(serving.join, 10)
        stack.callback(appliance.stop, server.close)
        appliance.start()
        serving.start()
        yield DemoShop(appliance, server, stage)
