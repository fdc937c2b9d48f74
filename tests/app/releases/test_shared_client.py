"""Several package names, one client: who waits for a turn gets one, whatever is being fetched."""

import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from edge.app.releases.shared_client import SharedClient
from edge.update.client import Package
from edge.wire.releases import PackageFacts, target_path
from edge.wire.rollout import RolloutDocument

FACTS = PackageFacts(
    kind="model", name="ranker", version="1.0.0", abi=1, min_agent="0.1.0", size_unpacked=1
)
PACKAGE = Package(target_path("model", "ranker", "1.0.0"), FACTS, 1, "a" * 64)


class Line:
    """A client that never comes to the end of a download, and counts what it is asked."""

    def __init__(self) -> None:
        self.refreshed = self.closed = 0
        self.kept: tuple[str, tuple[Package, ...]] = ("", ())
        self.is_fetching = threading.Event()

    def refresh(self, *, asks_origin: bool = False) -> None:
        self.refreshed += 1

    def rollout(self, name: str) -> RolloutDocument | None:
        return None

    def package(self, path: str) -> Package | None:
        return None

    def download_path(self, package: Package) -> Path:
        return Path(package.sha256)

    def fetch(self, package: Package, into: Path, is_wanted: Callable[[], bool]) -> Path:
        self.is_fetching.set()
        while is_wanted():
            pass
        return into

    def keep_only(self, name: str, packages: Iterable[Package]) -> None:
        self.kept = (name, tuple(packages))

    def close(self) -> None:
        self.closed += 1


def test_a_download_makes_way_for_another_name_that_looks() -> None:
    line = Line()
    shared = SharedClient(line, users=2, fresh_s=0)
    fetching = threading.Thread(target=shared.fetch, args=(PACKAGE, Path("x"), lambda: True))
    fetching.start()
    assert line.is_fetching.wait(5)
    shared.refresh()
    fetching.join(5)
    assert not fetching.is_alive()
    assert line.refreshed == 1


def test_what_one_name_learnt_serves_the_others_unless_somebody_rang() -> None:
    line = Line()
    shared = SharedClient(line, users=2, fresh_s=900)
    shared.refresh()
    shared.refresh()
    assert line.refreshed == 1
    shared.refresh(asks_origin=True)
    assert line.refreshed == 2


def test_the_last_name_to_leave_closes_it() -> None:
    line = Line()
    shared = SharedClient(line, users=2, fresh_s=0)
    shared.close()
    assert line.closed == 0
    shared.close()
    assert line.closed == 1


def test_tidying_up_does_not_break_off_another_names_download() -> None:
    line = Line()
    shared = SharedClient(line, users=2, fresh_s=0)
    is_wanted = threading.Event()
    fetching = threading.Thread(
        target=shared.fetch, args=(PACKAGE, Path("x"), lambda: not is_wanted.is_set())
    )
    fetching.start()
    assert line.is_fetching.wait(5)
    shared.keep_only("ranker", [PACKAGE])
    assert fetching.is_alive()
    is_wanted.set()
    fetching.join(5)
    assert line.kept == ("ranker", (PACKAGE,))
