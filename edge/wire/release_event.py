"""The event that a release came to another phase on this device: lane t, never dropped."""

from edge.core.chance import Chance
from edge.core.ids import uuid7
from edge.wire.cloudevents import Event, Origin, Track, event
from edge.wire.lanes import Lane
from edge.wire.releases import ReleaseState


def phase_changed(origin: Origin, state: ReleaseState, chance: Chance) -> Event:
    """Return the event "Release Phase Changed"."""
    properties = state.model_dump(mode="json", exclude={"site", "device", "at"})
    return event(
        origin,
        Track(
            event_id=uuid7(state.at, chance),
            schema="release",
            kind="release",
            title="Release Phase Changed",
            lane=Lane.TRANSACTION,
            at=state.at,
            anonymous_id=origin.device,
            properties=properties,
        ),
    )
