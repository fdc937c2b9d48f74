"""The whole way: made-up households, a real service process, codes, decisions and figures."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from models.training.commands import main
from tests.fakes.small_households import PRODUCTS, write_households


def recognition(*words: object) -> Result:
    return CliRunner().invoke(main, ["recognition", *map(str, words)])


def test_recognised_households_are_told_better_through_the_running_service(tmp_path: Path) -> None:
    path = write_households(tmp_path)
    out = tmp_path / "figures.json"

    done = recognition("--transactions", path, "--size", PRODUCTS, "--json", out)

    assert done.exit_code == 0, done.output
    assert "recorded decisions/s" in done.output
    found = json.loads(out.read_text("utf-8"))
    shop = found["of_the_shop"]
    assert shop["households"] == 8
    assert shop["known"]["recall_10"] > shop["unknown"]["recall_10"] + 0.2
    assert shop["gain"]["recall_10"]["low"] > 0
    alone = found["without_a_service"]["recall_10"]
    assert shop["known"]["recall_10"] == pytest.approx(alone, abs=0.05)
    # The shop sells everything these households buy, so both ways of counting agree.
    assert found["whole_baskets"]["known"] == shop["known"]
    assert found["degraded"] == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "figures.json",
        "products.parquet",
        "transactions.parquet",
    ]


def test_a_file_that_is_not_there_is_said_in_words(tmp_path: Path) -> None:
    done = recognition("--transactions", tmp_path / "none.parquet")

    assert done.exit_code == 1
    assert "wanted Parquet with the columns household_id" in done.output


@pytest.mark.parametrize("households", [3, 8])
def test_too_few_households_are_said_so(tmp_path: Path, households: int) -> None:
    path = write_households(tmp_path, households=households, baskets=2)

    done = recognition("--transactions", path, "--size", PRODUCTS)

    assert done.exit_code == 1
    assert "ten lines of history" in done.output
