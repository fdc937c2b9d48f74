"""A database on a network file system is refused before it is made."""

from pathlib import Path

import pytest

from edge.core.errors import SettingsContractError
from edge.store.filesystem import refuse_network_file_system

MOUNTS = """\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
40 22 0:45 / /mnt/till rw shared:3 - nfs4 server:/till rw
41 22 0:46 / /mnt/my\\040share rw - cifs //server/share rw
42 40 254:1 / /mnt/till/disk rw - ext4 /dev/vdb rw
"""


@pytest.mark.parametrize("folder", ["/srv/edge", "/mnt/till/disk/edge", "/mnt/tills"])
def test_a_local_folder_is_taken(folder: str) -> None:
    refuse_network_file_system(Path(folder), MOUNTS)


@pytest.mark.parametrize(
    ("folder", "kind"), [("/mnt/till/edge", "nfs4"), ("/mnt/my share/edge", "cifs")]
)
def test_a_network_folder_is_refused_with_what_to_do(folder: str, kind: str) -> None:
    with pytest.raises(SettingsContractError, match=f"on {kind}; choose a folder on the device"):
        refuse_network_file_system(Path(folder), MOUNTS)


def test_this_machine_is_asked_when_nothing_is_said(tmp_path: Path) -> None:
    refuse_network_file_system(tmp_path)
