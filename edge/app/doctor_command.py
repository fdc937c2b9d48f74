"""``edge doctor``: look at what the appliance needs, and say what to do about what is not there."""

import os
import platform
import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from errno import EADDRINUSE
from pathlib import Path

import click

from edge.app.load_model import read_package
from edge.app.load_site import load_site
from edge.app.shipped import shipped
from edge.catalog.check import warnings
from edge.core.errors import EdgeError, SiteContractError


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. ``what_to_do`` is empty when nothing is to be done."""

    part: str
    state: str  # ok, missing, taken, wrong
    detail: str
    what_to_do: str = ""


@click.command()
@click.option("--site", type=click.Path(path_type=Path), help="The shop's folder.")
@click.option("--model", type=click.Path(path_type=Path), help="The model package's folder.")
@click.option("--data", type=click.Path(path_type=Path), default=Path(".demo"), show_default=True)
@click.option("--port", type=int, default=8080, show_default=True)
def doctor(site: Path | None, model: Path | None, data: Path, port: int) -> None:
    """Check this machine, the shop and the model; exit code 1 when something stops a start."""
    site = site or shipped("firmware_config/sites/harbour_kitchen")
    model = model or shipped("models/factory")
    findings = [
        _python(),
        *_site(site),
        _model(model),
        _disk(data),
        _port(port),
        *_optional(),
    ]
    for found in findings:
        click.echo(f"{found.state:<8} {found.part:<10} {found.detail}")
        if found.what_to_do:
            click.echo(f"{'':<20}{found.what_to_do}")
    if any(found.state == "wrong" for found in findings):
        raise SystemExit(1)


def _python() -> Finding:
    running = f"Python {platform.python_version()} on {platform.machine()}"
    return Finding("python", "ok", running)


def _site(folder: Path) -> Iterator[Finding]:
    try:
        site = load_site(folder)
    except SiteContractError as error:
        count = len(error.mistakes)
        detail = f"{folder}: {count} mistake{'' if count == 1 else 's'}"
        yield Finding("site", "wrong", detail, f"`edge site check {folder}` lists them.")
        return
    yield Finding("site", "ok", f"{site.header.name}: {len(site.products)} products")
    found = warnings(site)
    if found:
        # A warning names its products, up to a screenful; the check's own list has the room.
        what = "; ".join(line.partition(":")[0] for line in found)
        yield Finding("site", "missing", what, f"`edge site check {folder}` lists them.")


def _model(folder: Path) -> Finding:
    try:
        package = read_package(folder)
    except EdgeError as error:
        return Finding("model", "wrong", str(error), "Screens would rank by popularity.")
    return Finding("model", "ok", f"{len(package.items)} items, {package.digest[:19]}")


def _disk(data: Path) -> Finding:
    place = next(path for path in (data, *data.resolve().parents) if path.exists())
    free_mib = shutil.disk_usage(place).free >> 20
    if not os.access(place, os.W_OK):
        return Finding("data", "wrong", f"{place} cannot be written", "Choose another with --data.")
    if free_mib < 1024:
        return Finding("data", "wrong", f"{free_mib} MiB free at {place}", "Free at least 1 GiB.")
    return Finding("data", "ok", f"{free_mib} MiB free at {place}")


def _port(port: int) -> Finding:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            # Perhaps by this very appliance, already running: nothing is broken.
            is_taken = error.errno == EADDRINUSE
            why = "taken, perhaps by a running appliance" if is_taken else error.strerror
            state = "taken" if is_taken else "missing"
            return Finding("port", state, f"{port}: {why}", "Choose another with --port.")
    return Finding("port", "ok", f"{port} is free")


def _optional() -> Iterator[Finding]:
    radio = any(Path("/sys/class/bluetooth").glob("hci*"))
    camera = any(Path("/dev").glob("video*"))
    for part, is_there, setting in (
        ("radio", radio, "recognition.beacon.adapter"),
        ("camera", camera, "recognition.camera.source"),
    ):
        detail = (
            f"present; used where {setting} names it" if is_there else "not here; nothing needs it"
        )
        yield Finding(part, "ok" if is_there else "missing", detail)
