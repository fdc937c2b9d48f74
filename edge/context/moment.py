"""The moment a decision is made in, as the shop lives it; no person is in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

STALE_CONTEXT: Final = timedelta(hours=3)
"""Weather and kitchen load older than this are unknown again (decided.md 20)."""


@dataclass(frozen=True, slots=True)
class Weather:
    """The weather outside the shop."""

    temp_c: float
    is_wet: bool


@dataclass(frozen=True, slots=True)
class Context:
    """Facts without a person.

    ``local_at`` is the same moment as ``at`` in the shop's own time. ``daypart_id`` is None
    outside every daypart, and when the clock has never been set (then nothing may depend on
    the hour). ``trend`` holds counts that passed the rule of ``edge.context.trend``.
    """

    at: datetime
    local_at: datetime
    daypart_id: str | None
    is_open: bool
    weather: Weather | None
    kitchen_load: float | None  # share of the kitchen's capacity in use, 0 to 1
    trend: Mapping[str, int]  # sku -> orders in the last 30 minutes, in steps of 5
