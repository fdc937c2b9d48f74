"""What the demo says on the terminal: short lines, each with the seconds since its start."""

import time
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table


class Narrator:
    """Prints what happens when it happens."""

    def __init__(self) -> None:
        self._began_s = time.monotonic()
        found = Console(highlight=False, markup=False)
        self._console = (
            found if found.is_terminal else Console(highlight=False, markup=False, width=110)
        )

    @property
    def seconds(self) -> float:
        """Return how long the demo has been running."""
        return time.monotonic() - self._began_s

    def act(self, title: str) -> None:
        """Begin another part of the story."""
        self._console.print()
        self._console.print(title, style="bold")

    def say(self, text: str) -> None:
        """Say what happened just now."""
        self._console.print(f"{self.seconds:5.0f} s  {text}", soft_wrap=True)

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Print a table; columns that begin with "#" hold numbers."""
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for column in columns:
            table.add_column(
                column.lstrip("#"),
                justify="right" if column[:1] == "#" else "left",
                overflow="fold",
            )
        for row in rows:
            table.add_row(*map(str, row))
        self._console.print(table)
