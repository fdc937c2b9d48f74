"""Work on the disk that is cut off between any two effects: by a kill, or by a disk that is full.

assert killed_at(7, work) == -signal.SIGKILL      # in a process of its own, before its 7th effect
with full_from(7): work()                         # from its 7th effect on, the disk takes nothing
"""

import errno
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

MOVES: Final[Sequence[tuple[Any, str]]] = tuple(
    (os, name) for name in ("mkdir", "rename", "replace", "symlink", "unlink", "rmdir")
)
WRITES: Final[Sequence[tuple[Any, str]]] = tuple(
    (os, name) for name in ("mkdir", "rename", "replace", "symlink", "fsync", "fdatasync")
)
"""What a full disk may refuse; what is written is flushed before it is believed."""


def killed_at(cut: int, work: Callable[[], object], *, more: Sequence[tuple[Any, str]] = ()) -> int:
    """Do ``work`` in a process that kills itself before its effect number ``cut``.

    Returns:
        How it ended: -9, or 0 where it came to its end before.
    """
    pid = os.fork()
    if not pid:
        left = [cut]

        def before() -> None:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        _watch((*MOVES, *more), before)
        try:
            work()
        finally:
            os._exit(0)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


@contextmanager
def full_from(cut: int) -> Iterator[list[int]]:
    """Refuse every effect from number ``cut`` on; the list counts what was asked."""
    asked = [0]

    def before() -> None:
        asked[0] += 1
        if asked[0] >= cut:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    kept = [(owner, name, getattr(owner, name)) for owner, name in WRITES]
    _watch(WRITES, before)
    try:
        yield asked
    finally:
        for owner, name, inner in kept:
            setattr(owner, name, inner)


def _watch(effects: Sequence[tuple[Any, str]], before: Callable[[], None]) -> None:
    def watched(inner: Callable[..., object]) -> Callable[..., object]:
        def effect(*given: object, **more: object) -> object:
            before()
            return inner(*given, **more)

        return effect

    for owner, name in effects:
        setattr(owner, name, watched(getattr(owner, name)))
