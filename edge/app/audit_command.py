"""``edge audit verify``: is everything that was recorded still there, as it was recorded?"""

from pathlib import Path
from typing import Final

import click

from edge.app.data_folder import DATA, database_in, is_in_use
from edge.core.chance import system_chance
from edge.core.clock import system_clock
from edge.core.errors import RequestContractError, TrustError
from edge.store import key_file
from edge.store.audit import verify_audit
from edge.store.consents import Consents
from edge.store.keys import KeyFile
from edge.store.readers import Readers

_MOST_LINES: Final = 40
_NO_END: Final = (
    "The service is running, so the ends (kept beside its keys) and consent could not be checked; "
    "stop it for that."
)


@click.group()
def audit() -> None:
    """Check what is recorded about looks at customers and about consent."""


@audit.command()
@DATA
def verify(data: Path) -> None:
    """Say whether the audit log and the consent records are whole; exit code 1 when not.

    While the service runs, only the audit log is checked, and not whether its end was cut off.
    """
    path = database_in(data)
    root = key_file.read_root(data / key_file.FILE_NAME)
    if root is None:
        msg = f"wanted the device's keys in {data}, there are none; nothing was recorded there"
        raise RequestContractError(msg)
    is_running = is_in_use(data)
    readers = Readers(path)
    try:
        found = _while_running(root, readers) if is_running else _all(data, readers)
    finally:
        readers.close()
    if is_running:
        click.echo(_NO_END, err=True)
    if any(found.values()):
        raise SystemExit(1)


def _while_running(root: bytes, readers: Readers) -> dict[str, list[str]]:
    return _told({"audit log": verify_audit(_RootAlone(root), readers)})


def _all(data: Path, readers: Readers) -> dict[str, list[str]]:
    keys = KeyFile.open(data, clock=system_clock, chance=system_chance)
    try:
        if keys.problem is not None:
            raise TrustError(keys.problem)
        return _told(
            {
                "audit log": verify_audit(keys, readers),
                "consent": Consents(keys, readers, system_clock).verify(),
            }
        )
    finally:
        keys.close()


def _told(found: dict[str, list[str]]) -> dict[str, list[str]]:
    for what, breaches in found.items():
        click.echo(f"{what}: {'whole' if not breaches else f'{len(breaches)} breaches'}")
        for breach in breaches[:_MOST_LINES]:
            click.echo(f"  {breach}")
        if len(breaches) > _MOST_LINES:
            click.echo(f"  and {len(breaches) - _MOST_LINES} more")
    return found


class _RootAlone:
    """The keys of a chain while a service holds ``keys.db``: no head is known."""

    def __init__(self, root: bytes) -> None:
        self._root = root

    def derive(self, label: str) -> bytes:
        """Return the device's key for ``label``."""
        return key_file.derive(self._root, label)

    def note(self, name: str, value: bytes) -> None:
        """Do nothing: a check keeps nothing."""

    def noted(self, _name: str) -> bytes | None:
        """Return None."""
        return None
