"""What devices are told after the commit: all of it, many events in one word, few words at a time."""

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.central.bridge import acks as module
from edge.central.bridge.acks import FULL, LINGER_S, MOST_AT_ONCE, PAUSE_S, Acks, Place, Word
from edge.wire.acked import MAX_RUNS, Acked, read_acked
from edge.wire.lanes import Lane
from edge.wire.topics import CentralTopics, Topics
from tests.fakes.device_events import TENANT, Sender

KEY = Ed25519PrivateKey.from_private_bytes(b"a" * 32)
SENDER = Sender()


class Desk:
    """Acks whose time only moves when told."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.of = Acks(CentralTopics(TENANT), KEY.sign, lambda: self.now_s)

    def said(self, room: int = 20) -> list[Acked]:
        return [read(word) for word in self.of.take(room)]


def read(word: Word) -> Acked:
    device = orjson.loads(word.payload)["acked"]["device"]
    assert word.topic == Topics(TENANT, "harbour", device).acked
    key = KEY.public_key().public_bytes_raw()
    return read_acked(word.payload, central_key=key, tenant=TENANT, device=device)


def test_events_of_a_device_share_a_word_that_comes_after_a_moment() -> None:
    desk = Desk()
    assert desk.of.due_in_s() is None
    desk.of.written(SENDER.arrived([1, 2, 3]))
    desk.of.written(SENDER.but(lane=Lane.TRANSACTION).arrived([7]))
    desk.of.written(SENDER.arrived([3, 5]))  # 3 came again
    assert desk.of.due_in_s() == LINGER_S
    assert desk.said() == []
    desk.now_s += LINGER_S

    (acked,) = desk.said()
    assert acked.epoch == SENDER.epoch
    assert acked.lanes == {"e": ((1, 3), (5, 5)), "t": ((7, 7),)}
    assert desk.of.due_in_s() is None


def test_each_device_and_each_of_its_files_has_words_of_its_own() -> None:
    desk = Desk()
    for sender in (SENDER, SENDER.but(device="kiosk-02"), SENDER.but(epoch="cd" * 8)):
        desk.of.written(sender.arrived([1]))
    desk.now_s += LINGER_S

    assert {(one.device, one.epoch) for one in desk.said()} == {
        ("kiosk-01", "ab" * 8),
        ("kiosk-02", "ab" * 8),
        ("kiosk-01", "cd" * 8),
    }


def test_dead_letters_are_said_too() -> None:
    desk = Desk()
    desk.of.written([Place("kiosk-01", "ab" * 8, "t", 9)])
    desk.now_s += LINGER_S

    assert desk.said()[0].lanes == {"t": ((9, 9),)}


def test_a_device_that_drains_days_need_not_wait() -> None:
    desk = Desk()
    places = [Place("kiosk-01", "ab" * 8, "e", seq) for seq in range(1, FULL + 1)]
    desk.of.written(places[:-1])
    assert desk.of.due_in_s() == LINGER_S
    desk.of.written(places[-1:])
    assert desk.of.due_in_s() == 0

    assert desk.said()[0].lanes == {"e": ((1, FULL),)}
    assert desk.of.due_in_s() is None


def test_few_words_are_said_at_a_time_the_oldest_first() -> None:
    desk = Desk()
    names = [f"kiosk-{number:03d}" for number in range(MOST_AT_ONCE + 5)]
    desk.of.written(Place(name, "ab" * 8, "e", 1) for name in names)
    desk.now_s += LINGER_S

    assert [one.device for one in desk.said(room=3)] == names[:3]
    assert desk.of.due_in_s() == pytest.approx(PAUSE_S)
    desk.now_s += PAUSE_S
    assert [one.device for one in desk.said(room=99)] == names[3 : 3 + MOST_AT_ONCE]
    assert desk.said(room=0) == []


def test_many_gaps_take_several_words_and_all_is_said() -> None:
    desk = Desk()
    odd = list(range(1, 6 * MAX_RUNS, 2))
    desk.of.written(Place("kiosk-01", "ab" * 8, "e", seq) for seq in odd)
    desk.now_s += LINGER_S
    found: list[int] = []
    for _ in range(3):
        desk.now_s += PAUSE_S
        for acked in desk.said():
            found += [first for first, _ in acked.lanes["e"]]

    assert found == odd
    assert desk.of.due_in_s() is None


def test_what_is_too_much_is_not_noted_and_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_NOTED", 1000)
    desk = Desk()
    desk.of.written(Place("kiosk-01", "ab" * 8, "e", seq) for seq in range(1, 1010))

    assert desk.said()[0].lanes == {"e": ((1, 1000),)}
    desk.of.written([Place("kiosk-01", "ab" * 8, "e", 1001)])
    desk.now_s += LINGER_S
    assert desk.said()[0].lanes == {"e": ((1001, 1001),)}
