"""The moment before which it cannot be: a clock that shows an earlier one is wrong.

Expiry only means something by a clock that runs. A board computer without a battery wakes up in
1970, where nothing has expired yet, and whoever can set the clock back can keep a shop on an old
release. So below the floor expiry is not evaluated and nothing is updated; the shop serves on.

The floor is raised only by what a verified refresh confirmed: by the moment the newest document was
signed, and by this machine's own time when the network had set it. Verified documents run out in 14
days, so a clock that somebody set ahead by more finds none that holds and raises nothing, and one
set ahead by less holds updates back for that much at most. A clock far ahead never poisons it.

Source: fleet.md 6; security.md T4.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import orjson

from edge.core.clock import Clock
from edge.core.errors import StorageUnavailableError, UnavailableError
from edge.store.quarantine import flush_folder

WRITTEN_AT: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""This code did not exist before; a build may know a later moment."""

TIMESYNC_FILE: Final = Path("/var/lib/systemd/timesync/clock")
"""systemd-timesyncd touches it whenever the network has set the clock."""

LARGEST_STEP: Final = timedelta(minutes=5)
"""The network may set a clock back by so much without anybody calling it wrong."""


class ClockBehindError(UnavailableError):
    """The clock shows a moment that is past; nothing is updated until it is set."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What a verified refresh says about the time.

    Args:
        now: This machine's time at its beginning.
        signed_at: The moment before which the newest document was not signed.
        is_synchronised: The network had set this machine's clock.
    """

    now: datetime
    signed_at: datetime
    is_synchronised: bool


def raised(floor: datetime, confirmed: Confirmed) -> datetime:
    """Return the floor after a verified refresh; never lower than ``floor``."""
    # A signed moment that this clock has not reached was computed from an unusually long validity.
    signed_at = min(confirmed.signed_at, confirmed.now)
    trusted_at = confirmed.now if confirmed.is_synchronised else signed_at
    return max(floor, signed_at, trusted_at)


def is_behind(now: datetime, floor: datetime) -> bool:
    """Say whether ``now`` cannot be."""
    return now < floor - LARGEST_STEP


@dataclass(kw_only=True)
class ClockFloor:
    """Keeps the floor of one machine in a file.

    Args:
        file: Where it is kept; its folder is there.
        built_at: When this software was made.
        timesync_file: The file that the network's time service touches.
        is_synchronised: Whether the network has set the clock since boot.
    """

    file: Path
    built_at: datetime = WRITTEN_AT
    timesync_file: Path = TIMESYNC_FILE
    is_synchronised: Callable[[], bool] = lambda: False
    _kept: datetime | None = field(default=None, init=False, repr=False)

    def at(self) -> datetime:
        """Return the floor: the latest of the build, the last good moment and the service's file."""
        if self._kept is None:
            self._kept = _read(self.file)
        touched_at = _touched_at(self.timesync_file)
        return max(self.built_at, self._kept or self.built_at, touched_at or self.built_at)

    def require(self, clock: Clock) -> datetime:
        """Return the present moment, if it can be.

        Raises:
            ClockBehindError: It is below the floor.
        """
        now, floor = clock(), self.at()
        if is_behind(now, floor):
            msg = (
                f"wanted a clock that is past {floor:%Y-%m-%d %H:%M} UTC, got {now:%Y-%m-%d %H:%M}; "
                "set it, or let the network"
            )
            raise ClockBehindError(msg)
        return now

    def confirm(self, now: datetime, signed_at: datetime) -> None:
        """Raise the floor after a refresh that was verified at ``now``.

        Raises:
            StorageUnavailableError: The disk does not take it.
        """
        floor = max(self.built_at, self._kept or self.built_at)
        higher = raised(floor, Confirmed(now, signed_at, self.is_synchronised()))
        if higher > floor:
            _write(self.file, higher)
            self._kept = higher


def _read(file: Path) -> datetime | None:
    try:
        found = datetime.fromisoformat(orjson.loads(file.read_bytes())["at"])
    except (OSError, ValueError, KeyError, TypeError):
        return None  # a new device, or a file that a power cut took: the other floors hold
    return found.astimezone(UTC) if found.tzinfo else None


def _write(file: Path, at: datetime) -> None:
    new = file.with_name(f"{file.name}.new")
    try:
        with new.open("wb") as out:
            out.write(orjson.dumps({"at": at.isoformat()}))
            out.flush()
            os.fsync(out.fileno())
        new.replace(file)
        flush_folder(file.parent)
    except OSError as error:
        msg = f"wanted to keep the clock's floor in {file}, got {error.strerror}; check the disk"
        raise StorageUnavailableError(msg) from error


def _touched_at(file: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except (OSError, OverflowError, ValueError):
        return None
