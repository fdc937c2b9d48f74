"""What opens and seals a customer's row, with the customer's own key.

A value that does not open is of nobody who can be recognised; it is said in the log, without whose
it is, and treated as not there.
"""

import logging

from edge.core.chance import Chance
from edge.core.errors import ContractError
from edge.identity.holders import Holder
from edge.identity.profile import CustomerId, Profile
from edge.store.customer_rows import CustomerRow
from edge.store.keys import KeyFile
from edge.store.profile_bytes import from_bytes
from edge.store.sealed import Place, SealBrokenError, seal, unseal

log = logging.getLogger(__name__)


class Vault:
    """Seals and opens. Raises what ``KeyFile`` raises while the device's keys do not fit."""

    def __init__(self, keys: KeyFile, chance: Chance) -> None:
        self._keys = keys
        self._chance = chance

    def new_row(self, holder: Holder, profile: bytes, day: int) -> CustomerRow:
        """Return the first row of a customer, whose key is on disk when this returns."""
        key = self._keys.data.make(holder.customer_id)
        return CustomerRow(
            customer_id=holder.customer_id,
            seen_day=day,
            holder_version=1,
            profile_version=1,
            holder_sealed=self._seal(key, holder.to_json(), _of_holder(holder.customer_id, 1)),
            profile_sealed=self._seal(key, profile, _of_profile(holder.customer_id, 1)),
        )

    def next_holder(self, row: CustomerRow, holder: Holder) -> bytes:
        """Return a holder sealed to follow the one in ``row``."""
        place = _of_holder(row.customer_id, row.holder_version + 1)
        return self._seal(self._key(row.customer_id), holder.to_json(), place)

    def next_profile(self, row: CustomerRow, profile: bytes) -> bytes:
        """Return a profile sealed to follow the one in ``row``."""
        place = _of_profile(row.customer_id, row.profile_version + 1)
        return self._seal(self._key(row.customer_id), profile, place)

    def profile(self, row: CustomerRow) -> Profile:
        """Return the profile in ``row``.

        Raises:
            SealBrokenError: It does not open.
            ContractError: What it holds is no profile.
        """
        place = _of_profile(row.customer_id, row.profile_version)
        return from_bytes(unseal(self._key(row.customer_id), row.profile_sealed, place))

    def holder(self, row: CustomerRow, key: bytes | None = None) -> Holder | None:
        """Return the holder in ``row``, or None when it does not open.

        Args:
            row: The customer's row.
            key: The customer's key, where it was read before.
        """
        place = _of_holder(row.customer_id, row.holder_version)
        try:
            opened = unseal(key or self._key(row.customer_id), row.holder_sealed, place)
            return Holder.from_json(opened)
        except (SealBrokenError, ContractError) as error:
            log.error("a customer cannot be recognised: %s", error)
            return None

    def _key(self, customer_id: CustomerId) -> bytes:
        key = self._keys.data.of(customer_id)
        if key is None:
            msg = "wanted a customer's key, which is gone; so is what it sealed"
            raise SealBrokenError(msg)
        return key

    def _seal(self, key: bytes, plain: bytes, place: Place) -> bytes:
        return seal(key, plain, place, self._chance)


def _of_holder(customer_id: CustomerId, version: int) -> Place:
    return Place("customer.holder", customer_id, version)


def _of_profile(customer_id: CustomerId, version: int) -> Place:
    return Place("customer.profile", customer_id, version)
