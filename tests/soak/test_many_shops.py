"""Ten thousand shops' events on one Mosquitto: how many it takes, how soon they come, what it costs.

``make soak`` connects 10,000 (``SHOPS`` changes that), without TLS, and prints connecting, a steady
1,000 batches a second (each shop every 10 s), and as many as go. The shops are raw sockets in one
process (``tests/fakes/many_shops.py``), which shares the machine with the broker: what is measured
is the least that the broker can do. ``make test`` does it with 200.
"""

import os
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.fakes.broker import running_broker
from tests.fakes.broker_memory import rss_mib
from tests.fakes.many_shops import Measured, many_shops

SHOPS = int(os.environ.get("SHOPS", "10000"))
_MORE = "max_connections -1"


@contextmanager
def many_files(number: int) -> Iterator[None]:
    """Let this process, and the broker after it, open so many files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert hard >= number, f"wanted {number} open files, got a limit of {hard}; see SHOPS"
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def measured(folder: Path, shops: int, rate: float, seconds: float) -> tuple[str, Measured]:
    """Return the figures, and those of the steady flow to be held to."""
    with running_broker(folder, more=_MORE) as broker, many_shops(broker.port) as many:
        empty = rss_mib(broker)
        connecting_s = many.come(shops)
        connected = rss_mib(broker)
        many.listen()
        steady = many.flow(seconds, rate)
        full = many.flow(seconds, None)
        said = (
            f"{shops:,} shops connected in {connecting_s:.1f} s; steady "
            f"{steady.published / steady.lasted_s:,.0f} batches a second: at central after "
            f"{steady.at(0.5):.1f} ms, p99 {steady.at(0.99):.1f} ms; at most "
            f"{full.published / full.lasted_s:,.0f} a second taken and "
            f"{full.received / full.drained_s:,.0f} delivered, p99 {full.at(0.99):.0f} ms; broker "
            f"{empty:.0f} MiB empty, {connected:.0f} MiB connected, {rss_mib(broker):.0f} MiB after"
        )
        return said, steady


@pytest.mark.broker
def test_hundreds_of_shops_reach_central_without_a_gap(tmp_path: Path) -> None:
    _, steady = measured(tmp_path, 200, 500.0, 0.3)
    assert steady.received == steady.published


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_ten_thousand_shops_reach_central_without_a_gap(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with many_files(SHOPS + 100):
        said, steady = measured(tmp_path, SHOPS, SHOPS / 10, 30.0)
    with capsys.disabled():
        sys.stdout.write(f"\n{said}\n")
    assert steady.received == steady.published
    assert steady.published >= 0.95 * SHOPS / 10 * 30
