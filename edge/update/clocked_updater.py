"""python-tuf's updater by the appliance's clock.

python-tuf reads the machine's time itself, into ``reference_time`` of its set of trusted documents,
and has no setting for it. The set is new with every updater and looks at the time only once it is
asked for the first document, so giving it the time right after it was made is enough. This is the
only place that knows of that; ``tests/update/test_clocked_updater.py`` fails when it moves.
"""

from datetime import datetime
from pathlib import Path
from typing import Final

from tuf.api.metadata import TargetFile, Timestamp  # type: ignore[attr-defined]
from tuf.ngclient.config import UpdaterConfig
from tuf.ngclient.fetcher import FetcherInterface
from tuf.ngclient.updater import Updater

_LIMITS: Final = UpdaterConfig(
    max_root_rotations=64,  # of one look; each step needs the keys of the one before
    max_delegations=16,
)


class ClockedUpdater(Updater):
    """One look at a repository, at a fixed moment.

    Args:
        folder: The metadata that is trusted.
        source: The address above ``metadata/``.
        fetcher: The way there.
        root: The pinned root: where trust begins, whatever the folder says.
        now: The moment by which expiry is told.
    """

    def __init__(
        self, folder: Path, source: str, fetcher: FetcherInterface, *, root: bytes, now: datetime
    ) -> None:
        super().__init__(
            str(folder),
            f"{source}/metadata/",
            fetcher=fetcher,
            config=_LIMITS,
            bootstrap=root,
        )
        self._trusted_set.reference_time = now

    @property
    def holds_until(self) -> datetime:
        """When the newest document runs out; only after a refresh."""
        found = self._trusted_set[Timestamp.type]
        return found.expires

    def address_of(self, target: TargetFile) -> str:
        """Return where the bytes of ``target`` lie, below ``targets/``."""
        if not self._trusted_set.root.consistent_snapshot:
            return target.path
        folder, slash, name = target.path.rpartition("/")
        return f"{folder}{slash}{first_hash(target)}.{name}"


def first_hash(target: TargetFile) -> str:
    """Return the hash by which ``target`` is named: its SHA-256 where it has one."""
    return target.hashes.get("sha256") or next(iter(target.hashes.values()))
