"""Which failures lie in the bytes themselves, so that these bytes are never tried here again.

A network that was away, a full disk or a wrong clock say nothing about a package: it is tried
again later. A model that broke a golden answer will break it again.

Source: fleet.md 7; the reason codes are those of ``ReleaseState.reason``.
"""

from datetime import timedelta
from typing import Final

OF_THE_BYTES: Final = frozenset(
    {
        *("size", "static", "load", "golden", "nan", "latency", "memory", "timeout", "catalog"),
        *("crash", "error_rate", "watchdog", "business", "heartbeat"),
    }
)
"""Never again under the same digest."""

OF_THE_WORLD: Final = frozenset({"trust", "space", "network", "abi", "superseded", "clock"})
"""Tried again: by a newer rollout document, or after a pause."""

PAUSE: Final = timedelta(hours=6)
"""After a failure that says nothing about the bytes."""


def is_quarantined(reason: str) -> bool:
    """Say whether a package that ended for ``reason`` is never tried here again.

    What is not known is: a package that fails in a way nobody thought of had better stay away.
    """
    return reason not in OF_THE_WORLD
