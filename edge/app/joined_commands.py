"""Command groups of the central side, found by entry point and loaded only when they are asked for.

A device need not carry them, and what it never uses costs its start nothing.
"""

from importlib.metadata import EntryPoint, entry_points
from typing import Final

import click

from edge.core.errors import UnavailableError

GROUP: Final = "edge.commands"


class WithJoined(click.Group):
    """A group whose further commands are entry points of ``edge.commands``."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the own commands and the names of those that joined."""
        return sorted({*super().list_commands(ctx), *(point.name for point in _points())})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command, loading it if it joined; one that cannot be loaded says why."""
        own = super().get_command(ctx, cmd_name)
        if own is not None:
            return own
        point = next((point for point in _points() if point.name == cmd_name), None)
        return None if point is None else _loaded(point)


def _points() -> list[EntryPoint]:
    return list(entry_points(group=GROUP))


def _loaded(point: EntryPoint) -> click.Command:
    try:
        command = point.load()
    except ImportError as error:
        return _not_here(point.name, str(error))
    assert isinstance(command, click.Command)
    return command


def _not_here(name: str, why: str) -> click.Command:
    """Return a command that says what is missing; the help of ``edge`` must still be printed."""

    @click.command(
        name,
        help="Central's own; it is not installed here.",
        context_settings={"ignore_unknown_options": True, "help_option_names": []},
    )
    @click.argument("anything", nargs=-1, type=click.UNPROCESSED)
    def missing(anything: tuple[str, ...]) -> None:
        msg = (
            f"wanted the central side for `edge {name} {' '.join(anything)}`, got: {why}; install "
            "it with `pip install 'instore-edge[central]'`; in a checkout `make .venv-central/.ready` "
            f"makes `.venv-central/bin/edge {name}`"
        )
        raise UnavailableError(msg)

    return missing
