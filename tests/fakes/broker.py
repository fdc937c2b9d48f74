"""A real Mosquitto on a free port, and central's side of it: a subscriber that keeps its session.

Nothing here pretends: tests that use it are marked ``broker``.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import orjson

from edge.wire.compressed import inflate

EVENTS: Final = "instore/v1/+/d/+/up/ev/#"
_WITHIN_S: Final = 10.0
_READY: Final = "test/ready"

_CONFIG: Final = """
listener {port} 127.0.0.1
allow_anonymous true
persistence {persistence}
persistence_location {folder}/
max_packet_size 1048576
max_inflight_messages 20
max_queued_messages 0
max_queued_bytes 0
log_type none
{more}
"""


class Broker:
    """Mosquitto with a fixed port, so that it can go away and come back."""

    def __init__(self, folder: Path, *, more: str = "", keeps: bool = False) -> None:
        self.folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        if os.geteuid() == 0:
            more += "\nuser root"  # else it changes to a user who may not read the folder
        self._config = folder / "mosquitto.conf"
        self._config.write_text(
            _CONFIG.format(
                port=self.port,
                folder=folder,
                persistence="true" if keeps else "false",
                more=more,
            )
        )

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._process = subprocess.Popen(
            [program("mosquitto"), "-c", str(self._config)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(self._answers, "the broker answers")

    def stop(self) -> None:
        """End it in order; with ``keeps`` it writes its sessions down."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it without a chance to write anything."""
        self._end(signal.SIGKILL)

    def retain(self, topic: str, payload: bytes) -> None:
        """Publish what the broker keeps for whoever comes later."""
        subprocess.run(
            [
                *(program("mosquitto_pub"), "-V", "5", "-q", "1", "-r", "-p", str(self.port)),
                *("-t", topic, "-s"),
            ],
            input=payload,
            check=True,
            timeout=_WITHIN_S,
        )

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(how)
            process.wait(_WITHIN_S)

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.2):
            return True
        return False


class Central:
    """Central's side: ``mosquitto_sub`` with a lasting session, writing what it gets to a file."""

    def __init__(self, broker: Broker, topic: str = EVENTS, client_id: str = "central") -> None:
        self._broker = broker
        self._topic = topic
        self._client_id = client_id
        self._path = broker.folder / f"{client_id}.out"
        self._path.touch()
        self._process: subprocess.Popen[bytes] | None = None

    def listen(self) -> None:
        """Start, and wait until the broker has granted the subscription."""
        self._broker.retain(_READY, b"ready")
        with self._path.open("ab") as out:
            before = out.tell()
            self._process = subprocess.Popen(
                [
                    *(program("mosquitto_sub"), "-V", "5", "-q", "1", "-c", "-x", "86400"),
                    *("-p", str(self._broker.port), "-i", self._client_id),
                    *("-t", self._topic, "-t", _READY, "-F", "%t\t%r\t%C\t%P\t%x"),
                ],
                stdout=out,
            )
        # The retained message comes once the subscription, which stands before it, is granted.
        wait_until(
            lambda: _READY.encode() in self._path.read_bytes()[before:], "central has subscribed"
        )

    def leave(self) -> None:
        """Stop; the broker keeps what comes meanwhile."""
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            process.wait(_WITHIN_S)

    def messages(self) -> list[tuple[str, bool, str, bytes]]:
        """Return (topic, is retained, content type, payload) of every message so far."""
        found = []
        for line in self._path.read_text().split("\n")[:-1]:  # the last is still being written
            topic, retained, content_type, properties, payload = line.split("\t")
            if topic != _READY:
                encoding = properties.partition("content-encoding:")[2].strip()
                opened = inflate(bytes.fromhex(payload), encoding)
                found.append((topic, retained == "1", content_type, opened))
        return found

    def events(self) -> list[dict[str, Any]]:
        """Return every event so far, repeats included, in the order of arrival."""
        found: list[dict[str, Any]] = []
        for _, _, _, payload in self.messages():
            with contextlib.suppress(orjson.JSONDecodeError):
                parsed = orjson.loads(payload)
                found += parsed if isinstance(parsed, list) else [parsed]
        return found

    def ids(self) -> list[str]:
        """Return the ids of ``events``."""
        return [event["id"] for event in self.events()]


@contextlib.contextmanager
def running_broker(folder: Path, *, more: str = "", keeps: bool = False) -> Iterator[Broker]:
    """Run a broker for the length of a ``with``."""
    broker = Broker(folder, more=more, keeps=keeps)
    try:
        broker.start()
        yield broker
    finally:
        broker.kill()


@contextlib.contextmanager
def listening(broker: Broker, topic: str = EVENTS, client_id: str = "central") -> Iterator[Central]:
    """Run a subscriber for the length of a ``with``."""
    central = Central(broker, topic, client_id)
    try:
        central.listen()
        yield central
    finally:
        central.leave()


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def wait_until(is_so: Callable[[], object], what: str, within_s: float = _WITHIN_S) -> None:
    """Return when ``is_so()``; a process on the other side has no clock to set."""
    end = time.monotonic() + within_s
    while not is_so():
        if time.monotonic() > end:
            raise AssertionError(f"waited {within_s:.0f} s until {what}")
        time.sleep(0.01)


def program(name: str) -> str:
    path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin")
    assert path is not None, f"{name} is not installed: apt-get install mosquitto mosquitto-clients"
    return path
