"""Whoever writes to devices through a worker's connection, beside what the worker does itself."""

from typing import Protocol

from edge.sync.mqtt import MqttConnection


class Speaking(Protocol):
    """Used in the worker's thread alone; must not raise, and not keep it for long."""

    def turn(self, connection: MqttConnection) -> None:
        """Publish what is due; called many times a second."""

    def acknowledged(self, number: int, reason: int) -> bool:
        """Take the broker's answer to a message; False: it was none of these."""

    def lost(self) -> None:
        """The connection is gone, and with it what had no answer."""

    def close(self) -> None:
        """The worker has ended."""
