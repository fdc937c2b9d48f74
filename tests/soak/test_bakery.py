"""A real bakery's tickets become a shop and a model, and drive the running service."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.service import ROOT, RunningService

TICKETS = ROOT.parent / "shared/data/bread_basket/BreadBasket_DMS.csv"
COLUMNS = [
    "--ticket",
    "Transaction",
    "--item",
    "Item",
    "--date",
    "Date",
    "--time",
    "Time",
    "--drop",
    "NONE",
]

DATASET = """
name = "bakery"
title = "The Bread Basket"
fictitious = false
about = "A real bakery."
data = "."
files = ["{tickets}"]
time_zone = "Europe/London"
currency = "GBP"

[columns]
ticket = ["Date", "Transaction"]
item = "Item"
date = "Date"
time = "Time"

[drop]
Item = ["NONE"]

[items_table]
file = "shop/items.csv"
from = "till_id"
to = "sku"
"""


def run(*command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.soak
def test_through_the_running_service_a_bakerys_last_days_are_completed_as_well_as_offline(
    tmp_path: Path,
) -> None:
    if not TICKETS.exists():
        pytest.skip("the bakery's tickets are not here (../shared/data/bread_basket)")
    shop, model, found = tmp_path / "shop", tmp_path / "model", tmp_path / "replay.json"
    (tmp_path / "bakery.toml").write_text(DATASET.format(tickets=TICKETS.name), "utf-8")
    run("edge.app.main", "site", "from-tickets", str(TICKETS), "--out", str(shop), *COLUMNS)
    fit = ["fit", str(tmp_path / "bakery.toml"), "--data", str(TICKETS.parent)]
    run("models.training", *fit, "--out", str(model))

    more = ["--site", str(shop), "--model", str(model), "--clock", "request"]
    with RunningService.start(tmp_path / "data", None, *more) as service:
        replay = ["--site", str(shop), "--tickets", str(TICKETS), *COLUMNS, "--json", str(found)]
        url = f"http://127.0.0.1:{service.port}"
        run("edge.app.main", "replay-tickets", *replay, "--url", url)

    figures = json.loads(found.read_text("utf-8"))
    sys.stderr.write(json.dumps(figures, indent=2) + "\n")
    assert figures["service"]["hr_3"] >= 0.523
    assert figures["popular"]["hr_3"] == pytest.approx(0.490, abs=0.001)
    assert figures["degraded_share"] == 0
