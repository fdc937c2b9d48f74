"""``kill -9`` between any two effects of a menu's way: the shop opens with the old one or the new."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.app.at_start.begin import begin
from edge.app.at_start.next_start import EXIT_CODE
from edge.app.releases.folder import ReleaseFolder
from edge.core.clock import SettableClock
from edge.wire.releases import Phase
from tests.fakes.repository import RunningRepository
from tests.fakes.restarted import SITE, Device, Starts, starts

pytestmark = pytest.mark.broker
NEVER = 10_000
KILLED = -9
EFFECTS = {1: range(1, 17), 2: range(1, 6)}
"""Of the start that brings a menu as far as its trial, and of the one that tries and commits it."""
OFTEN = {1: (8, 14, 16), 2: (2,)}
CUTS = [
    pytest.param(start, cut, marks=() if cut in OFTEN[start] else pytest.mark.soak)
    for start, cuts in EFFECTS.items()
    for cut in cuts
]


@pytest.fixture(scope="module")
def warm() -> Iterator[Starts]:
    with starts() as found:
        yield found


@pytest.mark.parametrize(("start", "cut"), CUTS)
def test_a_killed_device_opens_with_a_whole_menu_and_brings_the_new_one_to_its_end(
    tmp_path: Path,
    repository: RunningRepository,
    clock: SettableClock,
    warm: Starts,
    *,
    start: int,
    cut: int,
) -> None:
    candidate = repository.candidate("1.1.0", name=SITE, kind="content", trial_minutes=1)
    repository.set_rollout(name=SITE, candidate=candidate)
    root = tmp_path / "root.json"
    root.write_bytes(repository.root)
    data = tmp_path / "data"
    asked = {
        "data": str(data),
        "url": repository.url,
        "root": str(root),
        "now": clock().isoformat(),
        "kind": "content",
    }
    if start == 2:
        assert warm.run(asked | {"cut": NEVER}) == EXIT_CODE
    assert warm.run(asked | {"cut": cut}) == KILLED
    begun = begin(Device.at(data, repository.url, root, clock).profile, clock())
    assert begun.site.product("cappuccino")

    pointer = None
    for _ in range(3):
        assert warm.run(asked | {"cut": NEVER}) in {0, EXIT_CODE}
        pointer = ReleaseFolder(data / "releases/content").pointer()
        if pointer and pointer.state.phase is Phase.COMMITTED:
            break
    assert pointer
    assert pointer.state.phase is Phase.COMMITTED
    assert pointer.state.serving.version == "1.1.0"
    assert pointer.refused == {}
