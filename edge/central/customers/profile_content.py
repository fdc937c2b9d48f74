"""What a profile message says of one customer: at most 8 kB, and nothing that is not consented to. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import orjson

from edge.identity.consent import HOLDS, ConsentEvent, Purpose, grants_in_force
from edge.identity.day_keys import day_key, day_of
from edge.identity.profile import MAX_PURCHASES, Profile, kept_for
from edge.wire.profile_facts import purchase_line, wishes_said

MAX_BYTES: Final = 8 * 1024
MAX_CONSENTS: Final = 60
_MAX_KNOWN: Final = 60


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer as central knows them."""

    pseudonym: bytes = field(repr=False)
    beacon_key: bytes = field(repr=False)
    group: int
    language: str
    since_at: datetime
    consents: Sequence[ConsentEvent] = field(repr=False)
    profile: Profile = field(default_factory=Profile, repr=False)


def content(customer: Customer, now: datetime, days_ahead: int) -> dict[str, Any]:
    """Return what a device is told: keys from yesterday on, and what was said.

    Withdrawals that matter are said first; of consents, what does not fit is what changes nothing.
    What is left of the room is for what they told us and bought, as far as they allow it.
    """
    today = day_of(now)
    days = range(today - 1, today + days_ahead + 1)
    said: dict[str, Any] = {
        "pseudonym": customer.pseudonym.hex(),
        "since_at": customer.since_at,
        "language": customer.language,
        "day_keys": {
            str(day): day_key(customer.beacon_key, customer.group, day).hex() for day in days
        },
    }
    room = MAX_BYTES - len(orjson.dumps(said | {"consents": []}))
    said["consents"] = _fitting(customer.consents, now, room)
    allowed = grants_in_force(customer.consents, now)
    return _with_profile(said, kept_for(customer.profile, allowed))


def _with_profile(said: dict[str, Any], profile: Profile) -> dict[str, Any]:
    """Return ``said`` with what fits of a profile; the oldest purchases go first."""
    for name, part in (("wishes", wishes_said(profile)), ("wrong", _newest_wrong(profile))):
        longer = said | {name: part}
        if part and len(orjson.dumps(longer)) <= MAX_BYTES:
            said = longer
    room = MAX_BYTES - len(orjson.dumps(said | {"purchases": []}))
    lines: list[dict[str, Any]] = []
    for one in profile.purchases[:MAX_PURCHASES]:
        line = purchase_line(one)
        room -= len(orjson.dumps(line)) + 1
        if room < 0:
            break
        lines.append(line)
    return said | {"purchases": lines} if lines else said


def _newest_wrong(profile: Profile) -> dict[str, int]:
    newest = sorted(profile.wrong.items(), key=lambda said: (-said[1], said[0]))
    return dict(newest[:MAX_PURCHASES])


def _fitting(consents: Sequence[ConsentEvent], now: datetime, room: int) -> list[dict[str, Any]]:
    grants = grants_in_force(consents, now)
    ordered = sorted(consents, key=lambda one: (one.at, one.event_id), reverse=True)
    ordered.sort(key=lambda one: _weight(one, grants))
    found: list[dict[str, Any]] = []
    for event in ordered[:MAX_CONSENTS]:
        said = _said(event)
        room -= len(orjson.dumps(said)) + 1
        if room < 0:
            break
        found.append(said)
    return found


def _weight(event: ConsentEvent, grants: Mapping[Purpose, ConsentEvent]) -> int:
    grant = grants.get(event.purpose)
    if event.state == "withdrawn":
        return 0 if grant is None else 2
    if grant is not None and event.event_id == grant.event_id:
        return 1
    return 3 if event.state not in HOLDS else 4


def _said(event: ConsentEvent) -> dict[str, Any]:
    return {
        "event_id": event.event_id,
        "record_id": event.record_id,
        "purpose": event.purpose.value,
        "state": event.state,
        "at": event.at,
        "valid_until": event.valid_until,
        "notice_version": event.notice.version,
        "knows": sorted(event.knows)[:_MAX_KNOWN],
    }
