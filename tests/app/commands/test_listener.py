"""Commands: signed, at most once in effect, always answered."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from edge.app.commands.listener import Arguments, CommandParts, TakeCommands
from edge.core.clock import SettableClock
from edge.core.errors import RequestContractError, TrustError, WireContractError
from edge.store.store import Store
from edge.sync.mqtt import Received
from edge.wire.command_result import CommandResult, read_result
from tests.fakes.central_commands import TOPICS, CentralCommands
from tests.fakes.recorded import NOON, open_store

KEY = CentralCommands().public


@dataclass
class Device:
    """A device that notes what it did and said."""

    store: Store
    done: list[Arguments] = field(default_factory=list)
    said: list[tuple[str, CommandResult, bytes]] = field(default_factory=list)
    clock: SettableClock = field(default_factory=lambda: SettableClock(NOON))

    def answer(self, topic: str, payload: bytes, correlation: bytes = b"") -> None:
        self.said.append((topic, read_result(payload), correlation))

    def work(self, arguments: Arguments) -> Mapping[str, object]:
        self.done.append(arguments)
        if arguments.get("fail"):
            msg = "lines: wanted 1 to 100, got 0"
            raise RequestContractError(msg)
        if arguments.get("break"):
            msg = "somebody's name"
            raise ZeroDivisionError(msg)
        return {"times": len(self.done)}

    def hear(self, payload: bytes, response_topic: str = "", correlation: bytes = b"") -> None:
        # Made anew for each message, as after a restart: nothing may live in memory alone.
        parts = CommandParts(self.store.commands, TOPICS, KEY, self.clock, self.answer)
        received = Received(
            TOPICS.commands, payload, response_topic=response_topic, correlation=correlation
        )
        TakeCommands(parts, {"refresh": self.work, "log-tail": self.work}).heard(received)


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Device]:
    made = Device(open_store(tmp_path))
    yield made
    made.store.close()


def test_a_command_is_carried_out_and_answered_on_its_own_topic(device: Device) -> None:
    device.hear(CentralCommands().make("refresh", {"n": 3}))

    assert device.done == [{"n": 3}]
    ((topic, result, _),) = device.said
    assert topic == TOPICS.result(result.command_id)
    assert (result.name, result.outcome, result.data) == ("refresh", "done", {"times": 1})


def test_the_same_command_again_gets_the_same_answer_and_does_nothing(device: Device) -> None:
    payload = CentralCommands().make("refresh")
    device.hear(payload)
    device.clock.advance(timedelta(minutes=5))
    device.hear(payload)

    assert len(device.done) == 1
    assert device.said[0] == device.said[1]


def test_an_answer_carries_what_the_asker_wants_it_to_carry(device: Device) -> None:
    wanted = TOPICS.result("ticket-7")
    device.hear(CentralCommands().make("refresh"), wanted, b"ticket 7")

    ((topic, _, correlation),) = device.said
    assert (topic, correlation) == (wanted, b"ticket 7")


@pytest.mark.parametrize("elsewhere", [TOPICS.status, TOPICS.events("t"), "instore/v1/x"])
def test_an_answer_never_goes_where_other_words_are_expected(
    device: Device, elsewhere: str
) -> None:
    device.hear(CentralCommands().make("refresh"), elsewhere)

    assert device.said[0][0] == TOPICS.result(device.said[0][1].command_id)


def test_an_older_command_is_not_carried_out_after_a_newer_one(device: Device) -> None:
    central = CentralCommands()
    older, newer = central.make("refresh"), central.make("refresh")
    device.hear(newer)
    with pytest.raises(TrustError, match="a repeat or older"):
        device.hear(older)

    assert len(device.done) == len(device.said) == 1


def test_a_taken_id_with_another_number_is_refused(device: Device) -> None:
    central = CentralCommands()
    first = central.make("refresh", command_id="01900000-0000-7000-8000-00000000000a")
    second = central.make("refresh", command_id="01900000-0000-7000-8000-00000000000a")
    device.hear(first)
    with pytest.raises(TrustError):
        device.hear(second)

    assert len(device.done) == 1


def test_what_central_did_not_sign_is_neither_done_nor_answered(device: Device) -> None:
    payload = CentralCommands().make("refresh")
    with pytest.raises(TrustError):
        device.hear(payload.replace(b"refresh", b"retry"))
    for nonsense in (b"", b"[]", b'{"command":3}', b'{"command":{"command_id":[]}}', b"\xff" * 99):
        with pytest.raises((WireContractError, TrustError)):
            device.hear(nonsense)

    assert (device.done, device.said) == ([], [])
    device.hear(payload)
    assert len(device.done) == 1


def test_an_expired_command_is_neither_done_nor_answered_even_if_it_was_taken(
    device: Device,
) -> None:
    payload = CentralCommands().make("refresh")
    device.hear(payload)
    device.clock.advance(timedelta(minutes=10))
    with pytest.raises(TrustError):
        device.hear(payload)

    assert len(device.said) == 1


def test_a_command_that_fails_says_why_and_is_not_tried_again(device: Device) -> None:
    payload = CentralCommands().make("log-tail", {"fail": True})
    device.hear(payload)
    device.hear(payload)

    assert len(device.done) == 1
    assert [result.outcome for _, result, _ in device.said] == ["failed", "failed"]
    assert device.said[0][1].detail == "lines: wanted 1 to 100, got 0"


def test_a_mistake_of_ours_tells_its_kind_and_no_more(device: Device) -> None:
    device.hear(CentralCommands().make("refresh", {"break": True}))

    assert device.said[0][1].detail == "ZeroDivisionError"


def test_a_command_without_anything_to_do_it_with_is_answered(device: Device) -> None:
    device.hear(CentralCommands().make("retry"))

    assert device.said[0][1].outcome == "failed"


# ---- the power goes --------------------------------------------------------------------------


def killed(folder: Path, where: str) -> list[str]:
    """Let a process of its own take the command until it is killed; return what it printed."""
    child = Path(__file__).with_name("command_child.py")
    ended = subprocess.run(
        [sys.executable, child, folder, where], capture_output=True, text=True, check=False
    )
    assert ended.returncode == -9, ended.stderr
    return ended.stdout.split()


@pytest.mark.parametrize(
    ("where", "effects", "outcome"),
    [
        ("before the row", 1, "done"),
        ("before the effect", 0, "unknown"),
        ("after the effect", 1, "unknown"),
        ("after the result", 1, "done"),
    ],
)
def test_whenever_the_power_goes_a_command_has_its_effect_at_most_once_and_is_answered(
    tmp_path: Path, where: str, effects: int, outcome: str
) -> None:
    before = killed(tmp_path, where).count("effect")
    device = Device(open_store(tmp_path))
    payload = CentralCommands().make("refresh")
    device.hear(payload)
    device.hear(payload)
    device.store.close()

    assert before + len(device.done) == effects
    assert [result.outcome for _, result, _ in device.said] == [outcome, outcome]
