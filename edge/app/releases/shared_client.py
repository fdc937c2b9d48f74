"""One client of the repository for every package name of this device.

Its folder is one process's and one thread's at a time. Who waits for a turn makes a long download
give way; it is gone on with from where it was. What was learnt a moment ago serves the others too.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.app.releases.install import Client
from edge.update.client import Package
from edge.wire.rollout import RolloutDocument


class SharedClient:
    """Gives turns. Safe to use from every thread.

    Args:
        client: The one that is shared.
        users: How many names share it; the last one to leave closes it.
        fresh_s: How long what was learnt serves a name that was not rung for.
    """

    def __init__(self, client: Client, *, users: int, fresh_s: float) -> None:
        self._client = client
        self._users = users
        self._fresh_s = fresh_s
        self._turn = threading.Lock()
        self._waiting = 0
        self._counting = threading.Lock()
        self._fresh_until_s = 0.0

    def refresh(self, *, asks_origin: bool = False) -> None:
        """Learn what is signed now."""
        with self._own_turn():
            if asks_origin or time.monotonic() >= self._fresh_until_s:
                self._client.refresh(asks_origin=asks_origin)
                self._fresh_until_s = time.monotonic() + self._fresh_s

    def rollout(self, name: str) -> RolloutDocument | None:
        """Return which release whom is for."""
        with self._own_turn():
            return self._client.rollout(name)

    def package(self, path: str) -> Package | None:
        """Return what is signed about a package."""
        with self._own_turn():
            return self._client.package(path)

    def download_path(self, package: Package) -> Path:
        """Return where to fetch it to."""
        return self._client.download_path(package)

    def fetch(self, package: Package, into: Path, is_wanted: Callable[[], bool]) -> Path:
        """Fetch it, as long as it is wanted and nobody else waits for a turn."""
        with self._own_turn():
            return self._client.fetch(package, into, lambda: is_wanted() and not self._waiting)

    def keep_only(self, name: str, packages: Iterable[Package]) -> None:
        """Delete what was fetched under this name but ``packages``; waits for no turn.

        Each name has files of its own, and its own thread fetches them.
        """
        self._client.keep_only(name, packages)

    def close(self) -> None:
        """Leave; the last one leaves the folder to others."""
        with self._counting:
            self._users -= 1
            is_last = self._users == 0
        if is_last:
            with self._turn:
                self._client.close()

    @contextmanager
    def _own_turn(self) -> Iterator[None]:
        with self._counting:
            self._waiting += 1
        with self._turn:
            with self._counting:
                self._waiting -= 1
            yield
