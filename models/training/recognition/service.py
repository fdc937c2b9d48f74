"""Run the appliance in a process of its own, over a data folder that knows the households."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from edge.app.run_commands import read_settings
from edge.app.server import bind
from edge.app.tickets.client import DecideClient
from edge.core.errors import UnavailableError

READY_WITHIN_S: Final = 120.0
_STOP_WITHIN_S: Final = 30.0
_PAUSE_S: Final = 0.1


def write_profile(folder: Path) -> Path:
    """Write the appliance's profile beside its shop, model and data; return the file."""
    folders = {"site_folder": "shop", "model_folder": "model", "data_folder": "data"}
    # A JSON string is a TOML basic string.
    lines = [f"{name} = {json.dumps(str(folder / inner))}" for name, inner in folders.items()]
    path = folder / "appliance.toml"
    text = ['device_id = "replay-1"', *lines, 'clock = "request"', 'log_level = "warning"']
    path.write_text("\n".join([*text, "", "[recognition]", "on = true", ""]), encoding="utf-8")
    return path


@contextmanager
def running(profile: Path, customers: int) -> Iterator[DecideClient]:
    """Yield a client of the started service, once it knows so many customers.

    Raises:
        UnavailableError: It ended, or did not get there in time; its log is beside the profile.
    """
    with bind(read_settings(profile, "kiosk", {"port": 0}).listen) as free:
        port = str(free.getsockname()[1])
    log = profile.with_suffix(".log")
    command = [sys.executable, "-m", "edge.app.main", "run"]
    with log.open("ab") as lines:
        service = subprocess.Popen(  # noqa: S603 - our own module, no shell
            [*command, "--config", str(profile), "--port", port], stdout=lines, stderr=lines
        )
    client = DecideClient(f"http://127.0.0.1:{port}")
    try:
        _wait(service, client, customers, log)
        yield client
    finally:
        client.close()
        service.terminate()
        service.wait(timeout=_STOP_WITHIN_S)


def _wait(
    service: "subprocess.Popen[bytes]", client: DecideClient, customers: int, log: Path
) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline and service.poll() is None:
        if _known(client) == customers:
            return
        time.sleep(_PAUSE_S)
    msg = f"wanted a service that knows {customers} customers, it did not come up; see {log}"
    raise UnavailableError(msg)


def _known(client: DecideClient) -> float | None:
    try:
        figures = client.health()["figures"]
    except UnavailableError:
        return None
    return figures.get("customers_known") if isinstance(figures, Mapping) else None
