"""A real PostgreSQL in a temporary folder, on a unix socket; it may be killed and come back.

initdb refuses root, so as root it runs as the user ``postgres`` that Debian's package makes.
"""

import contextlib
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import psycopg

from tests.fakes.broker import wait_until

_USER: Final = "postgres"
# Tests kill the server, not the machine: what it wrote the kernel keeps, synced or not.
_SETTINGS: Final = """
listen_addresses = ''
unix_socket_directories = '{folder}'
max_connections = 100
shared_buffers = 64MB
logging_collector = off
fsync = off
full_page_writes = off
"""


class PostgresServer:
    """One server with its data; ``url()`` makes a fresh database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._data = folder / "data"
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)

    def make(self) -> None:
        """Make the cluster, without the syncs that only a real one needs."""
        if os.geteuid() == 0:
            user = pwd.getpwnam(_USER)
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        self._run("initdb", "-D", str(self._data), "-U", _USER, "-A", "trust", "-N", "-E", "UTF8")
        with (self._data / "postgresql.conf").open("a") as file:
            file.write(_SETTINGS.format(folder=self.folder))

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._launch()
        wait_until(self._is_up, "PostgreSQL answers", within_s=30)

    def stop(self) -> None:
        """End it in order, without waiting for its clients."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """End all of it at once, as a power cut would."""
        self._end(signal.SIGKILL)

    def url(self, name: str | None = None) -> str:
        """Return the address of a fresh database, or of the one named."""
        if name is None:
            name = f"db{next(self._numbers)}"
            with psycopg.connect(self._address("postgres"), autocommit=True) as con:
                con.execute(f"CREATE DATABASE {name}".encode())
        return self._address(name)

    def _address(self, name: str) -> str:
        return f"host={self.folder} user={_USER} dbname={name}"

    def _launch(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._as_user([_program("postgres"), "-D", str(self._data)]),
                stdout=subprocess.DEVNULL,
                stderr=log,
            )

    def _is_up(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:  # the killed one's children still hold its memory
            self._launch()
        return self._answers()

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        # Its children see within moments that it is gone, and go.
        process.send_signal(how)
        process.wait(30)

    def _answers(self) -> bool:
        with (
            contextlib.suppress(psycopg.Error),
            psycopg.connect(self._address("postgres"), connect_timeout=2),
        ):
            return True
        return False

    def _run(self, *command: str) -> None:
        name, *rest = command
        subprocess.run(
            self._as_user([_program(name), *rest]), check=True, capture_output=True, timeout=60
        )

    def _as_user(self, command: list[str]) -> list[str]:
        if os.geteuid() != 0:
            return command
        return ["setpriv", f"--reuid={_USER}", f"--regid={_USER}", "--init-groups", *command]


@contextlib.contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """Run a server for the length of a ``with``; its socket's path must be short."""
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    server = PostgresServer(folder)
    try:
        server.make()
        server.start()
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)


def _program(name: str) -> str:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    assert found, f"{name} is not installed: apt-get install postgresql"
    return str(found[-1])
