"""Enrol a customer: keep the key their phone made, the consent, and the event that reports it."""

from edge.app.recognition.consenting import Said
from edge.app.recognition.customer_parts import CustomerParts, committed
from edge.core.errors import RequestContractError
from edge.identity.day_keys import BEACON_KEY_BYTES, pseudonym_of
from edge.identity.holders import CUSTOMER_ID_BYTES, Holder
from edge.identity.profile import CustomerId, Profile
from edge.web.phone_ports import Enrolment


def check(enrolment: Enrolment) -> None:
    """Let an enrolment through that may be kept.

    Raises:
        RequestContractError: The key has the wrong size, or they are too young to consent.
    """
    if len(enrolment.beacon_key) != BEACON_KEY_BYTES:
        msg = f"wanted a key of {BEACON_KEY_BYTES} bytes, got {len(enrolment.beacon_key)}"
        raise RequestContractError(msg)
    if not enrolment.is_over_age:
        msg = "wanted somebody old enough to consent themselves; order as a guest"
        raise RequestContractError(msg)


def enrolled(parts: CustomerParts, enrolment: Enrolment) -> Holder:
    """Keep a new customer and know them from now on; return what is kept of their keys.

    Raises:
        StorageUnavailableError: It could not be kept; nothing was.
    """
    holder = Holder(
        customer_id=CustomerId(parts.chance(CUSTOMER_ID_BYTES)),
        subject_ref=parts.chance(16).hex(),
        pseudonym=pseudonym_of(enrolment.beacon_key),
        beacon_key=enrolment.beacon_key,
        day_keys={},
        is_reported=False,
        since_at=parts.clock(),
        language=enrolment.notice.language,
    )
    said = Said(holder.subject_ref, enrolment.notice, holder.since_at)
    consent = parts.consenting.given(said, enrolment.purposes)
    events = [parts.events.consent(holder.pseudonym or b"", consent.events)]
    committed(parts.store.people.enrol(holder, Profile(), consent, events))
    parts.known.put(holder)
    return holder
