"""What delivery is told, and what it tells."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from edge.core.chance import Chance
from edge.core.clock import Clock
from edge.store.store import Store
from edge.sync.refusal import Refusal
from edge.sync.sending import Sent
from edge.sync.tls import Tls
from edge.sync.unconfirmed import CONFIRM_WITHIN_S
from edge.wire.status import About
from edge.wire.topics import Topics

State = Literal["off", "waiting", "connecting", "connected", "stopped"]


@dataclass(frozen=True, slots=True)
class Confirming:
    """Central says what is written for good, and nothing is forgotten before."""

    central_key: bytes
    """Central's Ed25519 public key for this."""
    within_s: float = CONFIRM_WITHIN_S
    """What it has not confirmed within so long is sent again."""


@dataclass(frozen=True, slots=True)
class DeliverySettings:
    """How to reach the broker, and how patiently."""

    host: str
    port: int = 1883
    tls: Tls | None = None
    back_off_min_s: float = 1.0
    back_off_max_s: float = 300.0
    reconnect_spread_s: float = 0.0
    """After a good connection is lost, the first try comes at a random moment within it."""
    answer_within_s: float = 10.0
    """A broker that accepts a connection and then says nothing is given up after this."""
    pace_s: float = 0.25
    """The outbox is looked into at most this often while nothing is waiting: events of a quarter
    second share a message, and a commit costs no query."""
    confirming: Confirming | None = None
    """None: what the broker has is forgotten (ADR 0024)."""


@dataclass(frozen=True, slots=True)
class DeliveryStatus:
    """How delivery is. ``last_error`` stays after a recovery, for whoever asks what happened."""

    state: State
    since: datetime
    in_flight: int = 0
    sent: Sent = field(default_factory=Sent)
    unconfirmed: int = 0  # events sent that central has not confirmed
    is_unconfirmed: bool = False  # so many that a lane waits for central
    is_unheard: bool = False  # nobody at the broker listens to what is sent
    last_error: str | None = None
    refusal: Refusal | None = None
    """Whose certificate the last connection failed by; None: by nobody's."""
    refused_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DeliveryParts:
    """What delivery works with."""

    store: Store
    topics: Topics
    version: str  # of the appliance, for the birth document
    clock: Clock
    chance: Chance
    about: Callable[[], About] = About  # the rest of the birth document
