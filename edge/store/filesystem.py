"""Refuse folders on which a lock or a flush may not mean what it says.

SQLite's write-ahead log shares memory between connections, and that does not work over a network.
"""

import re
from pathlib import Path
from typing import Final

from edge.core.errors import SettingsContractError

_NETWORK: Final = frozenset(
    {"9p", "afs", "ceph", "cifs", "fuse.sshfs", "glusterfs", "nfs", "nfs4", "smb3", "smbfs"}
)
_MOUNTS: Final = Path("/proc/self/mountinfo")


def refuse_network_file_system(folder: Path, mounts: str | None = None) -> None:
    """Return if ``folder`` is on a local file system.

    Args:
        folder: Where the database is to be; it need not exist yet.
        mounts: The text of ``/proc/self/mountinfo``; None reads it, where there is one.

    Raises:
        SettingsContractError: It is on a network file system.
    """
    if mounts is None:
        mounts = _MOUNTS.read_text() if _MOUNTS.exists() else ""
    kind = _kind_of(folder.absolute(), mounts)
    if kind in _NETWORK:
        msg = (
            f"wanted a data folder on a local disk, got {folder} on {kind}; "
            "choose a folder on the device itself with --data"
        )
        raise SettingsContractError(msg)


def _kind_of(folder: Path, mounts: str) -> str:
    found, longest = "", -1
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        point = Path(re.sub(r"\\([0-7]{3})", lambda m: chr(int(m[1], 8)), before.split(" ")[4]))
        # A later mount on the same point hides the earlier one.
        if folder.is_relative_to(point) and len(point.parts) >= longest:
            found, longest = after.split(" ")[0], len(point.parts)
    return found
