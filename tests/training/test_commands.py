"""One command makes a package and its card; a failure leaves what was there."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from edge.recommend.package import MANIFEST, PACKAGE_FILES, load_package
from models.training import __main__ as entry
from models.training.commands import main
from models.training.export import write_files, write_folder
from tests.fakes.small_model import contract
from tests.fakes.small_till import till_lines, write_till


def test_fit_writes_a_package_that_loads_and_a_card_that_says_the_data_is_made_up(
    tmp_path: Path,
) -> None:
    till = write_till(tmp_path, till_lines(12))
    out, card = tmp_path / "model", tmp_path / "cards" / "small.md"

    done = CliRunner().invoke(
        main, ["fit", str(till), "--out", str(out), "--card", str(card), "--evidence", str(till)]
    )

    assert done.exit_code == 0, done.output
    assert "| this model |" in done.output
    package = load_package({f.name: f.read_bytes() for f in out.iterdir()}, contract=contract())
    assert set(package.items) == {"coffee", "tea", "toast", "cake", "bun", "pie", "jam", "honey"}
    text = card.read_text(encoding="utf-8")
    assert "The data is fictitious" in text
    assert "same recipe on real tickets" in text
    assert "not fitted" in text
    for plot in ("by_basket_size", "calibration", "by_hour", "weights"):
        drawn = card.parent / "small" / f"{plot}.svg"
        assert f"(small/{plot}.svg)" in text
        assert drawn.stat().st_size < 100_000
    assert sorted(p.name for p in tmp_path.iterdir()) == ["cards", "model", "till.csv", "till.toml"]


def test_the_same_tickets_make_the_same_bytes(tmp_path: Path) -> None:
    till = write_till(tmp_path, till_lines(12))
    for name in ("one", "two"):
        done = CliRunner().invoke(main, ["fit", str(till), "--out", str(tmp_path / name)])
        assert done.exit_code == 0, done.output

    one, two = (
        {f.name: f.read_bytes() for f in (tmp_path / name).iterdir()} for name in ("one", "two")
    )
    assert one == two
    assert set(one) == {MANIFEST, *PACKAGE_FILES}
    for plot in (tmp_path / "one-card").iterdir():
        assert plot.read_bytes() == (tmp_path / "two-card" / plot.name).read_bytes()


def test_bad_rows_end_with_1_and_leave_the_old_model_alone(tmp_path: Path) -> None:
    till = write_till(tmp_path, [*till_lines(12), "yesterday,noon,1,A,tea"])
    out = tmp_path / "model"
    write_folder({"model.json": b"old"}, out)

    done = CliRunner().invoke(main, ["fit", str(till), "--out", str(out)])

    assert done.exit_code == 1
    assert "row " in done.output
    assert "got 'yesterday' and 'noon'" in done.output
    assert {f.name: f.read_bytes() for f in out.iterdir()} == {"model.json": b"old"}
    assert sorted(p.name for p in tmp_path.iterdir()) == ["model", "till.csv", "till.toml"]


def test_evaluate_prints_figures_and_writes_nothing(tmp_path: Path) -> None:
    till = write_till(tmp_path, till_lines(12))

    done = CliRunner().invoke(main, ["evaluate", str(till)])

    assert done.exit_code == 0, done.output
    assert "| popular |" in done.output
    assert sorted(p.name for p in tmp_path.iterdir()) == ["till.csv", "till.toml"]


def test_evaluate_reports_a_missing_file_and_ends_with_1(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["evaluate", str(tmp_path / "none.toml")])

    assert done.exit_code == 1
    assert "expected a TOML file" in done.output


def test_a_folder_is_replaced_whole(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    write_folder({"a": b"1", "b": b"2"}, folder)
    write_folder({"a": b"3"}, folder)

    assert {f.name: f.read_bytes() for f in folder.iterdir()} == {"a": b"3"}
    assert [p.name for p in tmp_path.iterdir()] == ["model"]


def test_a_failed_write_leaves_the_old_folder_and_no_half(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    write_folder({"a": b"1"}, folder)

    with pytest.raises(OSError, match="sub"):
        write_folder({"a": b"2", "sub/b": b"3"}, folder)

    assert {f.name: f.read_bytes() for f in folder.iterdir()} == {"a": b"1"}
    assert [p.name for p in tmp_path.iterdir()] == ["model"]


def test_a_failed_write_of_one_file_leaves_the_old_one(tmp_path: Path) -> None:
    write_files({"a": b"1"}, tmp_path)
    (tmp_path / "taken").mkdir()

    with pytest.raises(OSError, match="taken"):
        write_files({"taken": b"2"}, tmp_path)

    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "taken"]


def test_without_the_training_tools_one_line_says_how_to_get_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(entry, "NEEDED", ("no_such_tool",))

    with pytest.raises(SystemExit, match=r"(?s)training needs no_such_tool.*make \.venv-dev"):
        entry.run()


def test_a_card_states_what_the_manifest_states(tmp_path: Path) -> None:
    till = write_till(tmp_path, till_lines(12))
    CliRunner().invoke(main, ["fit", str(till), "--out", str(tmp_path / "m")])

    manifest = json.loads((tmp_path / "m" / "model.json").read_text(encoding="utf-8"))
    card = (tmp_path / "m-card.md").read_text(encoding="utf-8")
    assert f"`{manifest['model_id']}`, version {manifest['model_version']}" in card
    assert f"sigmoid({manifest['calibration']['a']:.3f}" in card
