"""Join experiments and the learner with the service: what decisions read, and what follows of them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from edge.app.experiments import Experimenting
from edge.app.foundation import Foundation
from edge.app.learning import Learning
from edge.app.recognition.runtime import Recognising
from edge.app.record_engagement import RecordEngagement
from edge.app.serve_placement import ServePlacement
from edge.app.supervisor import Job
from edge.decide.decide import Decision
from edge.decide.engagement import Engagement
from edge.decide.state import State
from edge.decide.values import Asked
from edge.store.decisions import RecordedDecision


@dataclass(frozen=True, slots=True)
class Trying:
    """What is tried, and what is learned from it."""

    experiments: Experimenting
    learning: Learning

    def jobs(self) -> list[Job]:
        """Return what is done again and again."""
        return [Job("learner", 60, self.learning.tick)]

    def figures(self) -> dict[str, float]:
        """Return how both go."""
        return {**self.experiments.figures(), **self.learning.figures()}


def build_trying(core: Foundation, recognising: Recognising | None) -> Trying:
    """Build both; the learner goes on from where it was."""

    def customer_at(screen_id: str) -> str:
        presence = recognising.presences.at(screen_id) if recognising else None
        if recognising is None or presence is None:
            return ""
        holder = recognising.known.holder(presence.customer_id)
        return holder.pseudonym.hex() if holder and holder.pseudonym else ""

    learning = Learning(core.store.learner, core.current_site, core.clock)
    learning.recall()
    return Trying(Experimenting(core.current_site, customer_at), learning)


def join_experiments(trying: Trying, serve: ServePlacement, engage: RecordEngagement) -> None:
    """Let decisions read what is assigned and learned, and let what follows of them be heard."""
    _tell_state(trying, serve)
    engage.assigned = trying.experiments.exposed_by
    _hear_decisions(trying.learning, serve)
    before = engage.count

    def count(engagement: Engagement, decision: RecordedDecision) -> None:
        before(engagement, decision)
        trying.learning.engaged(engagement)

    engage.count = count


def _tell_state(trying: Trying, serve: ServePlacement) -> None:
    before = serve.state_of

    def state_of(asked: Asked, now: datetime) -> State:
        return replace(
            before(asked, now),
            assignment=trying.experiments.assignment_of(asked, now),
            learner=trying.learning.head(),
        )

    serve.state_of = state_of


def _hear_decisions(learning: Learning, serve: ServePlacement) -> None:
    before: Callable[[Asked, Decision], None] = serve.decided

    def decided(asked: Asked, decision: Decision) -> None:
        before(asked, decision)
        learning.decided(asked, decision)

    serve.decided = decided
