"""Try dead letters again, at the sink that refused them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from edge.central.bridge.apart import write_apart
from edge.central.bridge.carrying import letters_of
from edge.central.bridge.dead_letters import Kept, drop, letter
from edge.central.bridge.platform_http import Platform, PlatformHttp
from edge.central.bridge.platform_sink import PlatformSink
from edge.central.bridge.postgres_sink import PostgresSink
from edge.central.bridge.reading import read
from edge.central.bridge.sink import Follow, Sink
from edge.central.bridge.tables import opened
from edge.core.clock import Clock
from edge.core.errors import SettingsContractError
from edge.wire.topics import CentralTopics


@dataclass(frozen=True, slots=True)
class Sinks:
    """Where a letter may be taken."""

    database: str = field(repr=False)
    tenant: str
    platform: Platform | None = None
    follow: Sequence[Follow] = ()


def retry(sinks_of: Sinks, numbers: Sequence[int], clock: Clock) -> int:
    """Return how many of the letters with ``numbers`` were taken; those are dropped.

    Killed between the two, a letter is taken once more by the next try, which is a repeat.

    Raises:
        UnavailableError: A sink is away; the letters stay.
    """
    database, platform = sinks_of.database, sinks_of.platform
    postgres = PostgresSink(database, name="bridge retry", follow=sinks_of.follow)
    http = None if platform is None else PlatformHttp(platform, clock)
    sinks: dict[str, Sink] = {"bridge": postgres}
    if http is not None:
        sinks["platform"] = PlatformSink(http)
    try:
        with opened(database, clock) as con:
            taken = 0
            for number in numbers:
                kept = letter(con, number)
                if kept is not None and _is_taken(
                    kept, sinks, CentralTopics(sinks_of.tenant), clock
                ):
                    taken += drop(con, [number])
            return taken
    finally:
        postgres.close()
        if http is not None:
            http.close()


def _is_taken(kept: Kept, sinks: dict[str, Sink], topics: CentralTopics, clock: Clock) -> bool:
    target = kept.letter.target
    if target not in sinks:
        msg = f"wanted [platform] in the settings for dead letter {kept.number}, got none"
        raise SettingsContractError(msg)
    reading = read(kept.letter.incoming, topics, clock())
    if reading.dead:
        return False
    written = write_apart(sinks[target], reading.events)
    return not letters_of(written.refused)
