"""Somebody rang."""

from edge.app.commands.doorbell import WITHIN_S, Doorbell
from edge.sync.mqtt import Received

RING = Received("ring", b"whatever")


class Door:
    """A doorbell and a clock that only moves when told."""

    def __init__(self, share: bytes = b"\x80") -> None:
        self.now_s = 100.0
        self.looks = 0
        self.bell = Doorbell(lambda size: share * size, monotonic=lambda: self.now_s)
        self.bell.look = self._look

    def _look(self) -> None:
        self.looks += 1


def test_a_ring_makes_it_look_within_a_minute_and_not_at_once() -> None:
    door = Door()
    door.bell.rung(RING)
    door.bell.tick()
    assert door.looks == 0

    door.now_s += WITHIN_S / 2 + 1
    door.bell.tick()
    door.bell.tick()
    assert door.looks == 1


def test_ringing_all_the_time_neither_hurries_nor_delays_it() -> None:
    door = Door()
    for _ in range(600):
        door.bell.rung(RING)
        door.bell.tick()
        door.now_s += 0.1

    assert door.looks == 1


def test_a_fleet_does_not_come_at_once() -> None:
    due = []
    for n in range(256):
        door = Door(bytes([n]))
        door.bell.rung(RING)
        while not door.looks:
            door.now_s += 0.25
            door.bell.tick()
        due.append(door.now_s)

    assert max(due) - min(due) > 58


def test_a_signed_wish_is_met_at_once_and_settles_the_ring() -> None:
    door = Door()
    door.bell.rung(RING)
    door.bell.at_once()
    door.now_s += WITHIN_S
    door.bell.tick()

    assert door.looks == 1


def test_nobody_rang() -> None:
    door = Door()
    door.now_s += 1e6
    door.bell.tick()

    assert door.looks == 0
