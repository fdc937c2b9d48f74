"""What updating costs a device: a quiet poll, the memory of a large package, the bytes of a kill.

Server and device are one machine, so times are the device's processor, not the line's.
"""

import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any, Final

from edge.core.chance import draws
from edge.wire.rollout import RolloutDocument
from tests.bench.row import Row
from tests.fakes.mirror import Mirror, serving
from tests.fakes.release_client import NOW, Device
from tests.fakes.tampered import SignedRepository
from tests.fakes.update_attempts import Attempts, attempts

GROUP: Final = "updating"
MIB: Final = 1 << 20
LARGE: Final = 50 * MIB
PATH: Final = "models/ranker/1.0.0/ranker-1.0.0.tar"
POLLS: Final = 200
KILLS: Final = 20


def rows() -> Iterator[Row]:
    """Yield the rows of this file."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, attempts() as made:
        yield from _poll(Path(folder) / "poll", made)
        yield from _memory(Path(folder) / "memory", made)
        yield _kills(Path(folder) / "kills", made)


def _poll(folder: Path, made: Attempts) -> Iterator[Row]:
    device, repository = _shop(folder, 1000)
    with serving(repository.files) as origin:
        _attempt(made, device, origin)
        once_ms = median(_attempt(made, device, origin)["cpu_ms"] for _ in range(9))
        asked, sent = len(origin.asked), origin.sent_bytes
        many_ms = _attempt(made, device, origin, polls=POLLS + 1)["cpu_ms"]
        asked, sent = len(origin.asked) - asked, origin.sent_bytes - sent
    yield Row(GROUP, "quiet poll: requests", asked / (POLLS + 1), "", budget=3)
    yield Row(GROUP, "quiet poll: bodies", sent / (POLLS + 1), "B")
    yield Row(GROUP, "quiet poll: processor", (many_ms - once_ms) / POLLS, "ms", budget=8)


def _memory(folder: Path, made: Attempts) -> Iterator[Row]:
    took: list[dict[str, float]] = []
    for size in (1000, LARGE):
        device, repository = _shop(folder / str(size), size)
        with serving(repository.files) as origin:
            took.append(_attempt(made, device, origin, path=PATH))
    small, large = took
    more_mib = (large["peak_kib"] - small["peak_kib"]) / 1024
    yield Row(GROUP, "50 MiB fetched: peak", large["peak_kib"] / 1024, "MiB")
    yield Row(GROUP, "50 MiB fetched: peak above 1 kB", more_mib, "MiB", budget=8)
    yield Row(GROUP, "50 MiB fetched: processor", large["cpu_ms"], "ms")


def _kills(folder: Path, made: Attempts) -> Row:
    device, repository = _shop(folder, LARGE)
    with serving(repository.files) as origin:
        # As little under way as the system allows: a shop's line holds less than loopback does.
        origin.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        for draw in draws("kills", KILLS):
            origin.on_sent = _Killing(made, origin.sent_bytes + int(draw * LARGE / KILLS))
            _attempt(made, device, origin, path=PATH)
        origin.on_sent = None
        _attempt(made, device, origin, path=PATH)
        more = origin.sent_bytes - LARGE
    return Row(GROUP, "killed while fetching: fetched again each", more / KILLS / 1024, "KiB")


class _Killing:
    def __init__(self, made: Attempts, after_bytes: int) -> None:
        self._made = made
        self._after_bytes = after_bytes
        self._has_killed = False

    def __call__(self, sent_bytes: int) -> None:
        if sent_bytes >= self._after_bytes and not self._has_killed:
            self._has_killed = self._made.kill()


def _shop(folder: Path, size: int) -> tuple[Device, SignedRepository]:
    folder.mkdir(parents=True)
    repository = SignedRepository(NOW)
    repository.add_package(os.urandom(size))
    repository.add_rollout(RolloutDocument(name="ranker", version=1, issued_at=NOW))
    repository.publish("models", "rollouts")
    (folder / "pinned").write_bytes(repository.pinned)
    return Device(folder / "releases", repository), repository


def _attempt(made: Attempts, device: Device, origin: Mirror, **asked: object) -> dict[str, Any]:
    made.begin(folder=str(device.folder), url=origin.url, now=NOW.isoformat(), **asked)
    if origin.on_sent:
        origin.on_sent(origin.sent_bytes)  # it may have been fast
    return made.end()
