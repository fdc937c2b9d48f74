"""Join contacts with the service: what caps go by is read before a decision, counted after it."""

from dataclasses import replace
from datetime import datetime

from edge.app.contacts import ContactsKept
from edge.app.foundation import Foundation
from edge.app.record_engagement import RecordEngagement
from edge.app.serve_placement import ServePlacement
from edge.app.supervisor import Job
from edge.decide.engagement import Engagement
from edge.decide.state import State
from edge.decide.values import Asked
from edge.store.decisions import RecordedDecision
from edge.store.seen import Seen


def join_contacts(core: Foundation, serve: ServePlacement, engage: RecordEngagement) -> Job:
    """Let decisions read what was seen, and let what is seen be counted once it is on disk.

    What was seen before the start is counted first. Returns what forgets visits that are over.
    """
    contacts = ContactsKept(core.current_site, core.clock)
    contacts.recall(core.store.reads)
    state_before, count_before = serve.state_of, engage.count

    def state_of(asked: Asked, now: datetime) -> State:
        return replace(state_before(asked, now), contacts=contacts.contacts_of(asked, now))

    def count(engagement: Engagement, decision: RecordedDecision) -> None:
        count_before(engagement, decision)
        contacts.count(_seen(engagement, decision))

    serve.state_of, engage.count = state_of, count
    return Job("contacts", 300, contacts.tick)


def _seen(engagement: Engagement, decision: RecordedDecision) -> Seen:
    return Seen(
        kind=engagement.kind,
        slot=engagement.slot,
        at=engagement.at,
        decision_id=decision.decision_id,
        screen_id=decision.screen_id,
        surface=decision.surface,
        visit_id=decision.visit_id,
        body=decision.body,
    )
