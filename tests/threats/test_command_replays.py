"""Attacks by whoever may write to a device's topic of commands, or recorded what was written there."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from edge.app.commands.listener import CommandParts, TakeCommands
from edge.core.clock import SettableClock
from edge.core.errors import TrustError
from edge.store.store import Store
from edge.sync.mqtt import Received
from edge.wire.topics import Topics
from tests.fakes.central_commands import TOPICS, CentralCommands
from tests.fakes.recorded import NOON, open_store

KEY = CentralCommands().public


@dataclass
class Shop:
    """One device over several starts: how often it obeyed, and where it answered."""

    folder: Path
    topics: Topics = TOPICS
    obeyed: int = 0
    answered_on: list[str] = field(default_factory=list)
    clock: SettableClock = field(default_factory=lambda: SettableClock(NOON))

    def _work(self, _arguments: object) -> dict[str, object]:
        self.obeyed += 1
        return {}

    def hear(self, store: Store, payload: bytes, response_topic: str = "") -> None:
        def answer(topic: str, payload: bytes, correlation: bytes = b"") -> None:
            assert payload
            assert not correlation
            self.answered_on.append(topic)

        parts = CommandParts(store.commands, self.topics, KEY, self.clock, answer)
        received = Received(self.topics.commands, payload, response_topic=response_topic)
        TakeCommands(parts, {"restart-ui": self._work}).heard(received)

    def run(self, *payloads: bytes) -> None:
        """Start, hear, stop."""
        store = open_store(self.folder, self.clock)
        try:
            for payload in payloads:
                self.hear(store, payload)
        finally:
            store.close()


def _tear(folder: Path) -> None:
    path = folder / "edge.db"
    data = bytearray(path.read_bytes())
    data[: len(data) // 2] = b"\xa5" * (len(data) // 2)
    path.write_bytes(data)


def _lose(folder: Path) -> None:
    for path in folder.glob("edge.db*"):
        path.unlink()


def _go_back(folder: Path) -> None:
    for path in folder.glob("edge.db*"):
        path.unlink()
    for path in (folder.parent / "before").glob("edge.db*"):
        shutil.copy(path, folder)


@pytest.mark.parametrize("harm", [_tear, _lose, _go_back])
def test_a_recorded_command_does_nothing_after_the_database_was_lost(
    tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    shop, central = Shop(tmp_path / "data"), CentralCommands()
    shop.run()
    shutil.copytree(shop.folder, tmp_path / "before")
    recorded = [central.make("restart-ui") for _ in range(3)]
    shop.run(*recorded)
    assert shop.obeyed == 3
    harm(shop.folder)
    shop.clock.advance(timedelta(minutes=1))

    for payload in recorded:
        with pytest.raises(TrustError, match="a repeat or older"):
            shop.run(payload)

    assert shop.obeyed == 3
    shop.run(central.make("restart-ui"))
    assert shop.obeyed == 4  # and what is new is still taken


@pytest.mark.parametrize(
    "other",
    [
        Topics("demo", "harbour", "kiosk-02"),
        Topics("demo", "station", "kiosk-01"),
        Topics("other", "harbour", "kiosk-01"),
    ],
)
def test_a_recorded_command_does_nothing_at_another_device_site_or_tenant(
    tmp_path: Path, other: Topics
) -> None:
    payload = CentralCommands().make("restart-ui")
    shop = Shop(tmp_path, topics=other)
    with pytest.raises(TrustError, match="another device"):
        shop.run(payload)
    assert shop.obeyed == 0


@pytest.mark.parametrize(
    "tail", ["#", "+", "a/b", "", "a\x00b", "x" * 65, "../../d/kiosk-02/up/status", "\udcff", " "]
)
def test_a_response_topic_chooses_among_the_own_answers_and_nothing_else(
    tmp_path: Path, tail: str
) -> None:
    shop = Shop(tmp_path)
    own = TOPICS.result("01900000-0000-7000-8000-000000000001")
    store = open_store(tmp_path, shop.clock)
    shop.hear(store, CentralCommands().make("restart-ui"), own.rpartition("/")[0] + "/" + tail)
    store.close()
    assert shop.answered_on == [own]
