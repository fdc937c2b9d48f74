"""``edge site gate``: which offers may go out, why not, and who said yes."""

import shutil
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result

from edge.app.approve_command import approve
from edge.app.gate_command import gate
from edge.app.shipped import shipped
from edge.core.errors import RequestContractError

RUN = CliRunner()
DEMO = shipped("firmware_config/sites/harbour_kitchen")
REGULAR = """\
- offer: as-always
  owner: harbour-kitchen
  skus: [latte]
  headline: {en: As always, de: Wie immer}
  surfaces: [phone]
  uses: [{fact: order_history, use: reorder}]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(DEMO, tmp_path / "shop")
    (tmp_path / "shop/offers/regular.yaml").write_text(REGULAR)
    return tmp_path / "shop"


def _line(result: Result, offer: str) -> dict[str, Any]:
    lines = orjson.loads(result.stdout)["offers"]
    return next(line for line in lines if line["offer"] == offer)


def test_every_offer_of_the_demo_shop_may_go_out() -> None:
    result = RUN.invoke(gate, [str(DEMO)])

    assert result.exit_code == 0
    assert "0 may not go out" in result.stdout
    assert _line(RUN.invoke(gate, [str(DEMO), "--json"]), "cocoa-partner")["approved_by"] == [
        {"by": "amira", "role": "brand", "on": "2026-03-02"},
        {"by": "sam-okoye", "role": "privacy", "on": "2026-03-02"},
    ]


def test_an_offer_that_rests_on_past_orders_waits_for_two_kinds_of_yes(folder: Path) -> None:
    before = RUN.invoke(gate, [str(folder), "--json"])

    assert before.exit_code == 1
    line = _line(before, "as-always")
    assert line["facts"] == ["order_history for reorder"]
    assert [problem.partition(":")[0] for problem in line["problems"]] == [
        "publicity-test",
        "second-approver",
    ]

    arguments = [str(folder), "as-always", "--by", "sam-okoye", "--role", "privacy"]
    assert RUN.invoke(approve, arguments).exit_code == 0

    after = RUN.invoke(gate, [str(folder), "--json"])
    assert (after.exit_code, _line(after, "as-always")["problems"]) == (0, [])


def test_an_approval_of_an_older_text_opens_nothing(folder: Path) -> None:
    RUN.invoke(approve, [str(folder), "as-always", "--by", "sam-okoye", "--role", "privacy"])
    path = folder / "offers/regular.yaml"
    path.write_text(path.read_text("utf-8").replace("As always", "As you always have it"))

    result = RUN.invoke(gate, [str(folder), "--json"])

    assert result.exit_code == 1
    assert (
        "sam-okoye's yes (privacy) is to another text: ask again"
        in (_line(result, "as-always")["problems"])
    )


def test_each_variant_of_what_needs_a_yes_needs_one_in_its_module(folder: Path) -> None:
    path = folder / "offers/regular.yaml"
    regular = REGULAR.replace("headline: {en: As always, de: Wie immer}", "modules: {headline: m.house.headline}")  # fmt: skip
    path.write_text(regular)
    sam = ["--by", "sam-okoye", "--role", "privacy"]
    RUN.invoke(approve, [str(folder), "as-always", *sam])

    before = _line(RUN.invoke(gate, [str(folder), "--json"]), "as-always")
    RUN.invoke(approve, [str(folder), "m.house.headline", *sam])
    after = _line(RUN.invoke(gate, [str(folder), "--json"]), "as-always")

    assert before["problems"] == [
        "m.house.headline: wanted a yes to all its variants (edge site approve)"
    ]
    assert after["is_open"]


def test_what_presumes_to_know_somebody_is_not_for_a_board(folder: Path) -> None:
    path = folder / "content/headlines.yaml"
    text = path.read_text("utf-8")
    path.write_text(text.replace("- id: m.warm.headline\n", "- id: m.warm.headline\n  familiarity: 1\n"))  # fmt: skip

    line = _line(RUN.invoke(gate, [str(folder), "--json"]), "warm-up")

    assert line["verdict"]["public"] == "drop"
    assert [problem.partition(":")[0] for problem in line["problems"]] == ["never shown on signage"]


def test_a_folder_with_mistakes_is_not_judged(tmp_path: Path) -> None:
    result = RUN.invoke(gate, [str(tmp_path)])

    assert isinstance(result.exception, RequestContractError)
