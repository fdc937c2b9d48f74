"""Whether the people who looked at an entry looked at this very text.

The digest is over what the entry says, not over how its file is laid out: comments and the order of
keys may change. A field that is left at its default does not count, so that a format that gains a
field leaves every approval standing. What an offer takes from its modules counts as its own.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import date, timedelta

from edge.catalog.approval import Approval
from edge.catalog.content import Module
from edge.catalog.offer import Offer


def entry_digest(entry: Offer | Module) -> str:
    """Return the SHA-256 over ``entry`` without its approvals, in hex."""
    said = entry.model_dump(exclude={"approvals"}, exclude_defaults=True)
    text = json.dumps(_plain(said), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def valid_approvals(offer: Offer) -> tuple[Approval, ...]:
    """Return the approvals of this very text by somebody other than its owner."""
    digest = entry_digest(offer)
    return tuple(one for one in offer.approvals if one.digest == digest and one.by != offer.owner)


def stale_approvals(entry: Offer | Module) -> tuple[Approval, ...]:
    """Return the approvals of another text than this one."""
    digest = entry_digest(entry)
    return tuple(one for one in entry.approvals if one.digest != digest)


def _plain(value: object) -> object:
    """Return ``value`` as JSON knows it, sets in order."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, frozenset):
        return sorted((_plain(inner) for inner in value), key=str)
    if isinstance(value, tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, date):
        return value.isoformat()
    return value.total_seconds() if isinstance(value, timedelta) else value
