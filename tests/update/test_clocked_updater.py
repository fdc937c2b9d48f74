"""python-tuf tells expiry by the appliance's clock, wherever it keeps it."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tuf.api.exceptions import ExpiredMetadataError

from edge.update.clocked_updater import ClockedUpdater
from edge.update.connections import Connections
from edge.update.fetcher import Fetcher
from tests.fakes.mirror import serving
from tests.fakes.release_client import NOW, QUICK
from tests.fakes.tampered import LIVES, SignedRepository


@pytest.mark.parametrize("years", [-300, 0, 300])
def test_expiry_is_told_by_the_given_moment_and_by_no_other(tmp_path: Path, years: int) -> None:
    # The machine's own time cannot be within all three.
    made_at = NOW.replace(year=NOW.year + years)
    repository = SignedRepository(made_at)
    holds_until = made_at + LIVES["timestamp"]
    with serving(repository.files) as origin, Connections(QUICK) as connections:

        def looked(folder: Path, now: datetime) -> ClockedUpdater:
            folder.mkdir()
            found = ClockedUpdater(
                folder, origin.url, Fetcher(connections), root=repository.pinned, now=now
            )
            found.refresh()
            return found

        good = looked(tmp_path / "good", holds_until - timedelta(seconds=1))
        with pytest.raises(ExpiredMetadataError):
            looked(tmp_path / "late", holds_until)

    assert good.holds_until == holds_until
