"""Encode the moment for a model: the one encoder for training and serving.

Training that encodes a moment differently from the shop's device is the classic silent fault of
recommenders, so both call this module. The features are the site's *wall clock*: a bakery's
morning is at eight in winter and in summer.

All features change with the hour at most, so whatever is computed from them can be kept for a
local hour.
"""

from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

LAYOUT: Final = "hour24-weekday7-season2/1"
"""Stated in every model's metadata; a model that was trained on another layout is refused."""

WIDTH: Final = 24 + 7 + 2
"""Features per moment: hour and weekday (Monday first) as one of many, season as an angle."""

_DAYS_A_YEAR: Final = 365.25

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


def encode_context(local: datetime) -> Floats:
    """Return the features of one moment: float32, shape ``(WIDTH,)``.

    Args:
        local: The moment as an aware datetime in the *site's* time zone.

    Raises:
        ValueError: ``local`` has no time zone, so whose hour it states is unknown.
    """
    if local.tzinfo is None:
        msg = f"expected an aware local time, got {local.isoformat()} without a time zone"
        raise ValueError(msg)
    (features,) = encode_contexts(
        np.array([local.hour]), np.array([local.weekday()]), np.array([local.timetuple().tm_yday])
    )
    return np.asarray(features, dtype=np.float32)


def encode_contexts(hour: Ints, weekday: Ints, day_of_year: Ints) -> Floats:
    """Return the features of many moments: float32, shape ``(n, WIDTH)``.

    Args:
        hour: Local hours, 0 to 23.
        weekday: Local weekdays, 0 is Monday.
        day_of_year: Local days of the year, 1 to 366.
    """
    rows = np.arange(len(hour))
    features = np.zeros((len(hour), WIDTH), dtype=np.float32)
    features[rows, hour] = 1.0
    features[rows, 24 + weekday] = 1.0
    angle = 2.0 * np.pi * (day_of_year - 1) / _DAYS_A_YEAR
    features[:, 31] = np.sin(angle)
    features[:, 32] = np.cos(angle)
    return features
