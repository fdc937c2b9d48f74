"""Join what central may ask of this device with what carries it out."""

import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass

from edge.app.commands.doorbell import Doorbell
from edge.app.commands.listener import CommandParts, TakeCommands
from edge.app.commands.log_tail import LogTail
from edge.app.commands.works import Tell, WorkParts, works
from edge.app.foundation import Foundation
from edge.sync.delivery import Delivery
from edge.web.ports import Health
from edge.wire.releases import ABI
from edge.wire.topics import Topics


@dataclass(frozen=True, slots=True)
class Reach:
    """What commands reach of the built service."""

    delivery: Delivery
    topics: Topics
    tell: Tell
    health: Callable[[], Health]
    doorbell: Doorbell


def connect_commands(core: Foundation, reach: Reach) -> None:
    """Listen to central's commands, if its key is known, and to its doorbells.

    To be called before delivery starts.
    """
    delivery, topics, bell = reach.delivery, reach.topics, reach.doorbell
    for topic in (*topics.configs, topics.doorbell(core.settings.update.ring)):
        delivery.listen(topic, bell.rung)
    key = core.settings.mqtt.command_key
    if not key:
        return
    parts = CommandParts(
        rows=core.store.commands,
        topics=topics,
        central_key=bytes.fromhex(key),
        clock=core.clock,
        answer=delivery.answer,
    )
    delivery.listen(topics.commands, TakeCommands(parts, works(_work_parts(core, reach))).heard)


def _work_parts(core: Foundation, reach: Reach) -> WorkParts:
    return WorkParts(
        device_id=core.settings.device_id,
        versions={
            "appliance": core.origin.version,
            "python": sys.version.split()[0],
            "sqlite": core.store.boot.sqlite_version,
            "abi": str(ABI),
        },
        tell=reach.tell,
        health=reach.health,
        log_tail=_log_tail(),
        refresh=reach.doorbell.at_once,
        retry=reach.delivery.end_pauses,
        chance=core.chance,
    )


def _log_tail() -> LogTail:
    """Return the one handler of this process; several services in one process share it."""
    logger = logging.getLogger("edge")
    for handler in logger.handlers:
        if isinstance(handler, LogTail):
            return handler
    made = LogTail()
    logger.addHandler(made)
    return made
