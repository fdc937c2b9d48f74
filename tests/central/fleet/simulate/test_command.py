from pathlib import Path

import orjson
from click.testing import CliRunner

from edge.central.fleet.command import fleet


def test_a_simulation_prints_draws_and_writes_its_figures(tmp_path: Path) -> None:
    picture, file = tmp_path / "waves.svg", tmp_path / "waves.json"
    words = f"simulate --shops 2000 --bad all --seeds 2 --plot {picture} --json {file}"
    result = CliRunner().invoke(fleet, words.split())
    assert result.exit_code == 0, result.output
    runs = orjson.loads(file.read_bytes())
    assert [(run["kind"], run["seed"]) for run in runs[:4]] == [
        ("none", 7),
        ("none", 8),
        ("crash", 7),
        ("crash", 8),
    ]
    assert all(run["is_within_target"] for run in runs if run["kind"] in {"crash", "slow", "nan"})
    assert "2,000 shops, a canary of 20" in result.output
    first = picture.read_bytes()
    assert b"<svg" in first
    CliRunner().invoke(fleet, words.split())
    assert picture.read_bytes() == first
