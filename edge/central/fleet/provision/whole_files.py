"""Files put in place whole: a reader, and a power cut, find the old one or the new one."""

import os
import stat
from pathlib import Path
from typing import Final

from edge.core.errors import SettingsContractError, StorageUnavailableError

SECRET: Final = 0o600
PUBLIC: Final = 0o644


def put(path: Path, content: bytes, mode: int = PUBLIC) -> None:
    """Write ``content`` to ``path`` in one step, durable when this returns.

    Raises:
        StorageUnavailableError: The disk does not take it.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        beside.unlink(missing_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), mode)  # whatever the umask is: the broker must read it
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        _flush(path.parent)
    except OSError as error:
        msg = f"wanted to write {path}, got {error.strerror}; check the disk and its owner"
        raise StorageUnavailableError(msg) from error


def secret_in(path: Path) -> bytes:
    """Return what is in ``path``, which nobody but its owner may open.

    Raises:
        SettingsContractError: It is not there, no file, or others may read it.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "rb") as file:
            found = os.fstat(file.fileno())
            content = file.read()
    except OSError as error:
        msg = f"wanted a key file at {path}, got {error.strerror}"
        raise SettingsContractError(msg) from error
    mode = stat.S_IMODE(found.st_mode)
    if not stat.S_ISREG(found.st_mode) or mode & ~SECRET:
        msg = (
            f"wanted {path} to be a file that only its owner may read (0600), got {mode:04o}; "
            f"whoever could read it may know the key. Run: chmod 600 {path}"
        )
        raise SettingsContractError(msg)
    return content


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
