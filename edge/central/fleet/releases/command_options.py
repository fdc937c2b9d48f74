"""The options that the commands about releases have in common, and what they stand for."""

from collections.abc import Sequence
from pathlib import Path

import click

from edge.central.fleet.releases.key_folder import KeyFolder, read_passphrase
from edge.central.fleet.releases.pending import Pending
from edge.central.fleet.releases.repository_folder import RepositoryFolder
from edge.central.fleet.releases.repository_state import RepositoryState, read_state
from edge.central.fleet.releases.sign import Desk
from edge.central.settings_option import settings_option
from edge.core.clock import system_clock
from edge.core.errors import RequestContractError

PATH = click.Path(path_type=Path)
KEYS = click.option(
    "--keys", multiple=True, type=PATH, help="A keeper's folder of keys; may be repeated."
)
PASSPHRASES = click.option(
    "--passphrase-file",
    "passphrases",
    multiple=True,
    type=PATH,
    help="The file with a folder's passphrase; one for all --keys, or one for each in order.",
)
PENDING = click.option(
    "--pending", required=True, type=PATH, help="The folder that goes from keeper to keeper."
)
REPOSITORY = click.option(
    "--repository", type=PATH, help="The repository, or a copy of it; only metadata/ is read."
)
SETTINGS = settings_option("settings")


def key_folders(folders: Sequence[Path], passphrases: Sequence[Path]) -> tuple[KeyFolder, ...]:
    """Return the folders with their passphrases.

    Raises:
        RequestContractError: There are neither as many passphrases as folders, nor one, nor none.
    """
    if len(passphrases) not in {0, 1, len(folders)}:
        msg = f"wanted one --passphrase-file for all or each of {len(folders)} --keys, got others"
        raise RequestContractError(msg)
    read: list[bytes | None] = [read_passphrase(path) for path in passphrases] or [None]
    each = read * len(folders) if len(read) == 1 else read
    return tuple(KeyFolder(*pair) for pair in zip(folders, each, strict=True))


def desk(pending: Path, repository: Path | None) -> Desk:
    """Return the offline work as it stands.

    Raises:
        TrustError: The copy of the repository is not one that was signed.
    """
    return Desk(Pending(pending), published(repository), system_clock)


def published(repository: Path | None) -> RepositoryState | None:
    """Return what a repository says, after a look at every signature; None: nothing yet.

    Raises:
        RequestContractError: A repository is named, and there is none.
        TrustError: It is not one that was signed.
    """
    if repository is None:
        return None
    state = read_state(RepositoryFolder(repository))
    if state is None:
        msg = f"wanted a repository in {repository}, got none; leave --repository out at the first"
        raise RequestContractError(msg)
    state.check()
    return state
