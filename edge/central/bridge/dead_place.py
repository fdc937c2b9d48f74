"""Where a dead letter stood in its device's outbox, if so much of it can be read.

Without a word on it, the device would send it again for ever. Of a whole message that cannot be
read, nothing is known, and its device goes on sending it, ever more rarely.
"""

import re
from typing import Final

import orjson

from edge.central.bridge.acks import Place
from edge.central.bridge.reading import DeadLetter
from edge.wire.lanes import Lane

_EPOCH: Final = re.compile("[0-9a-f]{16}")
_LANES: Final = frozenset(Lane)


def place_of(letter: DeadLetter) -> Place | None:
    """Return the place that ``letter`` claims in the outbox of the device whose topic it came by."""
    lane = letter.incoming.topic.rpartition("/")[2]
    if not letter.device or lane not in _LANES or letter.incoming.encoding:
        return None
    try:
        found = orjson.loads(letter.incoming.payload)
    except orjson.JSONDecodeError:
        return None
    match found:
        case {"epoch": str(epoch), "seq": int(seq)} if (
            _EPOCH.fullmatch(epoch) and not isinstance(seq, bool) and 1 <= seq < 2**53
        ):
            return Place(letter.device, epoch, lane, seq)
        case _:
            return None
