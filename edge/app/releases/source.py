"""Where this device's releases come from: one client of the repository, for every package name."""

import logging
from pathlib import Path
from typing import Final

from edge.app.clock_trust import SYNCHRONISED
from edge.app.foundation import Foundation
from edge.app.releases.folder import RELEASES
from edge.app.releases.shared_client import SharedClient
from edge.core.errors import EdgeError, SettingsContractError
from edge.update.client import Releases
from edge.update.clock_floor import ClockFloor
from edge.update.pace import LinePace

log = logging.getLogger(__name__)

FRESH_SHARE: Final = 0.5
"""Of the time between two looks: what one name learnt in it serves the others."""


def open_client(core: Foundation, users: int) -> SharedClient | None:
    """Return the client that ``users`` names share; None: no repository is set, or none can be used."""
    wanted = core.settings.update
    if not wanted.repository or wanted.trust_file is None:
        return None
    folder = core.settings.data_folder / RELEASES
    try:
        folder.mkdir(parents=True, exist_ok=True)
        client = Releases(
            folder=folder,
            root=_root(wanted.trust_file),
            sources=tuple(one for one in (wanted.cache, wanted.repository) if one),
            clock=core.clock,
            pace=LinePace(wanted.bandwidth_kib_s * 1024),
            floor=ClockFloor(file=folder / "clock_floor", is_synchronised=SYNCHRONISED.exists),
            reserve_bytes=wanted.reserve_mib << 20,
        )
    except (EdgeError, OSError) as error:
        log.error("no releases are taken, everything stays as it is: %s", error)
        return None
    return SharedClient(client, users=users, fresh_s=wanted.poll_minutes * 60.0 * FRESH_SHARE)


def _root(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        msg = f"update.trust_file: wanted the pinned root.json in {file}, got {error.strerror}"
        raise SettingsContractError(msg) from error
