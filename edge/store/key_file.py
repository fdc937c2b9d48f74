"""The device's root key: 32 random bytes in a file that only its owner may read.

Every other key follows from it or is sealed under it. Whoever has this file and ``keys.db`` can
read what the device knows of its customers, so neither belongs in a backup or a support bundle.
"""

import os
import stat
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from edge.core.chance import Chance
from edge.core.errors import SettingsContractError, StorageUnavailableError, TrustError
from edge.store.quarantine import flush_folder

FILE_NAME: Final = "device-root.key"
KEY_BYTES: Final = 32
_OWNER_ONLY: Final = 0o600


class KeysUnfitError(TrustError):
    """The root key and ``keys.db`` do not belong together: nobody can be recognised."""


def read_root(path: Path) -> bytes | None:
    """Return the root key, or None when there is no file.

    Raises:
        SettingsContractError: Others may read it.
        KeysUnfitError: It is no root key.
        StorageUnavailableError: The disk does not let it be read.
    """
    refuse_wide_permissions(path)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unreadable(path, error) from error
    try:
        root = os.read(descriptor, KEY_BYTES + 1)
    except OSError as error:
        raise _unreadable(path, error) from error
    finally:
        os.close(descriptor)
    if len(root) != KEY_BYTES:
        msg = (
            f"wanted {KEY_BYTES} bytes in {path}, got {len(root)}; bring the right file back, or "
            "move the data folder aside and begin without customers"
        )
        raise KeysUnfitError(msg)
    return root


def make_root(path: Path, chance: Chance) -> bytes:
    """Make the root key of a new device, durable before it is used; return it.

    Raises:
        StorageUnavailableError: The disk does not take it.
    """
    root = chance(KEY_BYTES)
    new = path.with_name(path.name + ".new")  # a power cut leaves a whole file or none
    try:
        new.unlink(missing_ok=True)
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _OWNER_ONLY)
        try:
            os.write(descriptor, root)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        new.rename(path)
        flush_folder(path.parent)
    except OSError as error:
        msg = f"wanted to make the key file {path}, got {error.strerror}; check the disk"
        raise StorageUnavailableError(msg) from error
    return root


def refuse_wide_permissions(path: Path) -> None:
    """Return if nobody but its owner may open ``path``, or it is not there.

    Raises:
        SettingsContractError: Others may.
        KeysUnfitError: It is no regular file.
        StorageUnavailableError: The disk does not tell.
    """
    try:
        found = path.lstat()
    except FileNotFoundError:
        return
    except OSError as error:
        raise _unreadable(path, error) from error
    if not stat.S_ISREG(found.st_mode):
        msg = f"wanted a file of keys at {path}, got something else there; move it aside"
        raise KeysUnfitError(msg)
    if mode := stat.S_IMODE(found.st_mode) & ~_OWNER_ONLY:
        msg = (
            f"wanted {path} to be readable by its owner only (0600), got "
            f"{stat.S_IMODE(found.st_mode):04o} ({mode:04o} too many); whoever could read it until "
            f"now may know this device's keys. Run: chmod 600 {path}"
        )
        raise SettingsContractError(msg)


def derive(root: bytes, label: str, salt: bytes = b"") -> bytes:
    """Return the 32-byte key for ``label``; another label or salt gives an unrelated one."""
    hkdf = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=label.encode())
    return hkdf.derive(root)


def _unreadable(path: Path, error: OSError) -> StorageUnavailableError:
    msg = f"wanted to read the key file {path}, got {error.strerror}; check owner and disk"
    return StorageUnavailableError(msg)
