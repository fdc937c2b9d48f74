"""How somebody stands at a kiosk: as a guest, invited, or known, and what of them is used.

The line above the menu says it, so that nobody has to guess; everything personal on a page
goes by it.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from edge.identity.consent import Purpose
from edge.identity.presence import Presence
from edge.identity.profile import HelpLevel
from edge.web.kiosk.request import Kiosk
from edge.web.kiosk.visit import Visit

USED_HERE: Final = (Purpose.TASTES, Purpose.PAST_ORDERS)
"""What a kiosk can use; the third purpose is for the phone alone."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a page may say about who stands before it."""

    is_known: bool = False
    is_invited: bool = False
    """A known beacon is near, whose it is nobody says."""
    is_new: bool = False
    """Nothing is known of them yet, and the page does not pretend."""
    name: str = ""
    """Only where the customer switched it on."""
    uses: tuple[Purpose, ...] = ()
    help_level: HelpLevel = "usual"
    left_ms: int = 0
    """So long the page may keep what is personal, even if nobody tells it anything more."""


GUEST: Final = Standing()


def standing(kiosk: Kiosk, visit: Visit) -> Standing:
    """Return how the visitor of ``visit`` stands now."""
    if visit.presence is not None:
        return _known(kiosk, visit.presence)
    return Standing(is_invited=not visit.has_declined and is_invited(kiosk, visit.screen_id))


def standing_at(kiosk: Kiosk, screen_id: str) -> Standing:
    """Return how somebody stands at a screen where no visit has begun."""
    presence = kiosk.presence(screen_id)
    return _known(kiosk, presence) if presence else GUEST


def is_invited(kiosk: Kiosk, screen_id: str) -> bool:
    """Return whether a beacon near the screen is a reason to invite."""
    recognition = kiosk.services.recognition
    return recognition is not None and recognition.is_invited(screen_id)


def _known(kiosk: Kiosk, presence: Presence) -> Standing:
    recognition = kiosk.services.recognition
    greeting = recognition.greeting(presence) if recognition else None
    if greeting is None:
        return GUEST
    until_at = min(greeting.until_at, presence.until_at)
    left = max(until_at - kiosk.now(), timedelta())
    return Standing(
        is_known=True,
        is_new=greeting.is_new,
        name=greeting.name,
        uses=tuple(purpose for purpose in USED_HERE if purpose in greeting.purposes),
        help_level=greeting.help_level,
        left_ms=int(left.total_seconds() * 1000),
    )
