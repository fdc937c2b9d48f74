"""Packages for a drill pass every check of a device, and one of them fails there afterwards."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from edge.app.admit_model import admission
from models.training.drill import bad_files, factory_files, good_files
from models.training.export import write_folder
from tests.fakes.appliance import site
from tests.fakes.bad_models import CRASHES_HERE, facts

BASKET = ("latte", "croissant-chocolate")
RANKS = """
import sys
import numpy as np
from pathlib import Path
from edge.recommend.onnx_ranker import OnnxRanker
from tests.fakes.small_model import contract, plain_request
from dataclasses import replace
ranker = OnnxRanker.from_bytes(Path(sys.argv[1]).read_bytes(), contract=contract())
basket = np.array([int(one) for one in sys.argv[2:]], np.int32)
print(len(ranker.rank(replace(plain_request(54), basket=basket)).items))
"""


@pytest.mark.parametrize("files", [good_files("1.1.0"), bad_files("1.2.0", BASKET)])
def test_both_are_admitted_by_a_device(tmp_path: Path, files: dict[str, bytes]) -> None:
    write_folder(files, tmp_path / "model")
    found = admission(site())(tmp_path / "model", facts(tmp_path / "model"))
    assert found.is_good, found


def test_each_is_another_model_than_the_one_that_is_delivered_and_says_its_version() -> None:
    good = good_files("1.1.0")
    assert good["serving.onnx"] != factory_files()["serving.onnx"]
    assert json.loads(good["model.json"])["model_version"] == "1.1.0"


@pytest.mark.skipif(not CRASHES_HERE, reason="this processor divides what faults elsewhere")
def test_the_bad_one_ends_whoever_ranks_for_its_basket_and_nobody_else(tmp_path: Path) -> None:
    write_folder(bad_files("1.2.0", BASKET), tmp_path / "model")
    items = json.loads((tmp_path / "model/items.json").read_bytes())
    positions = [str(items.index(sku)) for sku in BASKET]
    assert _ranked(tmp_path, *positions).returncode == -8
    other = _ranked(tmp_path, positions[0])
    assert other.returncode == 0, other.stderr


def _ranked(folder: Path, *basket: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-c", RANKS, str(folder / "model/serving.onnx"), *basket]
    top = Path(__file__).parents[2]
    return subprocess.run(command, capture_output=True, check=False, timeout=50, cwd=top)
