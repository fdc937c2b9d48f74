"""What is kept about a customer, in words of JSON, for them to take along (right of access). Pure."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

from edge.identity.consent import ConsentEvent
from edge.identity.profile import Profile

FORMAT: Final = "instore-edge/my-data/1"
_EPOCH: Final = date(1970, 1, 1)


def exported(
    profile: Profile, consents: Iterable[ConsentEvent], **observed: object
) -> dict[str, object]:
    """Return what was declared, observed and said, ready for JSON."""
    return {
        "format": FORMAT,
        "declared": _declared(profile),
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
            **observed,
        },
        "inferred": "nothing is kept; what is inferred is computed when it is shown",
        "consents": [said(event) for event in consents],
    }


def said(event: ConsentEvent) -> Mapping[str, object]:
    """Return one event of a consent record."""
    return {
        "event_id": event.event_id,
        "record_id": event.record_id,
        "purpose": event.purpose.value,
        "state": event.state,
        "at": time_words(event.at),
        "valid_until": time_words(event.valid_until),
        "notice_version": event.notice.version,
        "language": event.notice.language,
    }


def time_words(at: datetime | None) -> str | None:
    """Return an aware moment as JSON has it, in UTC to the second."""
    return None if at is None else at.astimezone(UTC).isoformat(timespec="seconds")


def _declared(profile: Profile) -> Mapping[str, object]:
    wishes = profile.wishes
    return {
        "starred": sorted(wishes.starred),
        "muted": sorted(wishes.muted),
        "less_of": sorted(wishes.less),
        "surprise": wishes.surprise,
        "help_level": wishes.help_level,
        "name": wishes.name,
        "shows_name": wishes.shows_name,
        "said_to_be_wrong": sorted(profile.wrong),
        "changed_at": time_words(profile.wishes_changed_at),
    }
