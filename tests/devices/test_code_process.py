"""The supervised process: texts come out of it, whatever is held before it or becomes of it."""

import os
import queue
import signal
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from edge.core.clock import SettableClock
from edge.core.errors import DeviceUnavailableError
from edge.devices.code_process import CameraSettings, CameraSource
from edge.devices.code_source import OnCode
from tests.fakes.patience import WITHIN_S, wait_until
from tests.fakes.pictures import ean13_png, k1_text, k4_text, png, put

ROOT = Path(__file__).parents[2]
NOON = datetime(2026, 9, 21, 12, tzinfo=UTC)
SAY = "import os, struct, sys, time\ndef say(kind, text, now=None):\n    os.write(1, struct.pack('>BdH', kind, time.monotonic() if now is None else now, len(text)) + text)\n"


@contextmanager
def running(settings: CameraSettings, on_code: OnCode) -> Iterator[CameraSource]:
    source = CameraSource(settings, on_code, SettableClock(NOON))
    source.start()
    try:
        yield source
    finally:
        source.stop()


def playing(script: str) -> CameraSettings:
    """Return settings whose process runs ``script`` instead of decoding."""
    command = (sys.executable, "-c", SAY + script)
    return CameraSettings("unused", command=command, pause_min_s=0.01)


def ready(source: CameraSource) -> Callable[[], bool]:
    return lambda: source.status().state == "ready"


def test_codes_held_before_the_stand_in_camera_come_out_once_each(tmp_path: Path) -> None:
    path = tmp_path / "code.png"
    draw = np.random.default_rng(1)
    got: queue.Queue[str] = queue.Queue()
    with running(CameraSettings(str(path)), got.put) as source:
        wait_until(ready(source))
        assert source.status().words.startswith("ready, nothing is before it")
        held = [k1_text(draw), k4_text(draw), "4006381333931"]
        for text in held:
            put(path, ean13_png(text) if text.isdecimal() else png(text))
            assert got.get(timeout=WITHIN_S) == text
        put(path, ean13_png(held[-1], scale=4))
        wait_until(lambda: source.status().words.startswith("looking for codes"))
        status = source.status()

    assert got.empty()
    assert (status.state, status.codes, status.dropped, status.restarts) == ("ready", 3, 0, 0)
    assert source.status().words == "stopped"
    assert [each.name for each in tmp_path.iterdir()] == ["code.png"]  # no frame beside it


def test_what_a_kernel_cannot_shut_the_process_off_from_is_said() -> None:
    with running(playing("say(1, b'memory'); say(0, b'0'); time.sleep(60)"), print) as source:
        wait_until(ready(source))
        words = source.status().words

    assert words == "looking for codes; this kernel does not shut it off from files, system"


def test_broken_pictures_are_survived_and_the_next_code_is_read(tmp_path: Path) -> None:
    path = tmp_path / "code.png"
    got: queue.Queue[str] = queue.Queue()
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    crc = struct.pack(">I", zlib.crc32(b"IHDR" + header))
    huge = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + header + crc
    bad = [os.urandom(2_000), huge, png("a")[:80], b"\xff\xd8\xff" + os.urandom(2_000), b""]
    with running(CameraSettings(str(path)), got.put) as source:
        for number, content in enumerate(bad):
            put(path, content)
            wait_until(lambda: "no PNG or JPEG" in source.status().words)
            put(path, png(f"after {number}"))
            assert got.get(timeout=WITHIN_S) == f"after {number}"
        assert source.status().restarts == 0


def test_a_process_that_dies_is_started_again_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "code.png"
    got: queue.Queue[str] = queue.Queue()
    with running(CameraSettings(str(path), pause_min_s=0.01), got.put) as source:
        for number in range(2):
            wait_until(ready(source))
            assert source.pid is not None
            os.kill(source.pid, signal.SIGKILL)
            wait_until(lambda: source.status().restarts > number)  # noqa: B023 - called at once
        put(path, png("after it died"))

        assert got.get(timeout=WITHIN_S) == "after it died"
        assert source.status().restarts == 2


def test_a_process_that_hangs_is_ended_and_started_again() -> None:
    hanging = replace(playing("say(0, b'0'); time.sleep(60)"), silent_s=0.1)
    with running(hanging, print) as source:
        wait_until(lambda: source.status().restarts >= 2)
        wait_until(lambda: "said nothing" in source.status().words)


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("os.write(1, os.urandom(64).replace(b'\\x00', b'x') * 9)", "something else than messages"),
        ("os.write(1, struct.pack('>BdH', 2, 0.0, 60000))", "something else than messages"),
        ("say(0, b'9')", "a state that there is not"),
        ("while True: say(2, b'flood')", "more than 1000 things a second"),
        ("sys.exit(3)", "ended by itself"),
        ("say(0, b'3'); time.sleep(60)", "there is no camera"),
    ],
)
def test_a_process_that_misbehaves_is_ended_with_a_reason(script: str, words: str) -> None:
    with running(playing(script), lambda _text: None) as source:
        wait_until(lambda: words in source.status().words)
        wait_until(lambda: source.status().restarts >= 2)


def test_pauses_grow_to_a_limit_while_the_process_keeps_dying() -> None:
    settings = replace(playing("sys.exit(1)"), pause_max_s=0.02)
    with running(settings, print) as source:
        wait_until(lambda: source.status().restarts >= 4)


def test_a_program_that_cannot_be_started_is_said() -> None:
    settings = CameraSettings("0", command=("/none/such",), pause_min_s=0.01)
    with running(settings, print) as source:
        wait_until(lambda: "could not start it" in source.status().words)


def test_no_more_than_twenty_new_codes_a_second_are_given_on() -> None:
    got: list[str] = []
    script = "for n in range(100): say(2, str(n).encode())\ntime.sleep(60)"
    with running(playing(script), got.append) as source:
        wait_until(lambda: source.status().codes + source.status().dropped == 100)

    assert len(got) == 20


def test_a_code_of_long_ago_or_of_tomorrow_is_not_given_on() -> None:
    got: list[str] = []
    script = "say(2, b'old', time.monotonic() - 9); say(2, b'new', time.monotonic() + 9); say(2, b'now'); time.sleep(60)"
    with running(playing(script), got.append) as source:
        wait_until(lambda: source.status().codes == 1)

    assert got == ["now"]
    assert source.status().dropped == 2


def test_a_code_that_nobody_can_take_is_counted_and_never_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refuse(text: str) -> None:
        msg = f"cannot take {text}"
        raise DeviceUnavailableError(msg)

    script = "say(2, b'K1:SECRET'); say(2, b'K1:OTHER'); time.sleep(60)"
    with running(playing(script), refuse) as source:
        wait_until(lambda: source.status().dropped == 2)

    assert "DeviceUnavailableError" in caplog.text
    assert "SECRET" not in caplog.text
    assert "SECRET" not in repr(source.status())


def test_the_process_is_given_no_environment_and_no_open_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("EDGE_SECRET", "a key")
    inherited, other = os.pipe()
    os.set_inheritable(inherited, True)
    got: queue.Queue[str] = queue.Queue()
    script = (
        "say(2, ' '.join(sorted(os.environ)).encode())\n"
        "say(2, ' '.join(sorted(os.listdir('/proc/self/fd'))).encode())\ntime.sleep(60)"
    )
    try:
        with running(playing(script), got.put):
            names = got.get(timeout=WITHIN_S).split()
            files = got.get(timeout=WITHIN_S).split()
    finally:
        os.close(inherited)
        os.close(other)

    assert "EDGE_SECRET" not in names
    assert {name for name in names if not name.startswith(("OPEN", "MALLOC", "LC_"))} == set()
    assert files == ["0", "1", "2", "3"]  # 3: the folder being listed


def test_stopping_ends_the_process(tmp_path: Path) -> None:
    with running(CameraSettings(str(tmp_path / "code.png")), print) as source:
        wait_until(ready(source))
        pid = source.pid
    assert pid is not None

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_source_that_was_never_started_can_be_stopped() -> None:
    source = CameraSource(CameraSettings("0"), print, SettableClock(NOON))

    source.stop()

    assert source.status().state == "stopped"


def test_a_process_whose_service_is_gone_ends(tmp_path: Path) -> None:
    code = (
        "import os, sys, time\n"
        "from edge.core.clock import system_clock\n"
        "from edge.devices.code_process import CameraSettings, CameraSource\n"
        "source = CameraSource(CameraSettings(sys.argv[1]), print, system_clock)\n"
        "source.start()\n"
        "while source.status().state != 'ready': time.sleep(0.01)\n"
        "print(source.pid, [m for m in ('cv2', 'zxingcpp', 'numpy') if m in sys.modules])\n"
        "sys.stdout.flush()\n"
        "os._exit(0)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "code.png")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    pid, _, loaded = ran.stdout.strip().partition(" ")

    assert loaded == "[]"  # neither library is in the service's process
    wait_until(lambda: not Path(f"/proc/{pid}").exists())
