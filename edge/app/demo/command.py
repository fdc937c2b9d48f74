"""``edge demo``: the demo shop, every screen in a browser, no hardware needed."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import click
import segno

from edge.app.demo.shop_clock import demo_clock
from edge.app.demo.stage import DemoStage
from edge.app.lan.certificate import issue
from edge.app.lan.front import CONFIGURATION, PORT, Door, Front, own_address
from edge.app.pins import refuse_weak
from edge.app.run_commands import read_settings, read_site, serve
from edge.app.server import bind
from edge.app.settings import Settings
from edge.app.shipped import shipped
from edge.app.team import TeamOffice, demo_staff
from edge.app.wiring import Appliance, build
from edge.catalog.site import Site
from edge.core.chance import system_chance
from edge.core.clock import system_clock
from edge.core.errors import RequestContractError

PIN_DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class _Welcome:
    """What a person who starts the demo must know."""

    pin: str
    tablet_code: str
    phones: str  # this machine's address in the network; "" without --lan
    fingerprint: str
    shift: timedelta


@click.command()
@click.option("--port", type=int, default=8080, show_default=True, help="0 takes a free one.")
@click.option("--data", type=click.Path(path_type=Path), default=Path(".demo"), show_default=True)
@click.option("--site", type=click.Path(path_type=Path), help="Another shop's folder.")
@click.option("--mqtt", metavar="HOST:PORT", help="A broker, if there is one.")
@click.option("--lan", is_flag=True, help="Let phones of this network in, over TLS (needs nginx).")
def demo(*, lan: bool, **given: object) -> None:
    """Run the demo shop: every screen in a browser, no hardware needed."""
    settings = read_settings(None, "demo", given)
    site = read_site(settings)
    clock, shift = demo_clock(site, system_clock)
    with ExitStack() as stack:
        bound = stack.enter_context(bind(settings.listen))
        port: int = bound.getsockname()[1]
        stage = DemoStage(settings.data_folder / "stage", clock, system_chance)
        stack.callback(stage.close)
        address = own_address() if lan else ""
        settings = _staged(settings, stage, port, address)
        appliance = build(settings, site, clock=clock, chance=system_chance, stage=stage)
        fingerprint = stack.enter_context(_phones(settings, address, port)) if lan else ""
        pin, tablet_code = _team(appliance)
        welcome = _Welcome(pin, tablet_code, address, fingerprint, shift)
        serve(appliance, bound, welcome=lambda url: _greet(site, settings, url, welcome))


def _staged(settings: Settings, stage: DemoStage, port: int, address: str) -> Settings:
    """Return the settings with the stage's camera and radio, and where phones come in."""
    recognition = settings.recognition
    host = f"{address}:{PORT}" if address else f"127.0.0.1:{port}"
    own = settings.listen.allowed_hosts or ("127.0.0.1", "localhost")
    hosts = (*own, address) if address else own
    return settings.model_copy(
        update={
            "listen": settings.listen.model_copy(update={"allowed_hosts": hosts}),
            "recognition": recognition.model_copy(
                update={
                    "phone_host": host,
                    "camera": recognition.camera.model_copy(
                        update={"source": recognition.camera.source or str(stage.picture)}
                    ),
                    "beacon": recognition.beacon.model_copy(
                        update={"adapter": recognition.beacon.adapter or stage.adapter}
                    ),
                }
            ),
        }
    )


@contextmanager
def _phones(settings: Settings, address: str, port: int) -> Iterator[str]:
    """Let phones in while it lasts; the value is the certificate's fingerprint."""
    folder = settings.data_folder / "lan"
    # The machine's own clock: a phone compares it with its own, not with the demo shop's.
    issued = issue(folder / "tls", (address, "127.0.0.1", "localhost"), system_clock())
    template = shipped(CONFIGURATION).read_text("utf-8")
    front = Front(template, Door(PORT, port, folder / "nginx"), issued)
    try:
        yield issued.fingerprint
    finally:
        front.close()


def _team(appliance: Appliance) -> tuple[str, str]:
    """Put the demo's team in place under a new PIN; return it, and a code to enrol a tablet."""
    if appliance.services.staff is None:
        return "", ""
    clock = appliance.services.clock  # the shop's: by it codes end
    pin = _pin()
    demo_staff(appliance.store, pin, clock=clock)
    return pin, TeamOffice(appliance.store, clock=clock).offer_tablet("demo tablet").code


def _pin() -> str:
    """Return a random PIN that is not one of those everybody guesses."""
    while True:
        pin = "".join(str(byte % 10) for byte in _even(PIN_DIGITS))
        try:
            refuse_weak(pin)
        except RequestContractError:
            continue
        return pin


def _even(count: int) -> list[int]:
    """Return random bytes below 250, so that every digit is equally likely."""
    found: list[int] = []
    while len(found) < count:
        found += [byte for byte in system_chance(count) if byte < 250]
    return found[:count]


def _greet(site: Site, settings: Settings, url: str, welcome: _Welcome) -> None:
    lines = [f"\n{site.header.name} is open. Start at {url}/\n"]
    if welcome.shift:
        lines.append(
            "The shop would be closed now or soon, so its clock says a quarter past noon.\n"
        )
    for screen in settings.screens:
        address = f"/board/{screen.id}" if screen.surface == "signage" else f"/{screen.surface}/"
        lines.append(f"  {screen.id:<12}{url}{address}")
    lines += [
        f'  {"phone":<12}{url}/p/   (a second window: touch "Use my tastes" at the kiosk first)',
        f"  {'ops':<12}{url}/ops/",
        f"  {'API':<12}{url}/api/v1/openapi.json",
        f"  {'metrics':<12}{url}/metrics",
        "",
        *_for_staff(welcome),
        *_for_phones(welcome),
        _what_is_simulated(settings),
        f"Data: {settings.data_folder} (delete it to start afresh). Ctrl-C stops.",
    ]
    click.echo("\n".join(lines))
    if welcome.phones:
        click.echo("")
        segno.make_qr(f"HTTPS://{welcome.phones}:{PORT}/P/").terminal(compact=True)


def _for_staff(welcome: _Welcome) -> list[str]:
    if not welcome.pin:
        return []
    enrol = f"Tablet: enrol it with {welcome.tablet_code} (within half an hour)"
    return [f"{enrol}, then sign in as Amira or Jonas, PIN {welcome.pin}."]


def _for_phones(welcome: _Welcome) -> list[str]:
    if not welcome.phones:
        return []
    return [
        f"Phones of this network: https://{welcome.phones}:{PORT}/p/ - accept the demo's own",
        f"certificate once; its fingerprint is {welcome.fingerprint}",
    ]


def _what_is_simulated(settings: Settings) -> str:
    radio = (
        "radio (simulated BlueZ)"
        if settings.recognition.beacon.adapter
        else "no radio (apt-get install dbus-daemon simulates one)"
    )
    broker = settings.mqtt.host
    delivery = (
        f"Delivering to the broker {broker}:{settings.mqtt.port}."
        if broker
        else "No broker: events wait in the outbox."
    )
    return f"Buttons on the phone page stand for hands: camera (a picture), {radio}. {delivery}"
