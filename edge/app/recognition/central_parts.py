"""What taking central's word, and reporting to it, work with."""

from dataclasses import dataclass

from edge.app.recognition.customers import CustomerPages
from edge.app.recognition.known import Known
from edge.app.recognition.profiles import Profiles
from edge.app.recognition.taste_events import TasteEvents
from edge.catalog.site import SiteHeader
from edge.core.chance import Chance
from edge.core.clock import Clock
from edge.store.store import Store
from edge.wire.customer_events import CustomerEvents


@dataclass(frozen=True, slots=True)
class CentralParts:
    """What they work with."""

    store: Store
    header: SiteHeader
    group: int
    known: Known
    profiles: Profiles
    pages: CustomerPages
    events: CustomerEvents
    tastes: TasteEvents
    clock: Clock
    chance: Chance
    central_sign_key: bytes = b""
    """Central's Ed25519 public key; without it nothing is taken from the broker."""
