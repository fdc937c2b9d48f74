"""The service's data folder as commands find it: there, and in use or not."""

from pathlib import Path

import click

from edge.core.errors import RequestContractError, StorageUnavailableError
from edge.store.guard import SingleWriter
from edge.store.store import FILE_NAME

DATA = click.option(
    "--data",
    type=click.Path(path_type=Path),
    default=Path(".demo"),
    show_default=True,
    help="The data folder of the service.",
)


def database_in(data: Path) -> Path:
    """Return the database file in ``data``.

    Raises:
        RequestContractError: There is none.
    """
    path = data / FILE_NAME
    if not path.exists():
        msg = (
            f"wanted a data folder of the service, {path} is not there; start the service once, "
            "or name another folder with --data"
        )
        raise RequestContractError(msg)
    return path


def is_in_use(data: Path) -> bool:
    """Say whether a service (or another command) writes there now."""
    try:
        SingleWriter.take(database_in(data)).release()
    except StorageUnavailableError:
        return True
    return False


def refuse_if_in_use(data: Path) -> None:
    """Return if this command may write in ``data``.

    Raises:
        StorageUnavailableError: A service is running there.
    """
    if is_in_use(data):
        msg = (
            f"wanted to write in {data}, but the service is running there and only one process may. "
            "Stop it (systemctl stop edge, or Ctrl-C in its window), run this again, and start "
            "it: screens are back within seconds, and everybody signs in anew"
        )
        raise StorageUnavailableError(msg)
