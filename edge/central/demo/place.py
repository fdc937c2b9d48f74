"""Where the demo's files lie, and which ports it takes."""

import fcntl
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.core.errors import RequestContractError

_MARK: Final = ".fleet-demo"
HOST: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class DemoPlace:
    """The folder of one run, and its ports."""

    folder: Path
    port: int
    """Of the fleet server's pages; devices have the next three, where those are free."""

    def below(self, *names: str) -> Path:
        """Return a folder below the demo's, made if it is not there."""
        made = self.folder.joinpath(*names)
        made.mkdir(parents=True, exist_ok=True)
        return made

    @property
    def logs(self) -> Path:
        """Return the folder of logs."""
        return self.below("logs")


@contextmanager
def emptied(folder: Path, port: int) -> Iterator[DemoPlace]:
    """Empty the folder of an earlier run and keep it from other runs for the length of a ``with``.

    Raises:
        RequestContractError: Something else lies in it, or another demo runs in it.
    """
    folder = folder.absolute()
    mark = folder / _MARK
    if folder.exists() and any(folder.iterdir()) and not mark.exists():
        msg = f"--data: wanted an empty folder or an earlier demo's, got {folder}; name another"
        raise RequestContractError(msg)
    folder.mkdir(parents=True, exist_ok=True)
    with mark.open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            msg = f"--data: wanted a folder of its own, another demo runs in {folder}"
            raise RequestContractError(msg) from error
        for old in folder.iterdir():
            if old != mark:
                _delete(old)
        yield DemoPlace(folder, port)


def free_port(wanted: int = 0) -> int:
    """Return ``wanted`` if nobody listens there, else any free port."""
    for port in (wanted, 0):
        with socket.socket() as found:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                found.bind((HOST, port))
            except OSError:
                continue
            return int(found.getsockname()[1])
    msg = "wanted a free port, got none"
    raise RequestContractError(msg)


def answers(port: int) -> bool:
    """Say whether somebody listens on ``port``."""
    try:
        with socket.create_connection((HOST, port), 0.5):
            return True
    except OSError:
        return False


def others_may_enter(folder: Path) -> bool:
    """Say whether every user of this machine may go into ``folder``: a database of its own user."""
    return all(one.stat().st_mode & 0o001 for one in (folder, *folder.parents))


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
