"""What a customer does to their data at home: in the caller's transaction, with what devices are told.

Each act leaves a line in ``customer_log`` that names nobody. The caller is ``alone``.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, LiteralString

from edge.catalog.site import Site
from edge.central.customers import consent_rows, profiles
from edge.central.customers.forgetting import forget
from edge.central.customers.keys import CustomerKeys
from edge.central.my_data.kept import Kept
from edge.central.postgres import Cursor
from edge.core.chance import Chance
from edge.core.errors import RequestContractError
from edge.core.ids import uuid7
from edge.identity.consent import Purpose, following
from edge.web.my_data_ports import Change
from edge.web.phone.applied import changed

_WHO: Final = "customer"
_DUE: Final[LiteralString] = """
UPDATE customer SET is_due = true, empty_since = NULL WHERE pseudonym = %s
"""
_LOG: Final[LiteralString] = """
INSERT INTO customer_log(at, who, what, mark, detail) VALUES (%s, %s, %s, %s, %s)
"""


@dataclass(frozen=True, slots=True)
class Acting:
    """Somebody who does something, as they are kept in this transaction."""

    cur: Cursor
    kept: Kept = field(repr=False)
    keys: CustomerKeys = field(repr=False)
    now: datetime
    chance: Chance

    def change(self, change: Change, site: Site) -> None:
        """Apply a change to what they told us or bought.

        Raises:
            RequestContractError: They do not allow that it is kept, or ``site`` has no such thing.
        """
        wanted = Purpose.TASTES if change.is_wish else Purpose.PAST_ORDERS
        if wanted not in self.kept.grants:
            msg = f"wanted the purpose '{wanted}' for this, it is switched off"
            raise RequestContractError(msg)
        who, after = self.kept.pseudonym, changed(self.kept.profile, change, site, self.now)
        if profiles.merge_in(self.cur, self.keys, who, after, self.now, told_by=""):
            self._log("change", wanted)

    def take_back_all_but(self, purposes: Collection[Purpose]) -> None:
        """Withdraw what is in force and not in ``purposes``, and delete what was kept for it.

        Raises:
            RequestContractError: One of them is not in force: consent is given in a shop.
        """
        if set(purposes) - self.kept.grants.keys():
            msg = "wanted purposes that are in force, got another; consent is given in a shop"
            raise RequestContractError(msg)
        said = [
            following(grant, "withdrawn", event_id=uuid7(self.now, self.chance), at=self.now)
            for purpose, grant in self.kept.grants.items()
            if purpose not in purposes
        ]
        if not said:
            return
        who = self.kept.pseudonym
        consent_rows.add(self.cur, who, said)
        everything = consent_rows.of(self.cur, who)
        profiles.keep_only(self.cur, self.keys, who, everything, self.now)
        self.cur.execute(_DUE, (who,))
        self._log("withdraw", ", ".join(sorted(one.purpose for one in said)))

    def erase(self) -> str:
        """Forget everything, write to every device that may hold them; return the erasure's id."""
        erasure_id = uuid7(self.now, self.chance)
        keys = (self.keys.row_key, self.keys.writing)
        told = forget(self.cur, keys, self.kept.pseudonym, self.now)
        self._log("erase", f"{erasure_id}, written to {told} devices")
        return erasure_id

    def _log(self, what: str, detail: str) -> None:
        # A keyed mark, so that the log outlives an erasure and names nobody.
        mark = self.keys.row_key.mark(self.kept.pseudonym)
        self.cur.execute(_LOG, (self.now, _WHO, what, mark, detail))
