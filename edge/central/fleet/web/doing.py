"""What a person does here, whichever way they ask: recorded with their name, then seen at once."""

from collections.abc import Mapping
from typing import Final

from edge.central.fleet.devices import commands
from edge.central.fleet.devices.commands import Asked
from edge.central.fleet.web.parts import built
from edge.central.postgres import connect, storing
from edge.core.errors import RequestContractError
from edge.wire.command import CommandName

COMMANDS: Final[tuple[CommandName, ...]] = (
    *("identify", "log-tail", "support-bundle"),
    *("refresh", "restart-ui", "retry"),
)
_ARGUMENTS: Final[Mapping[CommandName, Mapping[str, int]]] = {"log-tail": {"lines": 100}}
ACTS: Final[Mapping[str, str]] = {
    "approve": "plan",
    "start": "",
    "pause": "why",
    "resume": "",
    "abort": "why",
}
"""What is done to a rollout, and what is said with it: the digest that was read, or why."""
MOST_WHY: Final = 300


def do(act: str, rollout_id: str, who: str, said: str = "") -> None:
    """Change a rollout.

    Args:
        act: approve, start, pause, resume or abort.
        rollout_id: Which.
        who: Whose name the log shall have.
        said: The digest of the plan that was read (approve), or why (pause, abort).

    Raises:
        RequestContractError: It is not there, or cannot be done now; the message says why.
        StorageUnavailableError: The database is away; nothing has changed.
    """
    rollouts = built().rollouts
    match act:
        case "approve":
            rollouts.approve(rollout_id, who, said)
        case "start":
            rollouts.start(rollout_id, who)
        case "pause":
            rollouts.pause(rollout_id, who, _why(said))
        case "resume":
            rollouts.resume(rollout_id, who)
        case "abort":
            rollouts.abort(rollout_id, who, _why(said))
        case _:
            msg = f"wanted approve, start, pause, resume or abort, got {act[:20]!r}"
            raise RequestContractError(msg)
    built().looking.forget()


def halt(who: str, why: str, *, halted: bool) -> tuple[str, ...]:
    """Stop every rollout at once, or end that; return the package names that changed."""
    changed = built().rollouts.halt(who, _why(why), halted=halted)
    built().looking.forget()
    return changed


def command(device: str, name: str, who: str) -> str:
    """Ask something of a device and return the command's id.

    Raises:
        RequestContractError: There is no such device or command.
        StorageUnavailableError: The database is away; nothing was asked.
    """
    known = next((one for one in COMMANDS if one == name), None)
    if known is None:
        msg = f"wanted one of {', '.join(COMMANDS)}, got {name[:40]!r}"
        raise RequestContractError(msg)
    parts = built().parts
    asked = Asked(device, known, _ARGUMENTS.get(known, {}), who)
    with (
        storing(),
        connect(parts.database, name="instore-fleet-web") as con,
        con.transaction(),
        con.cursor() as cur,
    ):
        command_id = commands.ask(cur, asked, parts.clock())
    built().looking.forget()
    return command_id


def _why(text: str) -> str:
    # One line of print: the log is read in terminals too.
    return "".join(letter if letter.isprintable() else " " for letter in text).strip()[:MOST_WHY]
