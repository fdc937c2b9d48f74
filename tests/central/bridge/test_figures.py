"""What a worker counts: its words to devices, and what it deleted."""

import logging
import urllib.request

import pytest

from edge.central.bridge.figures import Figures
from edge.central.bridge.retention_rows import Retained
from tests.fakes.device_events import NOON


def test_a_broker_that_refuses_the_words_is_told_of_once_with_what_to_do(
    caplog: pytest.LogCaptureFixture,
) -> None:
    figures = Figures("bridge-1")
    for number, reason in enumerate((0, 0x10, 0x87, 0x87)):
        figures.said(number, reason)

    (record,) = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert "refuses down/acked (0x87)" in record.message
    assert "edge fleet provision" in record.message


def test_what_is_deleted_is_in_the_figures() -> None:
    figures = Figures("bridge-1")
    figures.retained(Retained(days=1, rows=20, moved=3, held=4, others=5), NOON)
    with figures.served(0) as port:
        url = f"http://127.0.0.1:{port}/metrics"
        said = urllib.request.urlopen(url, timeout=5).read().decode()
    for line in (
        'bridge_retention_days_total{worker="bridge-1"} 1.0',
        'bridge_retention_events_total{worker="bridge-1"} 20.0',
        'bridge_retention_moved_total{worker="bridge-1"} 3.0',
        'bridge_retention_held_days{worker="bridge-1"} 4.0',
        'bridge_retention_others_total{worker="bridge-1"} 5.0',
        f'bridge_retention_time_seconds{{worker="bridge-1"}} {NOON.timestamp()}',
    ):
        name, value = line.split()
        (found,) = [one for one in said.splitlines() if one.startswith(f"{name} ")]
        assert float(found.split()[1]) == float(value)
