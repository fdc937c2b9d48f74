"""Everything that is kept about a customer, for them to take along (right of access)."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final

from edge.identity.consent import ConsentEvent
from edge.identity.holders import Holder
from edge.identity.profile import Profile

FORMAT: Final = "instore-edge/my-data/1"
_EPOCH: Final = date(1970, 1, 1)


def as_export(
    holder: Holder, profile: Profile, consents: Sequence[ConsentEvent], *, uses: int
) -> Mapping[str, object]:
    """Return what is kept, ready for JSON: declared, observed, said, and how it is recognised.

    Keys themselves are not in it: whoever found the file could pass for the customer.
    """
    wishes = profile.wishes
    return {
        "format": FORMAT,
        "declared": {
            "starred": sorted(wishes.starred),
            "muted": sorted(wishes.muted),
            "less_of": sorted(wishes.less),
            "surprise": wishes.surprise,
            "help_level": wishes.help_level,
            "name": wishes.name,
            "shows_name": wishes.shows_name,
            "said_to_be_wrong": sorted(profile.wrong),
            "changed_at": _time(profile.wishes_changed_at),
        },
        "observed": {
            "purchases": [
                {
                    "sku": purchase.sku,
                    "day": (_EPOCH + timedelta(days=purchase.day)).isoformat(),
                    "count": purchase.count,
                    "is_gift": purchase.is_gift,
                }
                for purchase in profile.purchases
            ],
            "personalised_slates_of_the_last_30_days": uses,
        },
        "inferred": "nothing is kept; what is inferred is computed when it is shown",
        "consents": [
            {
                "event_id": event.event_id,
                "record_id": event.record_id,
                "purpose": event.purpose.value,
                "state": event.state,
                "at": _time(event.at),
                "valid_until": _time(event.valid_until),
                "notice_version": event.notice.version,
                "language": event.notice.language,
            }
            for event in consents
        ],
        "recognition": {
            "since_at": _time(holder.since_at),
            "language": holder.language,
            "subject_ref": holder.subject_ref,
            "pseudonym": holder.pseudonym.hex() if holder.pseudonym else None,
            "holds_your_key": holder.beacon_key is not None,
            "days_with_keys": sorted(holder.day_keys),
            "told_central": holder.is_reported,
        },
    }


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat(timespec="seconds")
