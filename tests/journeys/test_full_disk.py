"""A full disk: screens keep serving, nothing is said to be kept that is not, and it recovers."""

import os
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.service import RunningService


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 24 MiB."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small tmpfs needs root")
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("this machine does not let a test mount a tmpfs")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill(folder: Path) -> Path:
    rest = folder / "rest"
    # Unbuffered: what does not fit any more must not be tried again when the file is closed.
    with rest.open("wb", buffering=0) as file:
        try:
            while file.write(b"x" * 65536):
                pass
        except OSError:
            pass
    return rest


def order() -> dict[str, object]:
    lines = [{"sku": "latte", "options": {}, "qty": 1}]
    return {"order_id": str(uuid.uuid4()), "lines": lines, "service": "eat_in"}


def test_a_full_disk_refuses_orders_in_words_serves_slates_and_recovers(small_disk: Path) -> None:
    with RunningService.start(small_disk / "data") as service:
        assert service.request("POST", "/api/v1/orders", order())[0] in (200, 201)
        rest = fill(small_disk)

        refused = [service.request("POST", "/api/v1/orders", order()) for _ in range(300)][-1]
        status, slate = service.request("POST", "/api/v1/decide", {"placement": "kiosk-strip"})

        assert refused[0] == 503, refused
        assert "Traceback" not in str(refused[1])
        assert (status, len(slate["items"])) == (200, 3)

        rest.unlink()
        assert service.request("POST", "/api/v1/orders", order())[0] in (200, 201)
        taken = service.request("GET", "/api/v1/orders?since=2020-01-01T00:00:00Z")[1]
        assert len(taken["orders"]) >= 2
