"""Find what is delivered with the program: screens, the factory model, profiles, sites.

A wheel carries these folders below ``edge/_shipped``; in a checkout they are beside ``edge``.
"""

from collections.abc import Callable
from importlib.resources import as_file, files
from pathlib import Path

from edge.core.errors import UnavailableError

Shipped = Callable[[str], Path]
"""A function that turns ``kiosk_ui/region`` into the path of that folder."""


def shipped(path: str) -> Path:
    """Return where ``path`` (such as ``models/contract.toml``) is on this machine.

    Raises:
        UnavailableError: It was not delivered.
    """
    with as_file(files("edge")) as package:
        roots = (package / "_shipped", package.parent)
    for root in roots:
        if (root / path).exists():
            return root / path
    msg = f"wanted {path!r} below {roots[0]} or {roots[1]}, found neither; install edge again"
    raise UnavailableError(msg)
