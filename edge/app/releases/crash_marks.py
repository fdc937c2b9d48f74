"""Which model was being asked when the process ended: a byte in a file that the kernel keeps.

A model may kill the process that asks it (a fault of the processor, which nothing catches), also one
that answered well for weeks. So a byte is set while it is asked. The file is mapped into memory:
setting the byte is no call of the system and no write, and when the process dies the kernel still
has it.

A power cut must not look like that. It takes the memory with it, unless the kernel had just written
it down; so the file names the start of the machine it belongs to, and what an earlier start left is
not believed.
"""

import logging
import mmap
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

log = logging.getLogger(__name__)

FOLDER: Final = "asked"
BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
_HEADER_BYTES: Final = 64
SLOTS: Final = 256
"""Threads that ask one model at once and are told apart; there are 72, and one that probes."""


class Mark:
    """Says whether a model is being asked. Safe to use from every thread."""

    def __init__(self, memory: "mmap.mmap | bytearray", *, first: int = 0) -> None:
        self._memory = memory
        # Taking from and giving to a list is one step in Python: nothing to lock.
        self._free = list(range(first, first + SLOTS))

    @classmethod
    def unseen(cls) -> "Mark":
        """Return one that no other process sees: for a model that there is nothing to go back from."""
        return cls(bytearray(SLOTS))

    def enter(self) -> int:
        """Note that somebody asks; return what ``leave`` needs."""
        if not self._free:
            return -1
        slot = self._free.pop()
        self._memory[slot] = 1
        return slot

    def leave(self, slot: int) -> None:
        """Note that there is an answer, or an error."""
        if slot >= 0:
            self._memory[slot] = 0
            self._free.append(slot)


class CrashMarks:
    """The marks of one device's models.

    Args:
        folder: Where their files are.
        boot_id: Names this start of the machine; the system tells it.
    """

    def __init__(self, folder: Path, boot_id: Path = BOOT_ID) -> None:
        self._folder = folder
        self._boot = _read(boot_id).strip()[:_HEADER_BYTES].ljust(_HEADER_BYTES, b"\0")
        self._marks: dict[str, Mark] = {}

    def found(self) -> frozenset[str]:
        """Return the digests of the packages that were being asked when the last process ended."""
        if not self._boot.strip(b"\0"):
            return frozenset()  # then nothing can be told from a power cut
        return frozenset(
            file.name
            for file in self._files()
            if (said := _read(file))[:_HEADER_BYTES] == self._boot and any(said[_HEADER_BYTES:])
        )

    def of(self, digest: str) -> Mark:
        """Return the mark of a package of this process."""
        if digest not in self._marks:
            self._marks[digest] = self._made(self._folder / digest)
        return self._marks[digest]

    def forget(self) -> None:
        """Delete what was found, or what this process leaves when it ends in order."""
        for file in self._files():
            try:
                file.unlink(missing_ok=True)
            except OSError as error:
                log.warning("a mark of a model stays: %s", error.strerror)
        self._marks.clear()

    def _files(self) -> Iterable[Path]:
        return list(self._folder.glob("*"))

    def _made(self, file: Path) -> Mark:
        size = _HEADER_BYTES + SLOTS
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with file.open("wb+") as made:
                # Written whole: a hole in the file would be a fault of ours on a full disk.
                made.write(self._boot + bytes(SLOTS))
                made.flush()
                os.fsync(made.fileno())
                return Mark(mmap.mmap(made.fileno(), size), first=_HEADER_BYTES)
        except OSError as error:
            log.warning("a crash of this model will not be counted: %s", error.strerror)
            return Mark.unseen()


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""
