"""PostgreSQL for the demo: a cluster of its own, on a unix socket, nobody else's business.

The server refuses to run as root, so as root it runs as the user ``postgres`` that Debian's
package makes. That user must get into the folder, and a socket's path must be short: where either
does not hold, the cluster lies in a temporary folder, deleted at the end.
"""

import os
import pwd
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.central.demo.place import DemoPlace, others_may_enter
from edge.central.demo.programs import Program, Programs, finished
from edge.central.postgres import connect
from edge.core.errors import StorageUnavailableError, UnavailableError

_USER: Final = "postgres"
_LONGEST_PATH: Final = 80
_SETTINGS: Final = """
listen_addresses = ''
unix_socket_directories = '{folder}'
max_connections = 60
shared_buffers = 32MB
"""


@dataclass(slots=True)
class Database:
    """The cluster; it is started and ended with the other programs."""

    folder: Path
    is_temporary: bool
    program: Program | None = None

    @classmethod
    def make(cls, place: DemoPlace) -> "Database":
        """Make the cluster, without running it.

        Raises:
            UnavailableError: PostgreSQL is not installed, or refuses.
        """
        folder = place.below("pg")
        is_far = len(str(folder)) > _LONGEST_PATH
        is_closed = os.geteuid() == 0 and not others_may_enter(folder.parent)
        if is_far or is_closed:
            folder = Path(tempfile.mkdtemp(prefix="fleet-demo-"))
        if os.geteuid() == 0:
            user = pwd.getpwnam(_USER)
            os.chown(folder, user.pw_uid, user.pw_gid)
        made = cls(folder, is_far or is_closed)
        data = str(folder / "data")
        finished(_as_user(_tool("initdb"), "-D", data, "-U", _USER, "-A", "trust", "-E", "UTF8"))
        with (folder / "data/postgresql.conf").open("a") as file:
            file.write(_SETTINGS.format(folder=folder))
        return made

    def start(self, programs: Programs) -> None:
        """Start it, wait for it, and make the database."""
        command = _as_user(_tool("postgres"), "-D", str(self.folder / "data"))
        self.program = programs.start("postgresql", *command)
        programs.wait_until(self._answers, "PostgreSQL answers")
        finished([_tool("createdb"), "-h", str(self.folder), "-U", _USER, "instore"])

    @property
    def url(self) -> str:
        """Return the address of the demo's database."""
        return f"host={self.folder} user={_USER} dbname=instore"

    def clean(self) -> None:
        """Delete what lies outside the demo's folder; after its end."""
        if self.is_temporary:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self) -> bool:
        try:
            connect(f"host={self.folder} user={_USER} dbname=postgres").close()
        except StorageUnavailableError:
            return False
        return True


def _tool(name: str) -> str:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    if not found:
        msg = f"wanted PostgreSQL's {name}, it is not installed; run `make fleet-demo`"
        raise UnavailableError(msg)
    return str(found[-1])


def _as_user(*command: str) -> list[str]:
    if os.geteuid() != 0:
        return list(command)
    as_user = ("setpriv", f"--reuid={_USER}", f"--regid={_USER}", "--init-groups")
    # Whoever becomes another user forgets with whom to end, so it is said again.
    return [*as_user, "--pdeathsig", "INT", *command]
