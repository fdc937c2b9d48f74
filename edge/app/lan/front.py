"""Debian's nginx before the service, for phones of the same network (``edge demo --lan``)."""

import shutil
import socket
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.app.lan.certificate import Issued
from edge.core.errors import DeviceUnavailableError

PORT: Final = 8443
CONFIGURATION: Final = "firmware_config/nginx/phones.conf"
_ENDS_WITHIN_S: Final = 5


@dataclass(frozen=True, slots=True)
class Door:
    """Where phones come in, and what stands behind it."""

    port: int
    upstream: int  # the service's own port on 127.0.0.1
    folder: Path  # for nginx's own files


def own_address() -> str:
    """Return this machine's address in the network it is in; 127.0.0.1 when it is in none.

    Nothing is sent: a datagram socket that is connected only looks up the way.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as looking:
        try:
            looking.connect(("192.0.2.1", 9))  # an address for documentation, RFC 5737
            address: str = looking.getsockname()[0]
        except OSError:
            return "127.0.0.1"
        return address


def configuration(template: str, door: Door, issued: Issued) -> str:
    """Return nginx's configuration for ``door``."""
    words = {
        "FOLDER": str(door.folder),
        "PORT": str(door.port),
        "UPSTREAM": str(door.upstream),
        "CERTIFICATE": str(issued.certificate),
        "KEY": str(issued.key),
    }
    for word, value in words.items():
        template = template.replace(f"@{word}@", value)
    return template


class Front:
    """The running nginx; ends with ``close``."""

    def __init__(self, template: str, door: Door, issued: Issued) -> None:
        """Start nginx.

        Raises:
            DeviceUnavailableError: It is not installed, or does not take the port.
        """
        found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
        if found is None:
            msg = "wanted nginx for phones over TLS, found none; run: apt-get install nginx-light"
            raise DeviceUnavailableError(msg)
        folder = door.folder.resolve()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = folder / "nginx.conf"
        file.write_text(configuration(template, door, issued), "utf-8")
        command = [found, "-p", str(folder), "-c", str(file)]
        checked = subprocess.run(  # noqa: S603 - our own file, no shell
            [*command, "-t"], capture_output=True, text=True, check=False, timeout=30
        )
        if checked.returncode != 0:
            msg = f"wanted nginx on port {door.port}, got: {checked.stderr.strip()[-300:]}"
            raise DeviceUnavailableError(msg)
        self._process = subprocess.Popen(command)  # noqa: S603 - the same

    @property
    def is_running(self) -> bool:
        """Whether nginx is there."""
        return self._process.poll() is None

    def close(self) -> None:
        """Let requests finish, then end nginx."""
        with suppress(ProcessLookupError):
            self._process.terminate()
        try:
            self._process.wait(_ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
