"""The bridge as processes of its own that can be killed, and a device's side of the broker.

Python takes longer to start than the bridge to begin working, so one process has imported
everything, and each bridge is a fork of it: a kill of it is a real ``kill -9``.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from typing import IO

from edge.central.bridge.reading import Incoming
from edge.central.bridge.service import Plan, calm_the_collector, run
from edge.central.bridge.taken import Pace
from edge.core.chance import system_chance
from edge.core.clock import SettableClock
from edge.sync.mqtt import BrokerAddress, Handlers, MqttConnection, Received
from edge.wire.topics import CentralTopics
from tests.fakes.broker import Broker, wait_until
from tests.fakes.device_events import NOON, TENANT


def plan(port: int, database: str, worker: str = "bridge-1", pace: Pace | None = None) -> Plan:
    """A bridge between a broker and a database of this machine."""
    return Plan(
        BrokerAddress("127.0.0.1", port, worker),
        CentralTopics(TENANT),
        database,
        pace=pace or Pace(longest_pause_s=0.5),
    )


class Bridges:
    """Starts bridges and kills them."""

    def __init__(self, port: int, database: str, pace: Pace) -> None:
        facts = [port, database, pace.most_messages, pace.linger_s, pace.longest_pause_s]
        self._mother = subprocess.Popen(
            [sys.executable, "-m", "tests.fakes.bridge", json.dumps(facts)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, worker: str = "bridge-1") -> int:
        """Start one and return its process id."""
        _of(self._mother.stdin).write(f"start {worker}\n")
        _of(self._mother.stdin).flush()
        return int(_of(self._mother.stdout).readline())

    def kill(self, pid: int) -> None:
        """Kill -9."""
        self._end(pid, "kill")

    def stop(self, pid: int) -> None:
        """Ask it to end, and wait until it has."""
        self._end(pid, "stop")

    def close(self) -> None:
        _of(self._mother.stdin).close()
        _of(self._mother.stdout).close()
        assert self._mother.wait(20) == 0

    def _end(self, pid: int, how: str) -> None:
        _of(self._mother.stdin).write(f"{how} {pid}\n")
        _of(self._mother.stdin).flush()
        assert int(_of(self._mother.stdout).readline()) == pid


@contextlib.contextmanager
def bridges(port: int, database: str, pace: Pace) -> Iterator[Bridges]:
    """Bridges for the length of a ``with``; whoever still runs is killed at its end."""
    made = Bridges(port, database, pace)
    try:
        yield made
    finally:
        made.close()


@contextlib.contextmanager
def running_bridge(plan: Plan) -> Iterator[None]:
    """A bridge in a thread of this process, for the length of a ``with``."""
    stopped = threading.Event()
    thread = threading.Thread(target=run, args=(plan, SettableClock(NOON), system_chance, stopped))
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()


class Devices:
    """Whoever publishes: the broker of these tests lets one client speak for all devices."""

    def __init__(self, broker: Broker) -> None:
        self._unanswered: set[int] = set()
        self._broker = broker
        self.unheard = 0
        """Messages that nobody was subscribed to."""
        self._link = MqttConnection(
            BrokerAddress("127.0.0.1", broker.port, "devices"),
            Handlers(lambda limits: None, lambda why: None, self._answered, _ignored),
            system_chance,
        )
        self._link.connect(None, b"")
        wait_until(lambda: self._link.step(0.01) and self._link.is_connected, "devices connect")

    def publish(self, messages: Sequence[Incoming]) -> None:
        """Publish and wait until the broker has them all."""
        for one in messages:
            self._unanswered.add(self._link.publish(one.topic, one.payload, encoding=one.encoding))
        wait_until(lambda: self._link.step(0.01) and not self._unanswered, "all is published")

    def close(self) -> None:
        self._link.disconnect()
        self._link.close()

    def _answered(self, number: int, reason: int) -> None:
        self._unanswered.discard(number)
        self.unheard += reason == 0x10


def _ignored(_received: Received) -> None:
    pass


def _of(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


# ---- the mother of bridges ------------------------------------------------------------------


def _mother(facts: str) -> None:
    port, database, most, linger_s, longest_pause_s = json.loads(facts)
    pace = Pace(most, linger_s, longest_pause_s=longest_pause_s)
    alive: set[int] = set()
    for line in sys.stdin:
        what, name = line.split()
        if what == "start":
            pid = os.fork()
            if pid == 0:
                _bridge(plan(port, database, name, pace))
            alive.add(pid)
        else:
            pid = int(name)
            os.kill(pid, signal.SIGKILL if what == "kill" else signal.SIGTERM)
            os.waitpid(pid, 0)
            alive.discard(pid)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
    for pid in alive:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _bridge(plan: Plan) -> None:
    sys.stdin.close()
    calm_the_collector()
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: stopped.set())
    code = 1
    try:
        run(plan, SettableClock(NOON), system_chance, stopped)
        code = 0
    finally:
        os._exit(code)


if __name__ == "__main__":
    _mother(sys.argv[1])
