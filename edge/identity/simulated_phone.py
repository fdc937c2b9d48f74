"""A customer's phone without the phone: what it would draw and send, for demos and tests.

It holds what a real one holds and makes every token the same way; the service cannot tell.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from edge.core.chance import Chance
from edge.core.errors import RequestContractError
from edge.identity.beacon import encode
from edge.identity.codes import Issuer, credential, k1, k4, public_key_of
from edge.identity.day_keys import PSEUDONYM_BYTES, day_key, day_of, interval_of

CREDENTIAL_LASTS: Final = timedelta(days=90)
NONCE_BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class HeldCredential:
    """An issuer's word for a phone, and the phone's own Ed25519 key that it is for."""

    credential: bytes = field(repr=False)  # (115,)
    holder_secret: bytes = field(repr=False)  # (32,)


@dataclass(frozen=True, slots=True)
class SimulatedPhone:
    """A phone that enrolled in ``group`` with ``beacon_key``."""

    beacon_key: bytes = field(repr=False)  # (32,)
    group: int
    prefix: bytes  # (4,)
    held: HeldCredential | None = field(default=None, repr=False)

    def k1(self, at: datetime, chance: Chance) -> str:
        """Return the code that it shows at ``at``."""
        return k1(self.day_key(at), at, chance(NONCE_BYTES))

    def k4(self, at: datetime, chance: Chance) -> str:
        """Return the code that it shows where no day keys are known.

        Raises:
            RequestContractError: No issuer gave it a credential.
        """
        if self.held is None:
            msg = "wanted a phone with a credential for a K4 code, found one without; give it one"
            raise RequestContractError(msg)
        return k4(self.held.credential, self.held.holder_secret, at, chance(NONCE_BYTES))

    def frame(self, at: datetime, *, power_dbm: int = -59, scope: int = 0) -> bytes:
        """Return the 16 bytes that its beacon sends at ``at``."""
        return encode(
            self.day_key(at), interval_of(at), prefix=self.prefix, power_dbm=power_dbm, scope=scope
        )

    def day_key(self, at: datetime) -> bytes:
        """Return its key of that day, as devices of its group hold it."""
        return day_key(self.beacon_key, self.group, day_of(at))

    @property
    def pseudonym(self) -> bytes:
        """What its issuer calls it. A real one is random; this one can be told from the key."""
        return hashlib.sha256(b"simulated pseudonym" + self.beacon_key).digest()[:PSEUDONYM_BYTES]

    def with_credential(
        self, issuer: Issuer, at: datetime, chance: Chance, *, scope: int = 3
    ) -> "SimulatedPhone":
        """Return the phone with a new key of its own that ``issuer`` vouches for, for 90 days."""
        secret = chance(32)
        vouched = credential(
            issuer, self.pseudonym, at + CREDENTIAL_LASTS, scope, public_key_of(secret)
        )
        held = HeldCredential(vouched, secret)
        return SimulatedPhone(self.beacon_key, self.group, self.prefix, held)
