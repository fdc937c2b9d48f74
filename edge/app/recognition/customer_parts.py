"""What the customer's page works with, and how it waits for the disk."""

from concurrent.futures import Future
from dataclasses import dataclass

from edge.app.recognition.consenting import Consenting
from edge.app.recognition.known import Known
from edge.app.recognition.pace import Pace
from edge.app.recognition.pairings import Pairings
from edge.app.recognition.presences import Presences
from edge.app.recognition.profiles import COMMIT_WAIT_S, Profiles
from edge.app.recognition.recognise import Recognise
from edge.catalog.site import Site
from edge.core.chance import Chance
from edge.core.clock import Clock
from edge.core.errors import StorageUnavailableError
from edge.identity.proof import ProofReader
from edge.store.store import Store
from edge.web.phone_visits import PhoneVisits
from edge.wire.customer_events import CustomerEvents


@dataclass(frozen=True, slots=True)
class CustomerParts:
    """What the customer's page works with."""

    store: Store
    site: Site
    known: Known
    profiles: Profiles
    presences: Presences
    pairings: Pairings
    phones: PhoneVisits
    recognise: Recognise
    proofs: ProofReader
    pace: Pace
    consenting: Consenting
    events: CustomerEvents
    clock: Clock
    chance: Chance


def committed(kept: Future[None], wait_s: float = COMMIT_WAIT_S) -> None:
    """Wait until something is on disk.

    Raises:
        StorageUnavailableError: The disk refused, or did not answer in time.
    """
    try:
        kept.result(wait_s)
    except TimeoutError as error:
        msg = f"wanted it on disk within {wait_s:.0f} s, the disk did not answer; try again"
        raise StorageUnavailableError(msg) from error
