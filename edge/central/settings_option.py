"""Where a command of central finds the settings: one option, one place, whichever command it is."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

PLACE: Final = Path("/etc/instore-central/central.toml")


def settings_option(
    name: str, callback: Callable[..., Any] | None = None
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return what adds the option: the file with central's settings.

    Args:
        name: The parameter of the command.
        callback: What makes something else of the path, such as the settings themselves.
    """
    return click.option(
        *("--settings", "--config", name),
        type=click.Path(path_type=Path, dir_okay=False),
        default=PLACE,
        show_default=True,
        envvar="EDGE_CENTRAL_CONFIG",
        callback=callback,
        help="Central's settings.",
    )
