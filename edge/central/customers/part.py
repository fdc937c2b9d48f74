"""The customers' part of the bridge, built once from central's settings."""

from dataclasses import dataclass, field
from typing import Final

from edge.central.customers.follow import FollowCustomers
from edge.central.customers.keys import CustomerKeys
from edge.central.customers.row_key import row_key
from edge.central.customers.sealed_message import Writing
from edge.central.customers.tables import CUSTOMERS
from edge.central.customers.telling import Telling, TellingRules
from edge.central.fleet.releases.central_keys import CUSTOMERS_EXCHANGE, CUSTOMERS_SIGN, CentralKeys
from edge.central.postgres import Connection, migrate
from edge.central.settings import CentralSettings
from edge.core.chance import Chance
from edge.core.clock import Clock
from edge.core.errors import TrustError


@dataclass(frozen=True, slots=True)
class CustomersPart:
    """Central's keys for customers, and who is told of them."""

    keys: CustomerKeys = field(repr=False)
    rules: TellingRules

    def prepare(self, con: Connection) -> None:
        """Make the tables, and see that they were written with this row key.

        Raises:
            TrustError: They were written with another.
        """
        migrate(con, CUSTOMERS)
        digest = self.keys.row_key.digest
        with con.transaction():
            con.execute(
                "INSERT INTO customer_key_check(digest) VALUES (%s) ON CONFLICT DO NOTHING",
                (digest,),
            )
            row = con.execute("SELECT digest FROM customer_key_check").fetchone()
        if row is None or bytes(row[0]) != digest:
            msg = (
                "wanted the customers-rows.key that customers' keys are sealed with, got another; "
                "copy it from the machine that ran the first bridge"
            )
            raise TrustError(msg)

    def follow(self, clock: Clock) -> FollowCustomers:
        """Return what takes new events."""
        return FollowCustomers(self.keys, clock)

    def telling(self, clock: Clock) -> Telling:
        """Return what writes to devices."""
        return Telling(self.keys, self.rules, clock)


_KEYS: Final = (CUSTOMERS_EXCHANGE, CUSTOMERS_SIGN)


def customers_part(settings: CentralSettings, chance: Chance) -> CustomersPart | None:
    """Return the part; None: the settings name no keys, so nothing can be opened.

    Raises:
        UnavailableError: A key cannot be read.
        TrustError: Others can read it.
    """
    folder = settings.keys.online
    if folder is None or not any((folder / f"{one}.pem").exists() for one in _KEYS):
        return None
    central = CentralKeys(folder)
    keys = CustomerKeys(
        exchange_private=central.exchange_private(),
        row_key=row_key(folder, chance),
        writing=Writing(central.sign_for_customers, chance),
    )
    rules = TellingRules(settings.customers.reach, settings.customers.day_keys_ahead)
    return CustomersPart(keys, rules)
