"""Whose fault it is that the service ended while several names were trying something.

The youngest try is suspected first, and alone: if the service goes on ending once that one is given
up, the next one is. A good menu is so not given up for a bad model, and the restarts still end.
"""

from edge.app.releases.folder import ReleaseFolder
from edge.update.machine import is_risky
from edge.update.machine_state import State


def is_suspected(folder: ReleaseFolder, state: State) -> bool:
    """Say whether a start of the process counts against what ``state`` tries."""
    others = (path for path in folder.folder.parent.glob("*/") if path != folder.folder)
    pointers = (ReleaseFolder(path).pointer() for path in others)
    return not any(
        one is not None and is_risky(one.state) and one.state.since_at > state.since_at
        for one in pointers
    )
