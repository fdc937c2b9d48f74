"""How much of the shop's line a download may take: a token bucket.

The same line carries card payments; a package may wait.

Source: fleet.md 6 ("token-bucket bandwidth cap").
"""

from dataclasses import dataclass, field
from typing import Final

LARGEST_CHUNK_BYTES: Final = 64 * 1024
_LEAST_CHUNK_BYTES: Final = 1024


@dataclass(slots=True)
class LinePace:
    """Says how long to wait after some bytes so that the average keeps to a rate.

    Args:
        bytes_per_s: The most on average; 0 is no limit.

    A bucket holds at most one second's worth, so a pause does not buy a flood afterwards.
    """

    bytes_per_s: float
    _debt_bytes: float = field(default=0.0, init=False)
    _seen_s: float | None = field(default=None, init=False)

    @property
    def chunk_bytes(self) -> int:
        """How much to take at once: a second's worth, so that waits stay short."""
        if not self.bytes_per_s:
            return LARGEST_CHUNK_BYTES
        return int(min(LARGEST_CHUNK_BYTES, max(_LEAST_CHUNK_BYTES, self.bytes_per_s)))

    def wait_s(self, size_bytes: int, now_s: float) -> float:
        """Return how long to wait now that ``size_bytes`` were taken.

        Args:
            size_bytes: What was taken since the last call.
            now_s: Seconds by a clock that nobody sets.
        """
        if not self.bytes_per_s:
            return 0.0
        passed_s = 0.0 if self._seen_s is None else max(0.0, now_s - self._seen_s)
        self._seen_s = now_s
        self._debt_bytes = max(-self.bytes_per_s, self._debt_bytes - passed_s * self.bytes_per_s)
        self._debt_bytes += size_bytes
        return max(0.0, self._debt_bytes / self.bytes_per_s)
