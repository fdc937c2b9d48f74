"""``edge codes read``: what a picture holds, and never a customer's token."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from edge.app.codes_command import codes, described
from edge.core.errors import RequestContractError
from edge.devices.code_message import Kind
from edge.devices.decoding_process import Code
from tests.fakes.pictures import encoded, k1_text, png


def test_of_a_customers_code_only_the_kind_is_printed(tmp_path: Path) -> None:
    text = k1_text(np.random.default_rng(1))
    (tmp_path / "k1.png").write_bytes(png(text))

    ran = CliRunner().invoke(codes, ["read", str(tmp_path / "k1.png")])

    assert ran.output == "customer   K1, 41 characters, not printed\n"
    assert ran.exit_code == 0


def test_a_picture_without_a_code_says_so(tmp_path: Path) -> None:
    (tmp_path / "grey.png").write_bytes(encoded(np.full((50, 50), 128, dtype=np.uint8)))

    ran = CliRunner().invoke(codes, ["read", str(tmp_path / "grey.png")])

    assert ran.output == "no code\n"


def test_a_file_that_is_no_picture_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("text")

    ran = CliRunner().invoke(codes, ["read", str(tmp_path / "a.txt")])

    assert isinstance(ran.exception, RequestContractError)


@pytest.mark.parametrize(
    ("kind", "text", "line"),
    [
        (Kind.RETAIL, "4006381333931", "product    04006381333931"),
        (Kind.QR, "https://id.gs1.org/01/09506000134352", "product    09506000134352"),
        (Kind.RETAIL, "4006381333932", "unknown    bar code: '4006381333932'"),
        (Kind.QR, "\x1b[2Jü", "unknown    QR code: '\\x1b[2J\\xfc'"),
        (
            Kind.QR,
            "HTTPS://127.0.0.1:8080/P/ABCDEFGHIJKLMNOPQ234",
            "pairing    a screen's code for a phone, not printed",
        ),
        (Kind.QR, "K4:not whole", "customer   K4, 12 characters, not printed"),
    ],
)
def test_each_kind_of_code_has_a_line_that_is_safe_to_print(
    kind: Kind, text: str, line: str
) -> None:
    assert described(Code(kind, text)) == line
