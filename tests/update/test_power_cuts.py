"""However often the power goes in the middle, the next start goes on, and ends verified.

A process that is killed leaves what the system had taken from it, as a power cut leaves what was
flushed; ``test_download.py`` tears what a power cut may tear beyond that.
"""

import os
import signal
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from edge.core.chance import draws
from edge.update.part import PART
from edge.wire.rollout import RolloutDocument
from tests.fakes.mirror import Mirror, serving
from tests.fakes.release_client import NOW, Device
from tests.fakes.tampered import SignedRepository
from tests.fakes.update_attempts import Attempts, attempts

PATH = "models/ranker/1.0.0/ranker-1.0.0.tar"


@dataclass
class Cut:
    """Kills the attempt once the server has sent so many bytes."""

    made: Attempts
    after_bytes: int
    has_fallen: bool = field(default=False, init=False)

    def __call__(self, sent_bytes: int) -> None:
        if not self.has_fallen and sent_bytes >= self.after_bytes:
            self.has_fallen = self.made.kill()


def say(repository: SignedRepository, version: int) -> None:
    repository.add_rollout(RolloutDocument(name="ranker", version=version, issued_at=NOW))
    repository.publish("rollouts")


def attempt(made: Attempts, device: Device, origin: Mirror, cut: Cut | None = None) -> int:
    """Return an attempt's exit status."""
    origin.on_sent = cut
    made.begin(folder=str(device.folder), url=origin.url, now=NOW.isoformat(), path=PATH)
    if cut:
        cut(origin.sent_bytes)  # it may have been fast
    return int(made.end()["status"])


@pytest.mark.parametrize(
    "kills", [20, pytest.param(500, marks=[pytest.mark.soak, pytest.mark.timeout(900)])]
)
def test_a_download_that_is_killed_again_and_again_ends_verified(
    tmp_path: Path, kills: int
) -> None:
    payload = os.urandom(max(4, kills // 5) << 20)
    repository = SignedRepository(NOW)
    repository.add_package(payload)
    repository.publish("models")
    device = Device(tmp_path / "releases", repository)
    (tmp_path / "pinned").write_bytes(repository.pinned)
    killed = 0
    with serving(repository.files) as origin, attempts() as made:
        for number, draw in enumerate(draws(f"power cuts {kills}", kills), start=1):
            say(repository, number)  # so that documents are being written too
            after = int(draw**2 * len(payload) / kills * 2)
            status = attempt(made, device, origin, Cut(made, origin.sent_bytes + after))
            assert status in {0, -signal.SIGKILL}
            killed += status != 0
        assert attempt(made, device, origin) == 0

    (file,) = (device.folder / "downloads").glob("*.tar")
    assert file.read_bytes() == payload
    assert not list((device.folder / "downloads").glob(f"*{PART}"))
    assert killed >= kills * 3 // 4  # else this tried nothing
