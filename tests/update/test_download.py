"""A download goes on where it ended, and never takes more than was signed."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tuf.api.exceptions import (
    DownloadError,
    DownloadLengthMismatchError,
    LengthOrHashMismatchError,
)
from tuf.api.metadata import TargetFile  # type: ignore[attr-defined]

from edge.update.connections import Connections
from edge.update.download import Download, NoLongerWantedError
from edge.update.pace import LinePace
from edge.update.part import Wanted, fetched_bytes
from tests.fakes import mirror
from tests.fakes.mirror import Asked, Mirror, serving
from tests.fakes.release_client import QUICK

PAYLOAD = bytes(range(256)) * 4096  # 1 MiB


@dataclass
class Passing:
    """Seconds that pass only while somebody sleeps."""

    now_s: float = 0.0

    def __call__(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.now_s += seconds


@pytest.fixture
def server() -> Iterator[Mirror]:
    with serving({"file": PAYLOAD}) as found:
        yield found


@pytest.fixture
def wanted(tmp_path: Path) -> Wanted:
    target = TargetFile.from_data("file", PAYLOAD, ["sha256"])
    return Wanted(target, tmp_path / "into" / "file", target.hashes["sha256"])


def fetch(wanted: Wanted, server: Mirror, download: Download | None = None) -> None:
    with Connections(QUICK) as connections:
        (download or Download(pace=LinePace(0))).fetch(wanted, connections, f"{server.url}/file")


def begun(wanted: Wanted, payload: bytes) -> None:
    wanted.part.parent.mkdir(exist_ok=True)
    wanted.part.write_bytes(payload)


def test_only_what_is_missing_is_asked_for(wanted: Wanted, server: Mirror) -> None:
    begun(wanted, PAYLOAD[:1_000_001])

    fetch(wanted, server)

    assert server.sent_bytes == len(PAYLOAD) - 1_000_001
    assert wanted.is_there()
    assert not wanted.part.exists()


def test_a_part_that_is_whole_asks_nobody(wanted: Wanted, server: Mirror) -> None:
    begun(wanted, PAYLOAD)

    fetch(wanted, server)

    assert server.asked == []
    assert wanted.is_there()


@pytest.mark.parametrize(
    "left",
    [b"?" * 5000, PAYLOAD[:5000] + bytes(5000), b"?" * len(PAYLOAD), PAYLOAD + b"?"],
    ids=["foreign", "torn by a power cut", "whole and wrong", "too long"],
)
def test_a_part_that_is_wrong_is_thrown_away_and_accuses_nobody(
    wanted: Wanted, server: Mirror, left: bytes
) -> None:
    begun(wanted, left)

    fetch(wanted, server)

    assert wanted.is_there()


def test_a_server_without_ranges_begins_again(wanted: Wanted, server: Mirror) -> None:
    server.manners.append(mirror.no_ranges)
    begun(wanted, PAYLOAD[:5000])

    fetch(wanted, server)

    assert wanted.is_there()


def test_a_server_that_gives_another_range_is_refused_and_the_part_kept(
    wanted: Wanted, server: Mirror
) -> None:
    def elsewhere(asked: Asked) -> bool:
        asked.answer(206, PAYLOAD[7000:], Content_Range=f"bytes 7000-{len(PAYLOAD) - 1}/*")
        return True

    server.manners.append(elsewhere)
    begun(wanted, PAYLOAD[:5000])

    with pytest.raises(DownloadError):
        fetch(wanted, server)

    assert fetched_bytes(wanted) == 5000


def test_a_server_that_has_no_such_range_is_asked_for_the_whole(
    wanted: Wanted, server: Mirror
) -> None:
    def unknown(asked: Asked) -> bool:
        asked.send_error(416)
        return True

    server.manners.append(mirror.once(unknown))
    begun(wanted, PAYLOAD[:5000])

    fetch(wanted, server)

    assert wanted.is_there()


def test_data_without_end_are_cut_at_the_signed_length(wanted: Wanted, server: Mirror) -> None:
    server.manners.append(mirror.endless)

    with pytest.raises(DownloadLengthMismatchError):
        fetch(wanted, server)

    assert not wanted.part.exists()


@pytest.mark.parametrize(
    ("size", "error"),
    [(1, DownloadLengthMismatchError), (-1, LengthOrHashMismatchError)],
    ids=["more", "less"],
)
def test_another_length_is_refused_before_the_part_is_touched(
    wanted: Wanted, server: Mirror, size: int, error: type[Exception]
) -> None:
    server.files = {"file": bytes(len(PAYLOAD) + size)}
    begun(wanted, PAYLOAD[:5000])

    with pytest.raises(error):
        fetch(wanted, server)

    assert wanted.part.read_bytes() == PAYLOAD[:5000]


def test_a_line_that_is_cut_keeps_what_came(wanted: Wanted, server: Mirror) -> None:
    server.manners.append(mirror.once(mirror.cut_after(600_000)))
    with pytest.raises(DownloadError):
        fetch(wanted, server)
    assert fetched_bytes(wanted) == 600_000

    fetch(wanted, server)

    assert wanted.is_there()
    assert server.sent_bytes == len(PAYLOAD)


def test_a_part_of_an_earlier_file_by_this_name_goes(wanted: Wanted, server: Mirror) -> None:
    begun(wanted, b"")
    earlier = wanted.part.with_name("file.0123456789abcdef.part")
    earlier.write_bytes(b"earlier")
    other = wanted.part.with_name("another.0123456789abcdef.part")
    other.write_bytes(b"another file's")

    fetch(wanted, server)

    assert not earlier.exists()
    assert other.exists()


def test_it_keeps_to_its_pace(wanted: Wanted, server: Mirror) -> None:
    passing = Passing()
    download = Download(pace=LinePace(64 * 1024), monotonic=passing, sleep=passing.sleep)

    fetch(wanted, server, download)

    assert passing.now_s == pytest.approx(len(PAYLOAD) / (64 * 1024))


def test_a_release_that_is_paused_stops_within_a_second_and_keeps_what_came(
    wanted: Wanted, server: Mirror
) -> None:
    passing = Passing()
    download = Download(pace=LinePace(64 * 1024), monotonic=passing, sleep=passing.sleep)
    paused = Wanted(wanted.signed, wanted.into, wanted.name, lambda: passing.now_s < 5)

    with pytest.raises(NoLongerWantedError):
        fetch(paused, server, download)

    assert 5 <= passing.now_s < 6
    assert fetched_bytes(wanted) == pytest.approx(5 * 64 * 1024, abs=2 * 65_536)
    fetch(wanted, server)
    assert wanted.is_there()
