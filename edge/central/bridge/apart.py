"""Writing a batch of which something cannot be kept: the others are written, that one is named.

The batch is halved until what spoils it stands alone, each half in a transaction of its own. Somebody
who sends nothing but such events would hold the bridge up with that, past the broker's patience, and
the same batch would come again for ever. So a device has a few tries in each batch; after them the
rest of what it sent is set aside unread, as dead letters that can be tried again.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from edge.central.bridge.sink import Arrived, Refused, Sink, Written
from edge.core.errors import ContractError

MOST_REFUSED: Final = 8
"""Of one device in one batch, before the rest of it is not tried any more."""


def write_apart(sink: Sink, batch: Sequence[Arrived]) -> Written:
    """Write ``batch``; if some events spoil it, write the others and name those as refused.

    Raises:
        UnavailableError: The sink is away. Some of it may be written; write it again.
    """
    if not batch:
        return Written()
    apart = _Apart(sink)
    apart.write(batch)
    return Written(apart.new, apart.repeats, apart.late, tuple(apart.refused))


@dataclass
class _Apart:
    sink: Sink
    new: int = 0
    repeats: int = 0
    late: int = 0
    refused: list[Refused] = field(default_factory=list)
    _spoiled: Counter[str] = field(default_factory=Counter)

    def write(self, batch: Sequence[Arrived]) -> None:
        batch = self._worth_a_try(batch)
        if not batch:
            return
        try:
            written = self.sink.write(batch)
        except ContractError as error:
            if len(batch) == 1:
                self._spoiled[batch[0].device] += 1
                self.refused.append(Refused(batch[0], str(error)))
                return
        else:
            self.new += written.new
            self.repeats += written.repeats
            self.late += written.late
            self.refused += written.refused
            return
        # A device's events stay together, so that the halves of the others are whole soon.
        together = sorted(batch, key=lambda one: one.device)
        middle = len(together) // 2
        self.write(together[:middle])
        self.write(together[middle:])

    def _worth_a_try(self, batch: Sequence[Arrived]) -> Sequence[Arrived]:
        given_up = {device for device, times in self._spoiled.items() if times >= MOST_REFUSED}
        if not given_up:
            return batch
        why = f"not tried: {MOST_REFUSED} other events of this device were refused with it"
        self.refused += [Refused(one, why) for one in batch if one.device in given_up]
        return [one for one in batch if one.device not in given_up]
