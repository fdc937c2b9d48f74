"""``edge run`` and ``edge demo``: start the service and keep it until it is told to stop."""

import gc
import logging
import signal
import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import click

from edge.app.load_site import load_site
from edge.app.server import Server, bind
from edge.app.settings import Settings
from edge.app.shipped import shipped
from edge.app.wiring import Appliance, build
from edge.catalog.hours import is_open_at, local, opening_on
from edge.catalog.site import Site
from edge.core.chance import system_chance
from edge.core.clock import Clock, system_clock
from edge.core.errors import SettingsContractError

DEMO_SITE = "firmware_config/sites/harbour_kitchen"


@click.command()
@click.option("--config", type=click.Path(path_type=Path), help="A profile; the kiosk's if none.")
@click.option("--site", type=click.Path(path_type=Path), help="The shop's folder.")
@click.option("--data", type=click.Path(path_type=Path), help="Where the database lives.")
@click.option("--model", type=click.Path(path_type=Path), help="The model package's folder.")
@click.option("--port", type=int, help="The port to listen on; 0 takes a free one.")
@click.option("--mqtt", metavar="HOST:PORT", help="The broker; none: events wait in the outbox.")
@click.option("--device", help="The device's name.")
@click.option("--clock", type=click.Choice(["system", "request"]), help="request: for replays.")
def run(config: Path | None, **given: object) -> None:
    """Run the appliance with a profile, until it is told to stop."""
    settings = _settings(config, "kiosk", _overrides(given))
    site = _site(settings)
    with bind(settings.listen) as bound:
        _serve(build(settings, site, clock=system_clock, chance=system_chance), bound)


@click.command()
@click.option("--port", type=int, default=8080, show_default=True, help="0 takes a free one.")
@click.option("--data", type=click.Path(path_type=Path), default=Path(".demo"), show_default=True)
@click.option("--site", type=click.Path(path_type=Path), help="Another shop's folder.")
@click.option("--mqtt", metavar="HOST:PORT", help="A broker, if there is one.")
def demo(**given: object) -> None:
    """Run the demo shop: every screen in a browser, no hardware needed."""
    settings = _settings(None, "demo", _overrides(given))
    site = _site(settings)
    clock, shift = demo_clock(site, system_clock)
    with bind(settings.listen) as bound:
        appliance = build(settings, site, clock=clock, chance=system_chance)
        _serve(appliance, bound, welcome=lambda url: _welcome(site, settings, url, shift))


def demo_clock(site: Site, clock: Clock) -> tuple[Clock, timedelta]:
    """Return a clock by which the demo shop is open, and how far it was moved.

    A demo is tried at any hour. When the shop would be closed, its clock is set to a quarter past
    noon of its next open day, and says so on the first page.
    """
    now = clock()
    here = local(site.header, now)
    if is_open_at(site.header, here):
        return clock, timedelta(0)
    for days in range(8):
        noon = datetime.combine(
            here.date() + timedelta(days=days), datetime.min.time(), tzinfo=here.tzinfo
        ) + timedelta(hours=12, minutes=15)
        if opening_on(site.header, noon.date()) and is_open_at(site.header, noon):
            return _moved(clock, noon - now), noon - now
    return clock, timedelta(0)


def _moved(clock: Clock, shift: timedelta) -> Clock:
    return lambda: clock() + shift


def _overrides(given: dict[str, object]) -> dict[str, object]:
    names = {
        "site": "site_folder",
        "data": "data_folder",
        "model": "model_folder",
        "port": "listen.port",
        "device": "device_id",
        "clock": "clock",
    }
    found = {
        names[key]: value for key, value in given.items() if key in names and value is not None
    }
    broker = given.get("mqtt")
    if broker is not None:
        host, _, port = str(broker).rpartition(":")
        if not host or not port.isdigit():
            msg = f"--mqtt: wanted HOST:PORT such as 127.0.0.1:1883, got {str(broker)!r}"
            raise SettingsContractError(msg)
        found |= {"mqtt.host": host, "mqtt.port": int(port)}
    return found


def _settings(config: Path | None, profile: str, overrides: dict[str, object]) -> Settings:
    path = config or shipped(f"firmware_config/profiles/{profile}.toml")
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        msg = f"wanted a profile in {path}, cannot read it: {error}"
        raise SettingsContractError(msg) from error
    return Settings.load(text, overrides, source=path.name)


def _site(settings: Settings) -> Site:
    return load_site(settings.site_folder or shipped(DEMO_SITE))


def _serve(
    appliance: Appliance, bound: socket.socket, *, welcome: Callable[[str], None] | None = None
) -> None:
    logging.basicConfig(
        level=appliance.settings.log_level.upper(),
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )
    server = Server(appliance.app, appliance.settings.listen, bound)
    # What was built stays for good: the garbage collector need not walk it at every turn.
    gc.collect()
    gc.freeze()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: server.stop())
    appliance.start()
    try:
        if welcome is not None:
            welcome(server.url)
        else:
            logging.getLogger(__name__).info("listening on %s", server.url)
        server.run()
    finally:
        appliance.stop(server.close)
        click.echo("stopped; nothing is lost")


def _welcome(site: Site, settings: Settings, url: str, shift: timedelta) -> None:
    lines = [f"\n{site.header.name} is open. Start at {url}/\n"]
    for screen in settings.screens:
        address = f"/board/{screen.id}" if screen.surface == "signage" else f"/{screen.surface}/"
        lines.append(f"  {screen.id:<12}{url}{address}")
    lines += [
        f"  {'ops':<12}{url}/ops/",
        f"  {'API':<12}{url}/api/v1/openapi.json",
        f"  {'metrics':<12}{url}/metrics",
        "",
        "Not connected: broker, camera, radio. Everything works; events wait in the outbox."
        if not settings.mqtt.host
        else f"Delivering to the broker {settings.mqtt.host}:{settings.mqtt.port}.",
        f"Data: {settings.data_folder} (delete it to start afresh). Ctrl-C stops.",
    ]
    if shift:
        lines.insert(1, "The shop would be closed now, so its clock says a quarter past noon.\n")
    click.echo("\n".join(lines))
