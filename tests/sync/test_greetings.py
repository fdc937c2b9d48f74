"""Every connection has a number above all before it, over restarts too."""

from pathlib import Path

import orjson

from edge.core.chance import system_chance
from edge.core.clock import system_clock
from edge.sync.delivery_parts import DeliveryParts
from edge.sync.greetings import Greetings
from edge.wire.topics import Topics
from tests.fakes.recorded import open_store


def number(said: bytes) -> int:
    return int(orjson.loads(said)["conn_seq"])


def test_an_old_will_is_below_the_birth_that_followed_it(tmp_path: Path) -> None:
    numbers: list[int] = []
    for _ in range(2):
        store = open_store(tmp_path / "data", system_clock)
        topics = Topics("demo", "harbour", "kiosk-01")
        said = Greetings(DeliveryParts(store, topics, "0.1.0", system_clock, system_chance))
        assert said.count_start() == ""
        for _ in range(2):
            will, birth, goodbye = number(said.will()), number(said.birth()), number(said.goodbye())
            assert will == birth == goodbye
            numbers.append(birth)
        store.close()
    assert numbers == sorted(set(numbers))
