"""Where a device's certificates are, and how the next pair takes the place of the last in one step.

    <data>/identity/pending.key      the key of a request that was not answered yet
    <data>/identity/1/               device.key, device.crt, ca.crt; later 2/, 3/ …
    <data>/identity/current          names the folder in use: a link, replaced in one step
    <data>/identity/before           the one used before, until the new one has connected once
    <data>/identity/root.json        whom this device believes about releases, as it was brought along
    <data>/device.toml               what joining the fleet settled; read after the profile

A power cut at any moment leaves the old pair or the new one, and ``pending.key`` for the next try.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from edge.core.errors import StorageUnavailableError, TrustError
from edge.store.key_file import refuse_wide_permissions
from edge.store.quarantine import flush_folder

OVERLAY: Final = "device.toml"
KEY, CERTIFICATE, AUTHORITY = "device.key", "device.crt", "ca.crt"
_PENDING: Final = "pending.key"
_SECRET: Final = 0o600
_PUBLIC: Final = 0o644


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate with its key, and who signed it."""

    key_pem: bytes
    certificate_pem: bytes
    authority_pem: bytes


class EnrolledFiles:
    """The files of one device."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self.folder = data / "identity"
        self.current = self.folder / "current"
        self._before = self.folder / "before"

    @property
    def overlay(self) -> Path:
        """Return where the settings lie that joining the fleet settled."""
        return self._data / OVERLAY

    @property
    def root(self) -> Path:
        """Return where the root lies that this device pins."""
        return self.folder / "root.json"

    def pending_key(self) -> ec.EllipticCurvePrivateKey:
        """Return the key of the next certificate, made on this device and durable.

        Raises:
            StorageUnavailableError: The disk does not take it.
            SettingsContractError: Others may read it.
        """
        path = self.folder / _PENDING
        with _writing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if path.exists():
            refuse_wide_permissions(path)
            return private_key(path.read_bytes())
        key = ec.generate_private_key(ec.SECP256R1())
        put_whole(path, key_pem(key), _SECRET)
        return key

    def take(self, pair: Pair) -> None:
        """Let ``pair`` be the one in use; the one before stays until ``forget_before``.

        Raises:
            StorageUnavailableError: The disk does not take it; the old pair is in use.
        """
        number = 1 + max((int(one.name) for one in self._numbered()), default=0)
        made = self.folder / str(number)
        with _writing(made):
            made.mkdir(mode=0o700)
        put_whole(made / KEY, pair.key_pem, _SECRET)
        put_whole(made / CERTIFICATE, pair.certificate_pem, _PUBLIC)
        put_whole(made / AUTHORITY, pair.authority_pem, _PUBLIC)
        if self.current.is_symlink():
            self._link(self._before, self.current.readlink())
        self._link(self.current, Path(made.name))

    def settle(self) -> None:
        """Forget the key of the request: its certificate is in use."""
        with _writing(self.folder):
            (self.folder / _PENDING).unlink(missing_ok=True)
            flush_folder(self.folder)

    def forget_before(self) -> None:
        """Delete what is no longer in use: the new pair has connected."""
        in_use = self.current.readlink().name
        with _writing(self.folder):
            self._before.unlink(missing_ok=True)
            for one in self._numbered():
                if one.name != in_use:
                    shutil.rmtree(one)

    def fall_back(self) -> bool:
        """Use the pair from before again; False: there is none."""
        if not self._before.is_symlink():
            return False
        self._link(self.current, self._before.readlink())
        with _writing(self.folder):
            self._before.unlink()
        return True

    def in_use(self) -> Pair | None:
        """Return the pair in use; None: the device was never enrolled."""
        folder = self.current
        if not (folder / CERTIFICATE).exists():
            return None
        refuse_wide_permissions(folder / KEY)
        names = (KEY, CERTIFICATE, AUTHORITY)
        return Pair(*((folder / name).read_bytes() for name in names))

    def _numbered(self) -> list[Path]:
        return [one for one in self.folder.iterdir() if one.name.isdigit()]

    def _link(self, link: Path, target: Path) -> None:
        beside = link.with_name(f"{link.name}.new")
        with _writing(link):
            beside.unlink(missing_ok=True)
            beside.symlink_to(target)
            beside.replace(link)
            flush_folder(link.parent)


def put_whole(path: Path, content: bytes, mode: int = _PUBLIC) -> None:
    """Write ``content`` to ``path`` in one step, durable when this returns.

    Raises:
        StorageUnavailableError: The disk does not take it.
    """
    beside = path.with_name(f"{path.name}.new")
    with _writing(path):
        beside.unlink(missing_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        flush_folder(path.parent)


def key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return a key as it lies in a file that only its owner may read."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def private_key(pem: bytes) -> ec.EllipticCurvePrivateKey:
    """Return the key in ``pem``.

    Raises:
        TrustError: It is no key of the kind that this device makes.
    """
    try:
        key = serialization.load_pem_private_key(pem, None)
    except (ValueError, TypeError) as error:
        msg = "wanted this device's key, got a file that is none; enrol it again"
        raise TrustError(msg) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        msg = "wanted this device's EC key, got one of another kind; enrol it again"
        raise TrustError(msg)
    return key


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        msg = f"wanted to write {path}, got {error.strerror}; check the disk and its owner"
        raise StorageUnavailableError(msg) from error
