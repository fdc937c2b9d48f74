"""The thread that keeps PostgreSQL and the broker in step.

What devices say goes in, what they are told comes out. It may end at any moment and be started
again, here or elsewhere.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from edge.central.fleet.devices import commands, configs, rows
from edge.central.fleet.devices.heard import Heard
from edge.central.fleet.devices.link import MAX_WAITING, Link, LinkParts, Message
from edge.central.fleet.rollout.publishing import Publishing
from edge.central.postgres import Connection, Refused, connect, storing
from edge.core.errors import UnavailableError
from edge.wire.command import Sign

log = logging.getLogger(__name__)

STORE_EVERY_S: Final = 0.25
SPEAK_EVERY_S: Final = 0.5
_PAUSE_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class WatchParts:
    """What the watch is made of; without ``sign`` no commands are sent."""

    database: str
    link: LinkParts
    publishing: Publishing | None = None
    sign: Sign | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What the broker is to confirm: a command by its id, or a device's configuration."""

    what: str
    whom: str
    version: int = 0


class Watch:
    """Hears and speaks until it is told to stop. One per tenant at a time per certificate."""

    def __init__(self, parts: WatchParts) -> None:
        self._parts = parts
        self._link = Link(parts.link)
        self._monotonic = parts.link.monotonic
        self._store_at_s = 0.0
        self._speak_at_s = 0.0
        self._under_way: set[Told] = set()
        self._confirmed: list[Told] = []
        self._connections = 0
        self.stored = 0

    @property
    def is_listening(self) -> bool:
        """Say whether the broker is there."""
        return self._link.is_ready

    def run(self, is_stopping: Callable[[], bool]) -> None:
        """Go on until ``is_stopping``; a database that is away is waited for."""
        try:
            while not is_stopping():
                try:
                    with connect(self._parts.database, name="instore-fleet-watch") as con:
                        while not is_stopping():
                            self._turn(con)
                except UnavailableError as error:
                    log.warning("%s", error)
                    time.sleep(_PAUSE_S)
        finally:
            self._link.close()

    def _turn(self, con: Connection) -> None:
        self._link.step(0.1)
        now_s = self._monotonic()
        waiting = len(self._link.waiting.received)
        if waiting and (now_s >= self._store_at_s or waiting >= MAX_WAITING):
            self._store_at_s = now_s + STORE_EVERY_S
            self._store(con)
        if self._link.is_ready and now_s >= self._speak_at_s:
            self._speak_at_s = now_s + SPEAK_EVERY_S
            with storing():
                self._speak(con)

    def _store(self, con: Connection) -> None:
        waiting = self._link.taken()
        try:
            with storing():
                try:
                    with con.transaction(), con.cursor() as cur:
                        rows.take(cur, waiting.heard)
                except Refused:
                    for one in waiting.heard:
                        _store_alone(con, one)
        except UnavailableError:
            # Back where it was: acknowledged only when it is stored.
            self._link.waiting.heard[:0] = waiting.heard
            self._link.waiting.received[:0] = waiting.received
            raise
        self._link.acknowledge(waiting)
        self.stored += len(waiting.heard)

    def _speak(self, con: Connection) -> None:
        self._note_confirmed(con)
        now = self._parts.link.clock()
        topics = self._parts.link.topics
        if self._parts.sign is not None:
            for one in commands.ready(con, topics.tenant, self._parts.sign, now):
                self._say(
                    Told("command", one.command_id),
                    Message(topics.to(one.device, "cmd"), one.payload, expiry_s=one.life_s),
                )
        for device, version, payload in configs.unsent(con):
            message = Message(topics.to(device, "config"), payload, retain=True)
            self._say(Told("config", device, version), message)
        if self._parts.publishing is not None:
            self._parts.publishing.ring_open(self._ring)

    def _ring(self, ring: str, payload: bytes) -> None:
        # Not waited for: who does not hear it polls.
        topic = self._parts.link.topics.doorbell(ring)
        self._link.say(Message(topic, payload, retain=True), lambda: None)

    def _say(self, told: Told, message: Message) -> None:
        if self._connections != self._link.connections:
            self._connections = self._link.connections
            self._under_way.clear()
        if told not in self._under_way:
            self._under_way.add(told)
            self._link.say(message, lambda: self._confirmed.append(told))

    def _note_confirmed(self, con: Connection) -> None:
        now = self._parts.link.clock()
        while self._confirmed:
            told = self._confirmed[0]
            if told.what == "command":
                commands.sent(con, told.whom, now)
            else:
                configs.sent(con, told.whom, told.version, now)
            self._confirmed.pop(0)
            self._under_way.discard(told)


def _store_alone(con: Connection, heard: Heard) -> None:
    try:
        with con.transaction(), con.cursor() as cur:
            rows.take(cur, [heard])
    except Refused as error:
        log.warning("not stored, from %s: %s", heard.device, str(error).splitlines()[0])
