"""A D-Bus of one's own, so that a machine without a radio (and without root) can have a BlueZ.

``dbus-daemon`` as Debian ships it, with a configuration that lets one user do everything and
nobody else connect. What should find the BlueZ on it is started with ``DBUS_SYSTEM_BUS_ADDRESS``.
"""

import os
import selectors
import shutil
import subprocess
from pathlib import Path
from typing import Final

from edge.core.errors import DeviceUnavailableError

SYSTEM_BUS: Final = "DBUS_SYSTEM_BUS_ADDRESS"
"""The environment variable that says where the system's bus is."""
_READY_S: Final = 10.0
_CONFIG: Final = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


class PrivateBus:
    """A bus in ``folder``; it can be started again at the same address."""

    def __init__(self, folder: Path) -> None:
        self._config = folder / "bus.conf"
        self._socket = folder / "bus"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """The value of DBUS_SYSTEM_BUS_ADDRESS."""
        return f"unix:path={self._socket}"

    def start(self) -> None:
        """Start it and wait until it listens.

        Raises:
            DeviceUnavailableError: There is no dbus-daemon, or it ended.
        """
        program = daemon()
        if program is None:
            msg = "wanted the program dbus-daemon, found none; install it: apt-get install dbus"
            raise DeviceUnavailableError(msg)
        self._config.write_text(_CONFIG.format(socket=self._socket), "utf-8")
        self._socket.unlink(missing_ok=True)
        self._process = subprocess.Popen(  # noqa: S603 - a program of the system's own
            [
                program,
                f"--config-file={self._config}",
                "--nofork",
                "--nopidfile",
                "--print-address",
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "LC_ALL": "C"},
        )
        if not _says_something(self._process):
            self.stop()
            msg = f"wanted dbus-daemon to listen at {self._socket}, it did not within {_READY_S} s"
            raise DeviceUnavailableError(msg)

    def stop(self) -> None:
        """End it; every connection is lost."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


def daemon() -> str | None:
    """Return the path of dbus-daemon, if it is installed."""
    return shutil.which("dbus-daemon")


def _says_something(process: "subprocess.Popen[bytes]") -> bool:
    with selectors.DefaultSelector() as waiting:
        assert process.stdout is not None
        waiting.register(process.stdout, selectors.EVENT_READ)
        return bool(waiting.select(_READY_S)) and bool(process.stdout.readline())
