"""How long an event is kept, by ``edge/wire/data_map.toml``; nothing here knows a database.

What counts is the day on which an event happened. A clock that the device itself does not trust, or
that says what cannot be, says nothing: then the day counts on which the event arrived. An event that
arrives when its time is over already is not kept at all, so a repeat of one that was deleted is
never taken for a new one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Self

from edge.central.bridge.sink import Arrived
from edge.wire.schema_files import EVENT_SCHEMAS, data_map

FIRST_DAY: Final = date(2025, 1, 1)
"""No device of ours is older; what a clock says of before is wrong."""
CLOCKS_DIFFER: Final = timedelta(days=1)
_UNTRUSTED: Final = "none"


@dataclass(frozen=True)
class Retention:
    """Days by schema, for schemas that central does not know, and for answers to commands."""

    days: Mapping[str, int]
    ordinary: int
    answers: int
    _shortest: timedelta = field(init=False, repr=False)

    def __post_init__(self) -> None:
        shortest = min([self.ordinary, *self.days.values()])
        object.__setattr__(self, "_shortest", timedelta(days=shortest))

    @classmethod
    def shipped(cls) -> Self:
        """Return what the data map says."""
        known = data_map()
        days = {name: int(known[name]["retention_days"]) for name in EVENT_SCHEMAS}
        ordinary, answers = (known[name]["retention_days"] for name in ("event", "command_result"))
        return cls(days, int(ordinary), int(answers))

    def of(self, schema: str) -> int:
        """Return for how many days an event of ``schema`` is kept."""
        return self.days.get(schema, self.ordinary)

    def over(self, age_days: int) -> tuple[str, ...]:
        """Return the schemas whose events are not kept at this age; "*" is every unknown one."""
        found = sorted(name for name, days in self.days.items() if days < age_days)
        return (*found, "*") if self.ordinary < age_days else tuple(found)

    def is_over(self, one: Arrived) -> bool:
        """Say whether an event came when its time was over already."""
        if one.received_at - one.at <= self._shortest:  # nearly always
            return False
        schema = str(one.event["dataschema"]).split(":")[3]
        return (one.received_at.date() - reference_day(one)).days > self.of(schema)


def reference_day(one: Arrived) -> date:
    """Return the day from which an event's time counts; ``retention_rows`` has it as SQL."""
    is_possible = _begin(FIRST_DAY) <= one.at <= one.received_at + CLOCKS_DIFFER
    if one.event["clock"] == _UNTRUSTED or not is_possible:
        return one.received_at.date()
    return one.at.date()


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
