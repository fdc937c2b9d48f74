"""Central's side of commands: signs them as `edge fleet` does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.wire.command import Command, CommandName, sign_command
from edge.wire.topics import Topics
from tests.fakes.recorded import NOON

TOPICS = Topics("demo", "harbour", "kiosk-01")


@dataclass(slots=True)
class CentralCommands:
    """Makes commands for one device, each with the next number."""

    topics: Topics = TOPICS
    at: datetime = NOON
    seq: int = 0
    key: Ed25519PrivateKey = field(
        default_factory=lambda: Ed25519PrivateKey.from_private_bytes(bytes(32)), repr=False
    )

    @property
    def public(self) -> bytes:
        return self.key.public_key().public_bytes_raw()

    def make(
        self,
        name: CommandName,
        arguments: Mapping[str, str | int | bool] | None = None,
        *,
        command_id: str = "",
    ) -> bytes:
        """Return a signed command as it goes over the broker."""
        self.seq += 1
        command = Command(
            command_id=command_id or f"01900000-0000-7000-8000-{self.seq:012d}",
            name=name,
            arguments=arguments or {},
            tenant=self.topics.tenant,
            site=self.topics.site,
            device=self.topics.device,
            seq=self.seq,
            issued_at=self.at,
            expires_at=self.at + timedelta(minutes=10),
        )
        return sign_command(command, self.key.sign)
