"""``edge phone show``: a customer's phone from the shell."""

from pathlib import Path

import cv2
import pytest
import zxingcpp
from click.testing import CliRunner, Result

from edge.app.main import edge
from edge.app.phone_codes import draw, drawn
from edge.app.phone_commands import Asked, code_of
from edge.core.clock import SettableClock
from edge.core.errors import EdgeError, RequestContractError, StorageUnavailableError
from edge.identity.codes import K1, K4, Issuer, parse
from tests.fakes import frozen_token as frozen

KEY = frozen.BEACON_KEY.hex()
ISSUER = Issuer(b"shop", bytes(range(32)))


def run(*words: object) -> Result:
    return CliRunner().invoke(edge, ["phone", "show", *map(str, words)])


def asked(**fields: object) -> Asked:
    values: dict[str, object] = {
        "key": KEY,
        "is_new": False,
        "group": frozen.GROUP,
        "kind": "k1",
        "issuer": None,
        "out": None,
        "repeat": False,
    }
    return Asked(**(values | fields))  # type: ignore[arg-type]


def test_it_prints_a_k1_code_to_paste() -> None:
    printed = run("--key", KEY, "--group", 7)

    assert printed.exit_code == 0
    assert isinstance(parse(printed.stdout.strip()), K1)


def test_each_next_code_is_of_its_own_moment() -> None:
    clock = SettableClock(frozen.AT)
    code = code_of(asked(), clock)
    first, again = parse(code()), parse(code())

    assert isinstance(first, K1)
    assert isinstance(again, K1)
    assert first.is_made_with(frozen.DAY_KEY)
    assert first.rolling_id == again.rolling_id == frozen.ROLLING_ID
    assert first.nonce != again.nonce


def test_it_makes_a_phone_and_says_how_to_have_it_again() -> None:
    made = run("--new")
    key = made.stderr.split()[1]

    assert run("--key", key).exit_code == 0
    assert len(bytes.fromhex(key)) == 32


def test_a_k4_code_comes_with_what_a_shop_needs_to_know_its_issuer() -> None:
    made = run("--new", "--kind", "k4")
    code = parse(made.stdout.strip())
    known = made.stderr.partition('issuers = ["')[2].partition('"')[0]
    key_id, _, public_key = known.partition(":")

    assert isinstance(code, K4)
    assert code.key_id.hex() == key_id
    assert code.is_signed_by(bytes.fromhex(public_key))


def test_a_k4_code_of_a_given_issuer() -> None:
    given = f"{ISSUER.key_id.hex()}:{ISSUER.secret.hex()}"
    code = parse(run("--key", KEY, "--kind", "k4", "--issuer", given).stdout.strip())

    assert isinstance(code, K4)
    assert code.is_signed_by(ISSUER.public_key)


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ((), "either --key HEX or --new"),
        (("--new", "--key", KEY), "either --key HEX or --new"),
        (("--key", "abc"), "64 hexadecimal digits in --key"),
        (("--key", KEY[:-2]), "64 hexadecimal digits in --key"),
        (("--key", KEY, "--kind", "k4", "--issuer", "12:34"), "8 hexadecimal digits in --issuer"),
        (
            ("--key", KEY, "--kind", "k4", "--issuer", "73686f70:34"),
            "64 hexadecimal digits in --issuer",
        ),
    ],
)
def test_what_is_missing_is_said_without_repeating_a_key(
    words: tuple[str, ...], wanted: str
) -> None:
    result = run(*words)

    assert isinstance(result.exception, EdgeError)
    assert wanted in str(result.exception)
    assert KEY[:-2] not in str(result.exception)


def test_the_picture_is_dark_on_white_with_a_quiet_zone_and_is_read_back(tmp_path: Path) -> None:
    out, edge_px = tmp_path / "code.png", 4 * 8
    result = run("--key", KEY, "--out", out)
    picture = cv2.imread(str(out), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    (read,) = zxingcpp.read_barcodes(picture)

    assert result.exit_code == 0
    assert picture.shape == ((29 + 2 * 4) * 8,) * 2
    assert (picture[:edge_px] == 255).all()
    assert (picture[-edge_px:] == 255).all()
    assert (picture[:, :edge_px] == 255).all()
    assert (picture[:, -edge_px:] == 255).all()
    assert (picture[edge_px, edge_px : edge_px + 7 * 8] == 0).all()
    assert isinstance(parse(read.text), K1)
    assert [path.name for path in tmp_path.iterdir()] == ["code.png"]


def test_a_vector_picture_has_its_own_white() -> None:
    picture = drawn(frozen.K1_CODE, "svg").decode()

    assert 'fill="#fff"' in picture


def test_another_kind_of_picture_is_not_drawn(tmp_path: Path) -> None:
    with pytest.raises(
        RequestContractError, match='wanted a picture of kind svg or png, found "gif"'
    ):
        draw("text", tmp_path / "code.gif")


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailableError, match="wanted to write"):
        draw("text", tmp_path / "nowhere" / "code.png")


def test_what_was_asked_is_printed_without_its_keys() -> None:
    assert KEY not in repr(asked(issuer="secret"))
    assert "secret" not in repr(asked(issuer="secret"))
