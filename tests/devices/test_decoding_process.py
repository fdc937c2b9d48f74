"""A picture read by a process of its own."""

from pathlib import Path

import pytest

from edge.core.errors import RequestContractError
from edge.devices.code_message import Kind
from edge.devices.decoding_process import codes_in
from tests.fakes.pictures import ean13_png, png


def test_a_picture_is_read_by_a_process_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "code.png").write_bytes(png("a text"))
    (tmp_path / "bars.png").write_bytes(ean13_png("4006381333931"))

    (code,) = codes_in(tmp_path / "code.png")
    (bars,) = codes_in(tmp_path / "bars.png")

    assert (code.kind, code.text) == (Kind.QR, "a text")
    assert (bars.kind, bars.text) == (Kind.RETAIL, "4006381333931")
    assert "a text" not in repr(code)


def test_a_file_that_is_no_picture_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "code.png").write_bytes(b"nothing")

    with pytest.raises(RequestContractError, match=r"code\.png"):
        codes_in(tmp_path / "code.png")
