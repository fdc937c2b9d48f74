"""A process that takes one command and kills itself at a given step."""

import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from edge.app.commands.listener import Arguments, CommandParts, TakeCommands
from edge.core.chance import system_chance
from edge.core.clock import SettableClock
from edge.store.store import Store
from edge.store.store_settings import StoreSettings
from edge.sync.mqtt import Received
from edge.wire.command_result import read_result
from tests.fakes.central_commands import TOPICS, CentralCommands
from tests.fakes.recorded import NOON


def say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def main(folder: Path, where: str) -> None:
    """Take the command; die at ``where``."""

    def die(here: str) -> None:
        if here == where:
            os.kill(os.getpid(), signal.SIGKILL)

    def work(_arguments: Arguments) -> Mapping[str, object]:
        die("before the effect")
        say("effect")
        die("after the effect")
        return {}

    def answer(topic: str, payload: bytes, correlation: bytes = b"") -> None:
        assert (topic.rsplit("/", 1)[0], correlation) == (TOPICS.result("x")[:-2], b"")
        die("after the result")
        say(read_result(payload).outcome)

    store = Store.open(
        folder,
        clock=SettableClock(NOON),
        chance=system_chance,
        settings=StoreSettings(reserve_bytes=0),
    )
    central = CentralCommands()
    parts = CommandParts(store.commands, TOPICS, central.public, SettableClock(NOON), answer)
    die("before the row")
    TakeCommands(parts, {"refresh": work}).heard(Received(TOPICS.commands, central.make("refresh")))
    store.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
