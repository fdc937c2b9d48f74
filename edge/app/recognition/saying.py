"""What a customer says on their page: a wish, a correction, yes or no to a purpose.

Each is on disk before it is answered, with the event that tells central, and holds for the next
decision on this device.
"""

from dataclasses import replace

from edge.app.recognition.consenting import Said
from edge.app.recognition.customer_parts import CustomerParts, committed
from edge.core.errors import RequestContractError
from edge.identity.consent import Notice, Purpose
from edge.identity.holders import Holder
from edge.identity.profile import Profile, kept_for
from edge.store.consents import NewConsent
from edge.web.my_data_ports import Change
from edge.web.phone.applied import changed


def apply_change(parts: CustomerParts, holder: Holder, change: Change) -> None:
    """Apply a change; it holds for the next decision."""
    now = parts.clock()

    def apply(profile: Profile) -> Profile:
        # Asked here, where no withdrawal can be under way.
        if _is_wish(change) and Purpose.TASTES not in parts.known.purposes(holder.customer_id):
            msg = (
                "wanted the purpose 'remember my tastes' for this, it is switched off; "
                "switch it on first"
            )
            raise RequestContractError(msg)
        return changed(profile, change, parts.site, now)

    parts.profiles.change(holder.customer_id, apply)
    parts.presences.tell_changed(holder.customer_id)


def give_and_take(
    parts: CustomerParts, holder: Holder, purposes: frozenset[Purpose], notice: Notice
) -> None:
    """Give and withdraw purposes, so that exactly ``purposes`` hold.

    The caller sees to it that nobody else changes what is kept of them meanwhile
    (``Profiles.alone``).
    """
    held = parts.known.purposes(holder.customer_id)
    taken_back = {p: record for p, record in held.items() if p not in purposes}
    given = purposes - set(held)
    said = Said(holder.subject_ref, notice, parts.clock())
    if taken_back:
        kept = kept_for(_profile(parts, holder), held.keys() - taken_back)
        _keep(parts, holder, kept, parts.consenting.withdrawn(said, taken_back))
    if given:
        before = parts.known.consents(holder.customer_id)
        consent = parts.consenting.given(said, given, before)
        _keep(parts, holder, _profile(parts, holder), consent)


def _keep(parts: CustomerParts, holder: Holder, profile: Profile, consent: NewConsent) -> None:
    event = parts.events.consent(holder.pseudonym or b"", consent.events)
    committed(parts.store.people.change_purposes(holder.customer_id, consent, profile, [event]))
    parts.known.renew(holder)
    if not parts.known.purposes(holder.customer_id):
        parts.presences.end_of(holder.customer_id)
    parts.presences.tell_changed(holder.customer_id)


def _profile(parts: CustomerParts, holder: Holder) -> Profile:
    return parts.profiles.get(holder.customer_id) or Profile()


def _is_wish(change: Change) -> bool:
    about_purchases = replace(change, gift=None, not_gift=None, wrong=None, day=None)
    return about_purchases != Change()
