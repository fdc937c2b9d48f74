"""The keys of this device and of the customers it knows.

    device-root.key (32 bytes, 0600) --HKDF--> kek/<epoch> --wraps--> a data key per customer
                                     --HKDF--> audit-hmac, consent-hmac, session and others
                                     --HKDF--> device-keys --seals--> signing key, exchange key

Where root and ``keys.db`` do not belong together the service still runs, anonymously: nobody is
recognised, nothing is enrolled, and ``problem`` says so to the people who look after it. A new
root is never made in place of a lost one, because it would make a loss look like a new device.

Source: security.md, "Keys at the edge".
"""

import logging
from pathlib import Path
from typing import Final, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from edge.core.chance import Chance
from edge.core.clock import Clock
from edge.core.errors import StorageUnavailableError, TrustError
from edge.identity import sealing
from edge.identity.profile import CustomerId
from edge.store import data_keys, key_file
from edge.store.data_keys import DataKeys
from edge.store.key_file import KEY_BYTES, KeysUnfitError, make_root, read_root
from edge.store.keys_database import FILE_NAME, KeysDatabase
from edge.store.sealed import Place, SealBrokenError, seal, unseal

log = logging.getLogger(__name__)

_DEVICE_KEYS: Final = "device-keys"
_OURS: Final = ("kek/", _DEVICE_KEYS)
_SIGNING: Final = "signing"
_EXCHANGE: Final = "exchange"


class KeyFile:
    """What may be done with the device's keys. Safe to use from every thread.

    Every method raises KeysUnfitError while ``problem`` is not None.
    """

    protection: Final = "file"
    """What keeps the root key: a file on the same disk. Shown to whoever runs the shop."""

    def __init__(self, database: KeysDatabase | None, keys: "_Keys | None", problem: str) -> None:
        self._database = database
        self._keys = keys
        self.problem = problem or None
        """Why nobody can be recognised; None when all is well."""

    @classmethod
    def open(cls, folder: Path, *, clock: Clock, chance: Chance) -> Self:
        """Open the keys in ``folder``, or make those of a new device.

        Raises:
            SettingsContractError: Others may read them; the service must not start like that.
        """
        database: KeysDatabase | None = None
        try:
            is_known = (folder / FILE_NAME).exists()
            root = read_root(folder / key_file.FILE_NAME)
            database = KeysDatabase(folder / FILE_NAME)
            if root is None:
                _refuse_lost_root(folder, is_known=is_known)
                root = make_root(folder / key_file.FILE_NAME, chance)
            return cls(database, _Keys(database, root, clock, chance), "")
        except (StorageUnavailableError, TrustError) as error:
            problem = f"{error}. Then start the service again"
            log.error("nobody can be recognised: %s", problem)
            return cls(database, None, problem)

    @property
    def public_key(self) -> bytes:
        """The device's Ed25519 public key, 32 bytes."""
        return self._all.signing.public_key().public_bytes_raw()

    @property
    def exchange_key(self) -> bytes:
        """The device's X25519 public key, 32 bytes: what is sealed to it, only it opens."""
        private = X25519PrivateKey.from_private_bytes(self._all.exchange)
        return private.public_key().public_bytes_raw()

    @property
    def data(self) -> DataKeys:
        """The customers' keys."""
        return self._all.data

    def derive(self, label: str) -> bytes:
        """Return the device's 32-byte key for ``label``, the same at every start."""
        if label.startswith(_OURS):
            msg = f"wanted a label of the caller's own, got {label}, which wraps other keys"
            raise ValueError(msg)
        return key_file.derive(self._all.root, label)

    def sign(self, message: bytes) -> bytes:
        """Return the device's Ed25519 signature of ``message``, 64 bytes."""
        return self._all.signing.sign(message)

    def open_sealed(self, sealed: bytes, info: bytes) -> bytes:
        """Return what was sealed to ``exchange_key`` for ``info``.

        Raises:
            TrustError: It was sealed to another device or purpose, or was changed.
        """
        return sealing.unseal(sealed, self._all.exchange, info)

    def shred(self, customer_ids: list[CustomerId]) -> None:
        """Destroy customers' keys; works while the root does not fit.

        Raises:
            StorageUnavailableError: It could not be done; to be tried again.
        """
        if self._database is None:
            raise StorageUnavailableError(self.problem or "wanted keys.db, which is not open")
        data_keys.shred(self._database, customer_ids)

    def note(self, name: str, value: bytes) -> None:
        """Keep a fact apart from the main database, in place of the one before of its name."""
        with self._all.database.transaction() as con:
            con.execute(
                "INSERT INTO key_fact VALUES (?, ?)"
                " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (name, value),
            )

    def noted(self, name: str) -> bytes | None:
        """Return a fact, or None."""
        rows = self._all.database.read("SELECT value FROM key_fact WHERE name = ?", (name,))
        return bytes(rows[0][0]) if rows else None

    def close(self) -> None:
        """Let the file go; a second call does nothing."""
        if self._database is not None:
            self._database.close()

    @property
    def _all(self) -> "_Keys":
        if self._keys is None:
            raise KeysUnfitError(self.problem or "")
        return self._keys


class _Keys:
    """What is there when root and file fit."""

    def __init__(self, database: KeysDatabase, root: bytes, clock: Clock, chance: Chance) -> None:
        self.database = database
        self.root = root
        self._chance = chance
        # First what tells whether the root fits: nothing may be made under one that does not.
        self.signing = Ed25519PrivateKey.from_private_bytes(self._device_key(_SIGNING))
        self.exchange = self._device_key(_EXCHANGE)
        self.data = DataKeys(database, root, clock, chance)

    def _device_key(self, name: str) -> bytes:
        sealing_key = key_file.derive(self.root, _DEVICE_KEYS)
        place = Place("device_key", name.encode(), 1)
        rows = self.database.read("SELECT sealed FROM device_key WHERE name = ?", (name,))
        if rows:
            try:
                return unseal(sealing_key, rows[0][0], place)
            except SealBrokenError as error:
                msg = (
                    f"wanted the root key that {FILE_NAME} was made with, got another; bring the "
                    f"right {key_file.FILE_NAME} back, or delete both to begin without customers"
                )
                raise KeysUnfitError(msg) from error
        private = self._chance(KEY_BYTES)
        with self.database.transaction() as con:
            sealed = seal(sealing_key, private, place, self._chance)
            con.execute("INSERT INTO device_key VALUES (?, ?)", (name, sealed))
        return private


def _refuse_lost_root(folder: Path, *, is_known: bool) -> None:
    if is_known:
        msg = (
            f"wanted {key_file.FILE_NAME} beside {FILE_NAME} in {folder}, but it is gone; bring it "
            f"back, or delete {FILE_NAME} too to begin without customers"
        )
        raise KeysUnfitError(msg)
