"""Everything that this device keeps about a customer, for them to take along (right of access)."""

from collections.abc import Mapping, Sequence

from edge.identity.consent import ConsentEvent
from edge.identity.export import exported, time_words
from edge.identity.holders import Holder
from edge.identity.profile import Profile


def as_export(
    holder: Holder, profile: Profile, consents: Sequence[ConsentEvent], *, uses: int
) -> Mapping[str, object]:
    """Return what is kept, ready for JSON: declared, observed, said, and how it is recognised.

    Keys themselves are not in it: whoever found the file could pass for the customer.
    """
    return {
        **exported(profile, consents, personalised_slates_of_the_last_30_days=uses),
        "recognition": {
            "since_at": time_words(holder.since_at),
            "language": holder.language,
            "subject_ref": holder.subject_ref,
            "pseudonym": holder.pseudonym.hex() if holder.pseudonym else None,
            "holds_your_key": holder.beacon_key is not None,
            "days_with_keys": sorted(holder.day_keys),
            "told_central": holder.is_reported,
        },
    }
