"""Lines out of whatever bytes a serial port gives."""

from hypothesis import given
from hypothesis import strategies as st

from edge.devices.scanned_lines import PART_WITHIN_S, ScannedLines


def fed(*pieces: bytes) -> tuple[list[str], ScannedLines]:
    lines = ScannedLines()
    return [line for piece in pieces for line in lines.feed(piece, 0.0)], lines


@given(st.lists(st.text("ABC019:./", min_size=1, max_size=40)), st.integers(1, 30))
def test_lines_arrive_whole_however_the_port_cuts_them(codes: list[str], size: int) -> None:
    whole = "".join(f"{code}\r\n" for code in codes).encode()

    got, _ = fed(*(whole[at : at + size] for at in range(0, len(whole), size)))

    assert got == codes


@given(st.lists(st.binary(max_size=700), max_size=20))
def test_whatever_bytes_come_no_line_is_longer_than_512(pieces: list[bytes]) -> None:
    got, lines = fed(*pieces)

    assert all(len(line.encode()) <= 512 for line in got)
    assert len(lines._line) <= 512


def test_a_line_of_more_than_512_bytes_is_dropped_whole_and_the_next_one_read() -> None:
    got, lines = fed(b"x" * 300, b"x" * 300, b"x" * 5_000, b"\rafter\r")

    assert got == ["after"]
    assert lines.dropped == 1


def test_a_line_that_is_no_utf8_is_dropped() -> None:
    got, lines = fed(b"\xff\xfe\rafter\r")

    assert got == ["after"]
    assert lines.dropped == 1


def test_half_a_line_is_given_up_after_a_second() -> None:
    lines = ScannedLines()

    assert list(lines.feed(b"half a li", 0.0)) == []
    assert list(lines.feed(b"", PART_WITHIN_S + 0.1)) == []
    assert list(lines.feed(b"whole\r", PART_WITHIN_S + 0.2)) == ["whole"]
    assert lines.dropped == 1
