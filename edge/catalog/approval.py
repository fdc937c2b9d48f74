"""Who looked at an entry before shoppers do: a line that stays true for one text only.

The line names a digest of the entry without its approvals, so that whoever edits the text after it
was approved has an offer that nobody approved.
"""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from edge.catalog.entry import Entry, Id, ShopDate

ApproverRole = Literal["owner", "brand", "legal", "privacy", "lead"]


class Approver(Entry):
    """Somebody who may approve (``approvers.yaml``); with that file, nobody else may."""

    id: Id
    roles: Annotated[frozenset[ApproverRole], Field(min_length=1)]
    key: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{64})?$")] = ""
    """Ed25519, public, in hex; with it, every approval of theirs wants a signature."""


class Approval(Entry):
    """One person's yes. ``signature`` is Ed25519 over the digest, in hex; "" where none is asked."""

    by: Id
    role: ApproverRole
    on: ShopDate
    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    signature: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{128})?$")] = ""
