"""One process at a time."""

from pathlib import Path

import pytest

from edge.core.errors import UnavailableError
from edge.update.folder_lock import FolderLock


def test_a_held_folder_is_refused_until_it_is_let_go(tmp_path: Path) -> None:
    first, second = FolderLock(tmp_path / "new" / "lock"), FolderLock(tmp_path / "new" / "lock")
    first.hold()
    first.hold()  # whoever holds it may ask again

    with pytest.raises(UnavailableError, match="another"):
        second.hold()

    first.let_go()
    second.hold()
    second.let_go()
    second.let_go()
