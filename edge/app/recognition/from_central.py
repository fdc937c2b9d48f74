"""Take what central says about customers: day keys, profiles, consents, and whom to forget.

A message is taken whole or not at all, and taking it twice changes nothing; ``taking`` says how one
customer is taken.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Final

from edge.app.recognition.central_parts import CentralParts
from edge.app.recognition.profiles import COMMIT_WAIT_S
from edge.app.recognition.reporting import Reporting
from edge.app.recognition.taking import Taking
from edge.core.errors import EdgeError, TrustError
from edge.wire.profile_message import ERASE_INFO, PROFILE_INFO, parse_erase, parse_profile
from edge.wire.signed import Stamp, check_signature

log = logging.getLogger(__name__)

_KINDS: Final = ("profile", "erase")


class FromCentral:
    """Takes messages from central and reports new customers to it."""

    def __init__(self, parts: CentralParts) -> None:
        self._parts = parts
        self._taking = Taking(parts)
        self._reporting = Reporting(parts)

    def heard_profile(self, payload: bytes) -> None:
        """Take a profile message from the broker, where anybody may have written it.

        Raises:
            WireContractError: It is not one.
            TrustError: Central did not sign it for this device, or it was heard before.
        """
        self._new("profile", payload, PROFILE_INFO, self.profile)

    def heard_erase(self, payload: bytes) -> None:
        """Take an erase message from the broker; raises as ``heard_profile`` does."""
        self._new("erase", payload, ERASE_INFO, self.erase)

    def heard(self) -> Mapping[str, str]:
        """Return kind of message -> the stamp of the newest one that was taken."""
        noted = {name: self._parts.store.keys.noted(f"central/{name}") for name in _KINDS}
        return {name: stamp.decode() for name, stamp in noted.items() if stamp is not None}

    def profile(self, payload: bytes) -> None:
        """Take a profile message from whoever may write into the data folder.

        Raises:
            WireContractError: It is not one.
            TrustError: It was not sealed to this device.
        """
        said = parse_profile(payload, self._parts.store.keys.open_sealed)
        self._parts.known.load()
        for customer in said.customers:
            try:
                self._taking.take(customer)
            except (EdgeError, TimeoutError) as error:
                # The others of the message are not to wait for one that cannot be kept.
                log.error("a customer from central was not taken: %s", error)

    def erase(self, payload: bytes) -> None:
        """Take an erase message; raises as ``profile`` does."""
        said = parse_erase(payload, self._parts.store.keys.open_sealed)
        self._parts.known.load()  # whoever is not known yet would be missed for good
        for pseudonym in said.pseudonyms:
            customer_id = self._parts.known.customer_of(bytes.fromhex(pseudonym))
            if customer_id is None:
                # Their profile may still be on its way: it must find that they were erased.
                self._parts.store.mark_erased(bytes.fromhex(pseudonym)).result(COMMIT_WAIT_S)
                continue
            try:
                self._parts.pages.forget(customer_id, "central")
            except EdgeError as error:
                # The others are not to wait for it; central misses the event of this one.
                log.error("a customer whom central erased is not erased yet: %s", error)

    def report(self) -> None:
        """Tell central of customers who enrolled here and whom it does not know of yet."""
        self._reporting.report()

    def _new(self, name: str, payload: bytes, info: bytes, take: Callable[[bytes], None]) -> None:
        keys = self._parts.store.keys
        stamp = check_signature(
            payload,
            central_key=self._parts.central_sign_key,
            info=info,
            device_key=keys.exchange_key,
        )
        fact = f"central/{name}"
        last = keys.noted(fact)
        if last is not None and stamp <= Stamp.from_text(last.decode()):
            msg = f"{name}: wanted a newer message than the last one, got an older one or a repeat"
            raise TrustError(msg)
        take(payload)
        keys.note(fact, stamp.to_text().encode())
