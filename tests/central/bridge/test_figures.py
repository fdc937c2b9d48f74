"""What a worker counts about its words to devices."""

import logging

import pytest

from edge.central.bridge.figures import Figures


def test_a_broker_that_refuses_the_words_is_told_of_once_with_what_to_do(
    caplog: pytest.LogCaptureFixture,
) -> None:
    figures = Figures("bridge-1")
    for number, reason in enumerate((0, 0x10, 0x87, 0x87)):
        figures.said(number, reason)

    (record,) = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert "refuses down/acked (0x87)" in record.message
    assert "edge fleet provision" in record.message
