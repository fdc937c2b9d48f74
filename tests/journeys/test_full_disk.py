"""A full disk: screens keep serving, nothing is said to be kept that is not, and it recovers."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.profiles import DEMO_PROFILE
from tests.fakes.service import RunningService
from tests.fakes.small_disk import fill, small_disk


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 24 MiB: too small for the usual reserve."""
    with small_disk(tmp_path / "disk", 24) as is_own:
        if not is_own:
            pytest.skip("a test may not mount here")
        yield tmp_path / "disk"


def order() -> dict[str, object]:
    lines = [{"sku": "latte", "options": {}, "qty": 1}]
    return {"order_id": str(uuid.uuid4()), "lines": lines, "service": "eat_in"}


def test_a_full_disk_refuses_orders_in_words_serves_slates_and_recovers(disk: Path) -> None:
    with RunningService.start(disk / "data", None, "--config", str(DEMO_PROFILE)) as service:
        assert service.request("POST", "/api/v1/orders", order())[0] in (200, 201)
        rest = fill(disk)

        refused = [service.request("POST", "/api/v1/orders", order()) for _ in range(300)][-1]
        status, slate = service.request("POST", "/api/v1/decide", {"placement": "kiosk-strip"})

        assert refused[0] == 503, refused
        assert "Traceback" not in str(refused[1])
        assert (status, len(slate["items"])) == (200, 3)

        rest.unlink()
        assert service.request("POST", "/api/v1/orders", order())[0] in (200, 201)
        taken = service.request("GET", "/api/v1/orders?since=2020-01-01T00:00:00Z")[1]
        assert len(taken["orders"]) >= 2
