"""Forget a customer: out of memory first, then off the disk, then off every phone and screen."""

from typing import Final, Literal

from edge.app.recognition.consenting import Said
from edge.app.recognition.customer_parts import CustomerParts, committed
from edge.core.errors import EdgeError
from edge.core.ids import uuid7
from edge.identity.consent import Notice
from edge.identity.holders import Holder
from edge.store.consents import NewConsent
from edge.web.my_data_ports import Erased

WAIT_S: Final = 60.0

Why = Literal["customer", "central", "retention"]
"""Who wants them forgotten."""


def forgotten(parts: CustomerParts, holder: Holder, notice: Notice | None, why: Why) -> Erased:
    """Forget a customer; return when keys and records are gone from the disk.

    Raises:
        StorageUnavailableError: The disk refused; they may ask again.
    """
    now = parts.clock()
    pseudonym = holder.pseudonym or b""
    erasure_id = uuid7(now, parts.chance)
    events = [parts.events.erasure(erasure_id, pseudonym, why)]
    proof = _withdrawal(parts, holder, notice) if why != "retention" else None
    if proof is not None:
        events.insert(0, parts.events.consent(pseudonym, proof.events))
    # First out of memory: while it lasts nobody is recognised by these keys.
    parts.known.remove(holder.customer_id)
    parts.presences.end_of(holder.customer_id)
    erasing = parts.store.people.erase(holder.customer_id, proof=proof, events=events)
    erasing.add_done_callback(lambda _: parts.known.has_left(holder.pseudonym))
    try:
        committed(erasing, WAIT_S)
    except EdgeError:
        # Their page says that nothing was changed: they must be able to ask again, and must
        # not come back with the next start only.
        if erasing.done() and parts.store.people.profile(holder.customer_id) is not None:
            parts.known.put(holder)
        raise
    parts.profiles.forget(holder.customer_id)
    parts.phones.forget(holder.customer_id)
    return Erased(erasure_id, now)


def _withdrawal(parts: CustomerParts, holder: Holder, notice: Notice | None) -> NewConsent | None:
    """Return the withdrawal of all that holds, for proof and for every other shop.

    Not where retention forgets: that time ran out is no word of theirs, and must not end their
    consent elsewhere.
    """
    held = dict(parts.known.purposes(holder.customer_id))
    before = parts.known.consents(holder.customer_id)
    read = notice or (before[-1].notice if before else None)
    if not held or read is None:
        return None
    return parts.consenting.withdrawn(Said(holder.subject_ref, read, parts.clock()), held)
