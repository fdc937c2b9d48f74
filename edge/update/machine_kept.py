"""What stays on the disk in a state, and what of a package's way may be thrown away.

Nothing that may serve again is deleted, and nothing that another device of the shop may still ask
for: the packages that central speaks of now. All else would fill the disk, release by release.

Source: fleet.md 6 ("store cache") and 7 ("keep N-1 and factory on disk").
"""

from edge.update.machine_state import Held, State
from edge.wire.rollout import RolloutDocument


def kept(state: State) -> frozenset[str]:
    """Return the digests whose folders stay: what serves, the one before, what is under way."""
    return frozenset(one.digest for one in _kept(state))


def kept_downloads(state: State, document: RolloutDocument | None) -> frozenset[Held]:
    """Return the packages whose download stays.

    Args:
        state: Where the name is.
        document: The newest that was verified; None: none was, and what it may speak of stays.
    """
    last = state.package
    if last is None or not (document is None or _is_spoken_of(last, document)):
        return _kept(state)
    return _kept(state) | {last}


def _kept(state: State) -> frozenset[Held]:
    found = {state.committed, state.previous}
    if state.is_under_way:
        found.add(state.package)
    return frozenset(one for one in found if one is not None)


def _is_spoken_of(package: Held, document: RolloutDocument) -> bool:
    releases = (document.stable, document.candidate)
    return any(one is not None and one.target == package.target for one in releases)
