"""PINs: only a slow, salted and keyed hash of one is ever kept.

argon2id with 64 MiB takes about a quarter of a second, so a stolen database cannot be guessed
through quickly, and without the device's key (the pepper) not at all. One hash is made at a
time: memory stays bounded however many tablets sign in at once.

Source: security.md, "Roles for tablets and operators"; decided.md 38.
"""

import threading
from dataclasses import dataclass
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from edge.core.chance import Chance
from edge.core.errors import RequestContractError
from edge.store.chain import Mac, canonical

MIN_DIGITS: Final = 6
MAX_DIGITS: Final = 12
_SALT_BYTES: Final = 16
_RUN: Final = "01234567890"


@dataclass(frozen=True, slots=True)
class PinCost:
    """What one try costs; the default is what a shop runs with."""

    rounds: int = 3
    memory_kib: int = 65_536
    lanes: int = 1


class Pins:
    """Hashes PINs and tells whether one fits. Safe to use from every thread.

    Args:
        pepper: A keyed hash with a key of the device's own.
        chance: For salts.
        cost: What one try costs.
    """

    def __init__(self, pepper: Mac, chance: Chance, cost: PinCost | None = None) -> None:
        cost = cost or PinCost()
        self._pepper = pepper
        self._chance = chance
        self._hasher = PasswordHasher(cost.rounds, cost.memory_kib, cost.lanes)
        self._one_at_a_time = threading.Lock()
        self._nobodys = ""

    def hashed(self, user_id: str, pin: str) -> str:
        """Return what to keep of a member's PIN.

        Raises:
            RequestContractError: It has the wrong length, or is one that everybody guesses.
        """
        refuse_weak(pin)
        return self._hash(user_id, pin)

    def fits(self, user_id: str, pin: str, pin_hash: str | None) -> bool:
        """Say whether the PIN is the member's; as slow for a member who does not exist (None)."""
        nobodys = self._of_nobody()  # also for a member: the first try must take as long
        with self._one_at_a_time:
            try:
                self._hasher.verify(pin_hash or nobodys, self._peppered(user_id, pin))
            except (VerificationError, InvalidHashError):
                return False
        return pin_hash is not None

    def _of_nobody(self) -> str:
        if not self._nobodys:
            self._nobodys = self._hash("", self._chance(_SALT_BYTES).hex())
        return self._nobodys

    def _hash(self, user_id: str, pin: str) -> str:
        with self._one_at_a_time:
            salt = self._chance(_SALT_BYTES)
            return self._hasher.hash(self._peppered(user_id, pin), salt=salt)

    def _peppered(self, user_id: str, pin: str) -> bytes:
        return self._pepper(canonical("pin", user_id, pin))


def refuse_weak(pin: str) -> None:
    """Return if the PIN may be used.

    Raises:
        RequestContractError: It may not. The message does not repeat it.
    """
    is_pin = pin.isascii() and pin.isdigit() and MIN_DIGITS <= len(pin) <= MAX_DIGITS
    if not is_pin:
        msg = f"wanted a PIN of {MIN_DIGITS} to {MAX_DIGITS} digits, got something else"
        raise RequestContractError(msg)
    if len(set(pin)) == 1 or pin in _RUN or pin in _RUN[::-1]:
        msg = "wanted a PIN that is not the first one tried, got one digit or a run; take another"
        raise RequestContractError(msg)
