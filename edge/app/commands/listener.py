"""Take commands from the broker: check, note, carry out, answer.

The row that says "taken" is on disk before anything is done, so a command has its effect at most
once, whenever the power goes. The same command delivered again is answered from its row; one that
a crash interrupted is answered "unknown", and central decides whether to ask anew. What is not
signed, not for us, too old or not new is not answered at all.

Source: fleet.md 1; security.md T15 of the design.
"""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

import orjson

from edge.core.clock import Clock
from edge.core.errors import EdgeError, TrustError
from edge.store.command_rows import CommandRows
from edge.sync.mqtt import Received
from edge.wire.command import Addressee, Command, CommandName, read_command
from edge.wire.command_result import CommandResult, Outcome, write_result
from edge.wire.topics import Topics

log = logging.getLogger(__name__)

Arguments = Mapping[str, str | int | bool]

Work = Callable[[Arguments], Mapping[str, object]]
"""Carries one kind of command out and returns the answer's data; quick, in the delivery thread.

It may raise an EdgeError, whose message becomes the answer: it holds no personal data.
"""

_COMMIT_WAIT_S: Final = 10.0
_MOST_CORRELATION: Final = 256
_LAST: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Answer(Protocol):
    """Publishes an answer once."""

    def __call__(self, topic: str, payload: bytes, correlation: bytes = b"") -> None:
        """Publish ``payload`` on ``topic``."""


@dataclass(frozen=True, slots=True)
class CommandParts:
    """What taking commands works with."""

    rows: CommandRows
    topics: Topics
    central_key: bytes
    clock: Clock
    answer: Answer


class TakeCommands:
    """Hears commands. ``works`` says how each kind is carried out; others fail."""

    def __init__(self, parts: CommandParts, works: Mapping[CommandName, Work]) -> None:
        self._parts = parts
        self._works = works

    def heard(self, received: Received) -> None:
        """Take what came on the commands' topic.

        Raises:
            WireContractError: It is not a command.
            TrustError: It is not central's, not for us, too old, or not new. Nothing is done.
            StorageUnavailableError: It could not be noted, so nothing is done.
        """
        rows, topics = self._parts.rows, self._parts.topics
        before = rows.find(_id_in(received.payload))
        # Of a command that was taken, the same number is right and any other is wrong.
        last_seq = before.seq - 1 if before else rows.last_seq()
        to = Addressee(topics.tenant, topics.site, topics.device, last_seq)
        now = self._parts.clock()
        key = self._parts.central_key
        command = read_command(received.payload, central_key=key, to=to, now=now)
        if before is None:
            self._answer(received, command, self._carry_out(command))
        elif command.seq == before.seq:
            log.info("command %s came again", command.command_id)
            self._answer(received, command, before.result or self._interrupted(command))
        else:
            msg = f"wanted command {command.command_id} with number {before.seq}, got {command.seq}"
            raise TrustError(msg)

    def _carry_out(self, command: Command) -> bytes:
        rows, now = self._parts.rows, self._parts.clock()
        if not rows.take(command.command_id, command.seq, now).result(_COMMIT_WAIT_S):
            msg = f"wanted a new command, got number {command.seq} again"
            raise TrustError(msg)
        rows.keep_apart(command.seq)
        log.info("command %s: %s", command.command_id, command.name)
        result = self._done(command)
        try:
            rows.finish(command.command_id, result).result(_COMMIT_WAIT_S)
        except EdgeError as error:  # it is done all the same, and this once it can be said
            log.warning("the answer to %s is not kept: %s", command.command_id, error)
        return result

    def _done(self, command: Command) -> bytes:
        work = self._works.get(command.name)
        if work is None:
            return self._result(command, "failed", "this device has nothing to do that with")
        try:
            data = work(command.arguments)
        except EdgeError as error:
            return self._result(command, "failed", str(error))
        except Exception as error:
            # Broad, because this is a supervisor; and only the kind is told, since a message of
            # somebody else's may hold anything.
            log.exception("command %s failed", command.name)
            return self._result(command, "failed", type(error).__name__)
        return self._result(command, "done", data=data)

    def _interrupted(self, command: Command) -> bytes:
        return self._result(command, "unknown", "the device went down while it was carried out")

    def _result(
        self,
        command: Command,
        outcome: Outcome,
        detail: str = "",
        data: Mapping[str, object] | None = None,
    ) -> bytes:
        return write_result(
            CommandResult(
                command_id=command.command_id,
                name=command.name,
                outcome=outcome,
                at=self._parts.clock(),
                detail=detail[:300],
                data=data or {},
            )
        )

    def _answer(self, received: Received, command: Command, result: bytes) -> None:
        own = self._parts.topics.result(command.command_id)
        wanted = received.response_topic
        # The response topic is not signed: it may choose among our answers' topics, no more. A
        # wildcard in it, or another level, would end the connection that the answer is said over.
        prefix = own.removesuffix(command.command_id)
        is_ours = wanted.startswith(prefix) and _LAST.fullmatch(wanted.removeprefix(prefix))
        correlation = received.correlation[:_MOST_CORRELATION]
        self._parts.answer(wanted if is_ours else own, result, correlation)


def _id_in(payload: bytes) -> str:
    """Return the id that ``payload`` claims; read before it is checked, to know its row."""
    try:
        found = orjson.loads(payload)["command"]["command_id"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return ""
    return found if isinstance(found, str) else ""
