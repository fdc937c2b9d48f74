"""Waiting for what another thread or process does: as short as it takes, and not for ever."""

import time
from collections.abc import Callable
from typing import Final

WITHIN_S: Final = 20.0


def wait_until(is_so: Callable[[], bool], within_s: float = WITHIN_S) -> None:
    """Return as soon as ``is_so`` holds; fails when it never does."""
    end_s = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < end_s, "waited in vain"
        time.sleep(0.01)
