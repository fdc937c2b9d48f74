"""A file that is being fetched: as much of it as is there, and what it must become.

The part lies beside the file and is named by the hash it must have. So it never mixes two packages,
and needs no ETag: whatever server goes on with it, the whole is held against the signed length and
hash before it gets its name.

Source: fleet.md 6.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

from tuf.api.exceptions import LengthOrHashMismatchError
from tuf.api.metadata import TargetFile  # type: ignore[attr-defined]

from edge.store.quarantine import flush_folder

FLUSH_BYTES: Final = 1 << 20
"""So much may be lost to a power cut, and is fetched again after one."""
PART: Final = ".part"


@dataclass(frozen=True)
class Wanted:
    """A file that is wanted.

    Args:
        signed: Its length and hashes.
        into: Where it goes.
        name: What tells its bytes from every other file's: a hash.
        still: Asked twice a second; False ends the download.
    """

    signed: TargetFile
    into: Path
    name: str
    still: Callable[[], bool] = field(default=lambda: True, repr=False)

    @property
    def part(self) -> Path:
        """Where it is while it is not whole."""
        return self.into.with_name(f"{self.into.name}.{self.name[:16]}{PART}")

    def is_there(self) -> bool:
        """Say whether the file is there, as it was signed."""
        return self.into.is_file() and _is_as_signed(self.into, self.signed)


def whole_of(file: Path) -> Path:
    """Return the file that a part becomes; a file that is none itself."""
    return file.with_name(file.name.rsplit(".", 2)[0]) if file.suffix == PART else file


def fetched_bytes(wanted: Wanted) -> int:
    """Return how much of ``wanted`` is there; more than was signed is nothing."""
    try:
        size = wanted.part.stat().st_size
    except FileNotFoundError:
        return 0
    return size if size <= wanted.signed.length else 0


@contextmanager
def part_of(wanted: Wanted) -> Iterator[IO[bytes]]:
    """Open what is there of ``wanted``, to write on at its end; what came is durable after."""
    wanted.into.parent.mkdir(parents=True, exist_ok=True)
    _drop_others(wanted)
    kept = fetched_bytes(wanted)
    with wanted.part.open("ab") as part:
        part.truncate(kept)
        part.seek(kept)
        try:
            yield part
        finally:
            flush(part)
            if not part.tell() and wanted.signed.length:
                wanted.part.unlink()


def begin_again(part: IO[bytes]) -> None:
    """Throw away what is there."""
    part.seek(0)
    part.truncate()


def flush(part: IO[bytes]) -> None:
    """Make what is there survive a power cut."""
    part.flush()
    os.fdatasync(part.fileno())


def settled(wanted: Wanted) -> bool:
    """Give the part its name if it is what was signed, else throw it away; say which."""
    if not _is_as_signed(wanted.part, wanted.signed):
        wanted.part.unlink(missing_ok=True)
        return False
    wanted.part.replace(wanted.into)
    flush_folder(wanted.into.parent)
    return True


def _drop_others(wanted: Wanted) -> None:
    # Parts of earlier files by this name: nobody goes on with them.
    for other in wanted.into.parent.iterdir():
        if other.suffix == PART and other != wanted.part and whole_of(other) == wanted.into:
            other.unlink()


def _is_as_signed(file: Path, signed: TargetFile) -> bool:
    try:
        with file.open("rb") as found:
            signed.verify_length_and_hashes(found)
    except (LengthOrHashMismatchError, FileNotFoundError):
        return False
    return True
