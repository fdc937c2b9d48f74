"""Join releases with what they hear of: decisions, engagements, doorbells; and with whom they tell."""

from dataclasses import dataclass

from edge.app.at_start import content
from edge.app.at_start.begin import Begun
from edge.app.at_start.build import Beside, StartRelease, build_at_start, names_followed
from edge.app.at_start.next_start import Restart
from edge.app.commands.connect import Reach
from edge.app.record_engagement import RecordEngagement
from edge.app.releases.releasing import Releasing
from edge.app.releases.runtime import BuiltReleases, Laid, build_releases
from edge.app.releases.source import open_client
from edge.app.releases.telling import Telling
from edge.app.serve_placement import ServePlacement
from edge.decide.engagement import Engagement
from edge.store.decisions import RecordedDecision


@dataclass(frozen=True, slots=True)
class JoinedReleases:
    """The releases of every package name of this device."""

    model: BuiltReleases
    at_start: tuple[StartRelease, ...]
    restart: Restart

    @property
    def all(self) -> tuple[Releasing, ...]:
        """The releases of every name."""
        return (self.model.releasing, *(one.releasing for one in self.at_start))

    def start(self) -> None:
        """Start, each name in a thread of its own."""
        for one in self.all:
            one.start()

    def stop(self) -> None:
        """End the steps under way."""
        for one in self.all:
            one.stop()
        self.model.marks.forget()

    def ring(self) -> None:
        """Look for news now; from any thread, returns at once."""
        for one in self.all:
            one.ring()


@dataclass(frozen=True, slots=True)
class Serving:
    """What of the running service hears of releases, or is heard."""

    serve: ServePlacement
    engage: RecordEngagement
    reach: Reach


def join_releases(laid: Laid, begun: Begun, beside: Beside, serving: Serving) -> JoinedReleases:
    """Build releases and join them with the service; nothing of it runs yet."""
    reach = serving.reach
    client = open_client(laid.core, users=1 + names_followed(begun))
    built = build_releases(laid, beside.around, client)
    at_start = build_at_start(laid.core, begun, beside, client)
    serving.serve.decided = built.swap.decided
    _count_takes(laid, serving.engage)
    telling = Telling(lambda payload: reach.delivery.retain(reach.topics.release, payload))
    laid.keeping.tell = telling
    for one in at_start:
        one.keeping.tell = telling.once_there_is_news if one.kind == content.KIND else telling
    joined = JoinedReleases(built, at_start, beside.restart)
    reach.doorbell.look = joined.ring
    return joined


def _count_takes(laid: Laid, engage: RecordEngagement) -> None:
    before = engage.count

    def count(engagement: Engagement, decision: RecordedDecision) -> None:
        before(engagement, decision)
        if engagement.kind == "add":
            laid.arms.took(decision.visit_id)

    engage.count = count
