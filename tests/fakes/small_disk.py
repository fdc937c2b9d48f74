"""A disk of a few MiB, that a test can fill: mounted in memory, where a test may mount."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def small_disk(folder: Path, mib: int) -> Iterator[bool]:
    """Make ``folder`` a disk of its own; False where a test may not."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={mib}m", "tmpfs", str(folder)]
    is_own = (
        os.geteuid() == 0
        and subprocess.run(mount, check=False, capture_output=True).returncode == 0
    )
    try:
        yield is_own
    finally:
        if is_own:
            subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Leave no byte free on the disk of ``folder``; return the file to delete for it to end."""
    rest = folder / "rest"
    # Unbuffered: what does not fit any more must not be tried again when the file is closed.
    with rest.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(b"x" * 4096):
            pass
    return rest


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Leave no byte free on the disk of ``folder``, for a while."""
    rest = fill(folder)
    try:
        yield
    finally:
        rest.unlink()
