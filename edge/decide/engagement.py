"""What happened to something shown: seen, tapped, added, dismissed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

EngagementKind = Literal["exposure", "tap", "add", "dismiss", "why_opened", "play"]
ENGAGEMENT_KINDS: tuple[EngagementKind, ...] = (
    "exposure",
    "tap",
    "add",
    "dismiss",
    "why_opened",
    "play",
)


@dataclass(frozen=True, slots=True)
class Engagement:
    """One thing that happened to a slot of a decision; repeats by ``event_id`` do nothing."""

    event_id: str  # UUID
    kind: EngagementKind
    decision_id: str
    slot: int | None  # None: the whole slate (exposure, why_opened)
    screen_id: str
    visit_id: str | None
    at: datetime
    dwell_ms: int | None = None
