"""Join releases with what they hear of: decisions, engagements, doorbells; and with whom they tell."""

from edge.app.commands.connect import Reach
from edge.app.record_engagement import RecordEngagement
from edge.app.releases.runtime import Around, BuiltReleases, Laid, build_releases
from edge.app.serve_placement import ServePlacement
from edge.decide.engagement import Engagement
from edge.store.decisions import RecordedDecision


def join_releases(
    laid: Laid,
    around: Around,
    serve: ServePlacement,
    engage: RecordEngagement,
    reach: Reach,
) -> BuiltReleases:
    """Build releases and join them with the service; nothing of it runs yet."""
    built = build_releases(laid, around)
    serve.decided = built.swap.decided
    before = engage.count

    def count(engagement: Engagement, decision: RecordedDecision) -> None:
        before(engagement, decision)
        if engagement.kind == "add":
            laid.arms.took(decision.visit_id)

    engage.count = count
    laid.keeping.tell = lambda payload: reach.delivery.retain(reach.topics.release, payload)
    reach.doorbell.look = built.releasing.ring
    return built
