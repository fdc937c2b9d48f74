"""Two shops and their three devices, each enrolled with a claim of its own.

quay     quay-kiosk, quay-board     share through the shop's own broker
station  station-kiosk              alone
"""

import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.central.demo.central import TENANT, Central
from edge.central.demo.place import HOST, DemoPlace, answers, free_port
from edge.central.demo.programs import EDGE, Program, edge, fleet
from edge.core.shipped import shipped

QUAY: Final = "harbour-quay"
STATION: Final = "harbour-station"
_SITE: Final = "firmware_config/sites/harbour_kitchen"
_NAMES: Final[Mapping[str, str]] = {
    QUAY: "Harbour Kitchen Quay",
    STATION: "Harbour Kitchen Station",
}


@dataclass(frozen=True, slots=True)
class DeviceIs:
    """Which device it is, and what a person looks at."""

    name: str
    site: str
    profile: str
    screens: tuple[str, ...]
    """Paths of its pages."""
    placement: str
    """Where shoppers meet offers here."""
    screen: str


DEVICES: Final = (
    DeviceIs("quay-kiosk", QUAY, "kiosk", ("/kiosk?screen=kiosk-1",), "kiosk-strip", "kiosk-1"),
    DeviceIs(
        *("quay-board", QUAY, "signage", ("/board/board-1", "/board/board-2")),
        *("board-hero", "board-1"),
    ),
    DeviceIs(
        *("station-kiosk", STATION, "kiosk", ("/kiosk?screen=kiosk-1",)),
        *("kiosk-strip", "kiosk-1"),
    ),
)


@dataclass(slots=True)
class Device:
    """One device as it runs."""

    about: DeviceIs
    port: int
    data: Path
    profile: Path
    program: Program | None = None

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://{HOST}:{self.port}"


def write_sites(place: DemoPlace) -> None:
    """Make two shops of the one that is delivered; both are open whenever the demo runs."""
    for site, name in _NAMES.items():
        folder = place.folder / "shops" / site / "site"
        shutil.copytree(shipped(_SITE), folder)
        header = folder / "site.yaml"
        text = re.sub(r"^site: .*$", f"site: {site}", header.read_text("utf-8"), flags=re.MULTILINE)
        text = re.sub(r"^tenant: .*$", f"tenant: {TENANT}", text, flags=re.MULTILINE)
        text = re.sub(r"^name: .*$", f"name: {name}", text, flags=re.MULTILINE)
        text = re.sub(r'opens: "[^"]*", closes: "[^"]*"', 'opens: "00:00", closes: "23:59"', text)
        header.write_text(text, "utf-8")


def join(place: DemoPlace, central: Central, wanted: Sequence[DeviceIs] = DEVICES) -> list[Device]:
    """Enrol every device with a claim that works once; its key is made where it will run."""
    shop_port = free_port()
    made: list[Device] = []
    for number, about in enumerate(wanted, 1):
        folder = place.below("shops", about.site, about.name)
        device = Device(
            about, free_port(central.port + number), folder / "data", folder / "profile.toml"
        )
        config = ("--config", central.settings_file)
        claim = ("provision", "claim", *config, about.site, about.name, "--usb", folder)
        fleet(*claim)
        edge("enrol", "--claim", folder / "claim.toml", "--data", device.data)
        device.profile.write_text(_profile(about, device, shop_port), "utf-8")
        made.append(device)
    if any(about.site == QUAY for about in wanted):
        _open_shop_broker(place, central, shop_port)
    return made


def start(central: Central, devices: list[Device]) -> None:
    """Start every device and wait until each answers."""
    for device in devices:
        run = (*EDGE, "run", "--config", str(device.profile))
        device.program = central.programs.start(device.about.name, *run, stays=True)
    for device in devices:
        central.programs.wait_until(
            lambda port=device.port: answers(port),  # type: ignore[misc] # bound now
            f"{device.about.name} answers",
        )
        if device.program is not None:
            device.program.has_been_up = True


def _open_shop_broker(place: DemoPlace, central: Central, port: int) -> None:
    folder = place.below("shops", QUAY, "broker")
    place.below("shops", QUAY, "broker", "data")
    central.broker_files(folder, port, QUAY)
    central.start_broker("quay-broker", folder, port)


def _profile(about: DeviceIs, device: Device, shop_port: int) -> str:
    text = shipped(f"firmware_config/profiles/{about.profile}.toml").read_text("utf-8")
    site = device.profile.parent.parent / "site"
    values: dict[str, object] = {
        "device_id": about.name,
        "site_folder": str(site),
        "data_folder": str(device.data),
        "demo": True,
        "listen.port": device.port,
        "mqtt.reconnect_spread_s": 5,
        "update.poll_minutes": 1,
        "recognition.phone_host": f"{HOST}:{device.port}",
    }
    if about.site == QUAY:
        values |= {"lan.on": True, "lan.host": HOST, "lan.port": shop_port, "lan.tls": "mutual"}
    return changed(text, values)


def changed(profile: str, values: Mapping[str, object]) -> str:
    """Return a profile with other values, its words and order as they were."""
    left, group, lines = dict(values), "", []
    for line in profile.splitlines():
        if found := re.fullmatch(r"\[+([a-z.]+)\]+\s*", line):
            group = f"{found[1]}."
        setting = re.match(r"([a-z_]+)\s*=", line)
        name = f"{group}{setting[1]}" if setting else ""
        lines.append(
            f"{setting[1]} = {_toml(left.pop(name))}" if setting and name in left else line
        )
    assert not left, f"not in the profile: {sorted(left)}"
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case _:
            return f'"{value}"'
