"""How large the store may get, and what it puts aside."""

from dataclasses import dataclass
from typing import Final, Self

from edge.store.outbox import DEFAULT_CAP_BYTES
from edge.store.reserve import DEFAULT_BYTES

LARGEST_FILE_BYTES: Final = 4 << 30


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """Sizes of the store. ``max_bytes`` is the database file's hard stop."""

    outbox_bytes: int = DEFAULT_CAP_BYTES
    max_bytes: int = LARGEST_FILE_BYTES
    reserve_bytes: int = DEFAULT_BYTES

    @classmethod
    def for_outbox(cls, outbox_bytes: int, reserve_bytes: int = DEFAULT_BYTES) -> Self:
        """Return sizes for such an outbox: the file's hard stop is never below its cap.

        Else an order would be refused while impressions could still make room for it. Where
        eviction took rows from between others, pages stay down to a third full.
        """
        return cls(outbox_bytes, max(LARGEST_FILE_BYTES, 4 * outbox_bytes), reserve_bytes)
