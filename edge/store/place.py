"""An event's place in the outbox: its lane and its number in that lane, in one integer.

As the table's key it keeps each lane in order without a second index.
"""

from typing import Final

LANES: Final = "ctem"
"""Highest priority first; a lane's number is its place here."""

_SEQ_BITS: Final = 48


def place(lane_no: int, seq: int) -> int:
    """Return the key of event ``seq`` in lane ``lane_no``."""
    return lane_no << _SEQ_BITS | seq


def lane_no(key: int) -> int:
    """Return the number of the key's lane."""
    return key >> _SEQ_BITS


def seq(key: int) -> int:
    """Return the key's number in its lane."""
    return key & (1 << _SEQ_BITS) - 1
