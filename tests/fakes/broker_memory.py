"""How much memory a broker takes."""

from pathlib import Path

from tests.fakes.broker import Broker


def rss_mib(broker: Broker) -> float:
    """Return the resident memory of the broker's process."""
    assert broker._process is not None
    status = Path(f"/proc/{broker._process.pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024
