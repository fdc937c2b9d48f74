"""What central does for a customer who has proven who they are: the port ``OwnData`` over PostgreSQL.

Nothing here asks a device and waits: what it is to be told is written beside what was done (``acts``).
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from edge.catalog.site import Site
from edge.central.customers.part import CustomersPart
from edge.central.customers.tables import alone
from edge.central.my_data.acts import Acting
from edge.central.my_data.home_tags import Claimed, claimed, tag_new
from edge.central.my_data.kept import Kept, kept
from edge.central.my_data.menus import Menus
from edge.central.my_data.proving import Proving
from edge.central.my_data.tables import MY_DATA
from edge.central.my_data.taking_along import export_of, receipt_of
from edge.central.my_data.used_proofs import is_first_use
from edge.central.postgres import Connection, Cursor, connect, migrate, storing
from edge.core.chance import Chance
from edge.core.clock import Clock
from edge.identity.consent import Notice, Purpose, ends_at
from edge.identity.presence import Refusal
from edge.identity.profile import CustomerId
from edge.web.my_data_ports import Change, Erased, MyData, NotACustomerError, PhoneVisit
from edge.web.phone_visits import PhoneVisits

MAX_VISITS: Final = 20_000
"""At once; beyond it whoever did nothing for longest proves again, which takes no touch."""


@dataclass(frozen=True, slots=True)
class OwnDataParts:
    """What the page at home works with."""

    database: str = field(repr=False)
    customers: CustomersPart = field(repr=False)
    menus: Menus = field(repr=False)
    clock: Clock
    chance: Chance


class CentralOwnData:
    """Implements ``edge.web.my_data_ports.OwnData``. Safe to use from every thread of one process."""

    def __init__(self, parts: OwnDataParts) -> None:
        self._parts = parts
        self._proving = Proving(parts.clock(), parts.chance)
        self._phones = PhoneVisits(parts.clock, parts.chance, most=MAX_VISITS)
        self._preparing = threading.Lock()
        self._is_prepared = False

    @property
    def menus(self) -> Menus:
        """The shops, for what things are called."""
        return self._parts.menus

    @property
    def days_ahead(self) -> int:
        """Days that a device without a network goes on recognising somebody."""
        return self._parts.customers.rules.day_keys_ahead

    # ---- coming ------------------------------------------------------------------------

    def prove(self, tag: bytes, code: str) -> PhoneVisit | Refusal:
        """Answer a browser that shows, with a fresh proof, that it holds the home key of ``tag``.

        Raises:
            StorageUnavailableError: The database is away.
        """
        key = self._parts.customers.keys.row_key

        def claim() -> Claimed | None:
            with self._open() as con:
                tag_new(con, key)  # who came a moment ago
                with con.cursor() as cur:
                    return claimed(cur, key, tag)

        now = self._parts.clock()
        read = self._proving.proven(code, claim, now)
        if isinstance(read, Refusal):
            return read
        with self._open() as con:
            if not is_first_use(con, code, now):
                return Refusal.USED
        return self._phones.begin(CustomerId(read), None)

    def tag_new(self) -> int:
        """Give some of the customers who have none the tag that they are found by."""
        with self._open() as con:
            return tag_new(con, self._parts.customers.keys.row_key)

    def visit(self, key: str | None) -> PhoneVisit | None:
        """Return the visit, and count its time from now again."""
        state = self._phones.state(key)
        return None if state is None or key is None else PhoneVisit(key, None, is_customer=True)

    # ---- seeing ------------------------------------------------------------------------

    def site(self, visit: PhoneVisit | None) -> Site:
        """Return the shop where they enrolled, for the names of things."""
        if visit is None:
            return self.menus.first
        with self._open() as con, con.cursor() as cur:
            return self.menus.site(self._kept(cur, visit).site)

    def my_data(self, visit: PhoneVisit) -> MyData:
        """Return what is kept."""
        found = self._read(visit)
        until = {purpose: ends_at(grant) for purpose, grant in found.grants.items()}
        return MyData(
            profile=found.profile,
            purposes=until,
            since_at=found.since_at,
            keeps_until=max(until.values(), default=self._parts.clock()),
            linked_screen=None,
            uses=None,
        )

    def export(self, visit: PhoneVisit) -> Mapping[str, object]:
        """Return everything that is kept about them, ready for JSON."""
        return export_of(self._read(visit))

    def receipt(self, visit: PhoneVisit) -> Mapping[str, object]:
        """Return what they said about consent, signed by central."""
        sign = self._parts.customers.keys.writing.sign
        return receipt_of(self._read(visit), sign, self._parts.clock())

    # ---- changing ----------------------------------------------------------------------

    def change(self, visit: PhoneVisit, change: Change) -> None:
        """Apply a change; devices are told, of one customer at most once a minute."""
        with self._acting(visit) as acting:
            acting.change(change, self.menus.site(acting.kept.site))

    def set_purposes(
        self, visit: PhoneVisit, purposes: frozenset[Purpose], notice: Notice
    ) -> None:  # taken back under the notice of the grant
        """Take back what is not in ``purposes``; taking the last one back erases.

        Raises:
            RequestContractError: One of them is not in force: consent is given in a shop.
        """
        if not purposes:
            self.erase(visit)
            return
        with self._acting(visit) as acting:
            acting.take_back_all_but(purposes)

    def disconnect(self, visit: PhoneVisit) -> PhoneVisit:
        """End the visit."""
        self._phones.end(visit.key)
        return visit

    def erase(self, visit: PhoneVisit) -> Erased:
        """Forget everything here, and write to every device that may hold them."""
        with self._acting(visit) as acting:
            erased = Erased(acting.erase(), acting.now)
        self._phones.forget(CustomerId(acting.kept.pseudonym))
        return erased

    # ---- details -----------------------------------------------------------------------

    def _read(self, visit: PhoneVisit) -> Kept:
        with self._open() as con, con.cursor() as cur:
            return self._kept(cur, visit)

    def _kept(self, cur: Cursor, visit: PhoneVisit) -> Kept:
        state = self._phones.state(visit.key)
        found = None
        if state is not None and state.customer_id is not None:
            key = self._parts.customers.keys.row_key
            found = kept(cur, key, state.customer_id, self._parts.clock())
        if found is None:
            msg = "wanted a browser that has proven whose data it opens, got none; open it again"
            raise NotACustomerError(msg)
        return found

    @contextmanager
    def _acting(self, visit: PhoneVisit) -> Iterator[Acting]:
        parts = self._parts
        with self._open() as con, con.transaction(), con.cursor() as cur:
            alone(cur)
            kept_ = self._kept(cur, visit)
            yield Acting(cur, kept_, parts.customers.keys, parts.clock(), parts.chance)

    @contextmanager
    def _open(self) -> Iterator[Connection]:
        with storing(), connect(self._parts.database, name="my data at home") as con:
            con.autocommit = True
            with self._preparing:
                if not self._is_prepared:
                    self._parts.customers.prepare(con)
                    migrate(con, MY_DATA)
                    self._is_prepared = True
            yield con
