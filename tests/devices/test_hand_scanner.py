"""A hand scanner on a serial port, played by a pseudo-terminal."""

import os
import pty
import queue
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edge.core.clock import SettableClock
from edge.core.errors import DeviceUnavailableError
from edge.devices.code_source import OnCode
from edge.devices.hand_scanner import HandScanner, HandScannerSettings
from tests.fakes.patience import WITHIN_S, wait_until

NOON = datetime(2026, 9, 21, 12, tzinfo=UTC)


class Port:
    """A pseudo-terminal under a name that stays, as udev gives it."""

    def __init__(self, name: Path) -> None:
        self.scanner, self._far = pty.openpty()
        name.unlink(missing_ok=True)
        name.symlink_to(os.ttyname(self._far))

    def scan(self, line: bytes) -> None:
        os.write(self.scanner, line)

    def unplug(self) -> None:
        os.close(self.scanner)
        os.close(self._far)


@contextmanager
def running(path: Path, on_code: OnCode) -> Iterator[HandScanner]:
    settings = HandScannerSettings(str(path), pause_min_s=0.01, pause_max_s=0.02)
    scanner = HandScanner(settings, on_code, SettableClock(NOON))
    scanner.start()
    try:
        yield scanner
    finally:
        scanner.stop()


def test_each_line_is_a_code_whatever_ends_it(tmp_path: Path) -> None:
    port = Port(tmp_path / "scanner")
    got: queue.Queue[str] = queue.Queue()
    with running(tmp_path / "scanner", got.put) as scanner:
        wait_until(lambda: scanner.status().state == "ready")
        port.scan(b"4006381333931\r\nK1:ABC DEF\rhttps://id.gs1.org/01/09506000134352\n")

        assert [got.get(timeout=WITHIN_S) for _ in range(3)] == [
            "4006381333931",
            "K1:ABC DEF",
            "https://id.gs1.org/01/09506000134352",
        ]
        wait_until(lambda: scanner.status().codes == 3)
    port.unplug()

    assert scanner.status().words == "stopped"


def test_a_scanner_that_was_unplugged_is_found_again(tmp_path: Path) -> None:
    got: queue.Queue[str] = queue.Queue()
    with running(tmp_path / "scanner", got.put) as scanner:
        wait_until(lambda: "cannot open it" in scanner.status().words)
        for text in ("first", "second"):
            port = Port(tmp_path / "scanner")
            wait_until(lambda: scanner.status().state == "ready")
            port.scan(text.encode() + b"\r")
            assert got.get(timeout=WITHIN_S) == text
            port.unplug()
            wait_until(lambda: scanner.status().state == "waiting")


def test_a_path_that_is_no_serial_port_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"K1:A\r")
    for path, words in ((tmp_path / "file", "is none"), (Path("/dev/null"), "device is none")):
        with running(path, print) as scanner:
            wait_until(lambda: words in scanner.status().words)  # noqa: B023 - called at once


def test_a_code_that_nobody_can_take_is_counted_and_never_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(text: str) -> None:
        raise DeviceUnavailableError(text)

    port = Port(tmp_path / "scanner")
    with running(tmp_path / "scanner", refuse) as scanner:
        wait_until(lambda: scanner.status().state == "ready")
        port.scan(b"K1:SECRET\r")
        wait_until(lambda: scanner.status().dropped == 1)
    port.unplug()

    assert "DeviceUnavailableError" in caplog.text
    assert "SECRET" not in caplog.text


def test_the_same_code_twice_at_once_is_one(tmp_path: Path) -> None:
    port = Port(tmp_path / "scanner")
    got: queue.Queue[str] = queue.Queue()
    with running(tmp_path / "scanner", got.put) as scanner:
        wait_until(lambda: scanner.status().state == "ready")
        port.scan(b"a\ra\rb\r")
        wait_until(lambda: scanner.status().codes == 2)
    port.unplug()

    assert [got.get_nowait(), got.get_nowait()] == ["a", "b"]
