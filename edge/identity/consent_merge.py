"""Join what the device and the CDP each know of a customer's consent.

The result is the set of everything that was said, so joining in any order and any number of times
gives the same. Who wins is not decided here but in ``grants_in_force``, from what each event knew.

Source: security.md, "Consent record" (withdrawal wins regardless of clock).
"""

from collections.abc import Iterable
from dataclasses import replace

from edge.identity.consent import HOLDS, ConsentEvent, Purpose, ends_at


def merge(ours: Iterable[ConsentEvent], theirs: Iterable[ConsentEvent]) -> tuple[ConsentEvent, ...]:
    """Return everything that was said, each event once, ordered by (at, event id).

    Two different events under one id are a mistake of whoever made them; the one that allows
    less is kept, on both sides the same.
    """
    kept: dict[str, ConsentEvent] = {}
    for event in (*ours, *theirs):
        other = kept.get(event.event_id)
        kept[event.event_id] = event if other is None else min(other, event, key=_allows)
    return tuple(sorted(kept.values(), key=lambda event: (event.at, event.event_id)))


def knowing(
    said: Iterable[ConsentEvent], before: Iterable[ConsentEvent]
) -> tuple[ConsentEvent, ...]:
    """Return ``said`` as it is to be kept at a place that already holds ``before``.

    Whoever says something there can see what was withdrawn, so it knows of those withdrawals.
    """
    withdrawn = {event.event_id: event.purpose for event in before if event.state == "withdrawn"}
    kept = []
    for event in said:
        if event.state in HOLDS:
            known = {key for key, purpose in withdrawn.items() if purpose is event.purpose}
            kept.append(replace(event, knows=event.knows | known))
            continue
        kept.append(event)
        if event.state == "withdrawn":
            withdrawn[event.event_id] = event.purpose
    return tuple(kept)


def withdrawals(events: Iterable[ConsentEvent], purpose: Purpose) -> frozenset[str]:
    """Return the ids of all withdrawals of ``purpose`` that ``events`` are or know of.

    What was kept where one of them was not known yet ends with it, though the customer may have
    consented again since (edge/wire/taste_event.py).
    """
    of_purpose = [event for event in events if event.purpose is purpose]
    withdrawn = {event.event_id for event in of_purpose if event.state == "withdrawn"}
    return frozenset(withdrawn.union(*(event.knows for event in of_purpose)))


def _allows(event: ConsentEvent) -> tuple[object, ...]:
    """Order events of one id, from what allows least; no two different ones are equal."""
    notice = event.notice
    return (
        0 if event.state == "withdrawn" else 2 if event.state in HOLDS else 1,
        len(event.knows),
        ends_at(event),
        sorted(event.knows),
        event.at,
        event.valid_until is None,
        (event.record_id, event.purpose, event.state, event.method),
        (notice.notice_id, notice.version, notice.language),
        (notice.text_sha256, notice.ui_sha256),
    )
