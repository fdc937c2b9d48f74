"""``edge site`` on the command line."""

import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner

from edge.app.site_commands import site, summary
from edge.catalog.parse import parse_site
from tests.fakes.site_texts import SITE_TEXTS, broken, write_folder

RUN = CliRunner()


def test_check_lists_every_mistake_and_exits_with_1(tmp_path: Path) -> None:
    texts = broken("site.yaml", "GBP", "pounds")
    texts["boards.yaml"] = "- ["

    result = RUN.invoke(site, ["check", str(write_folder(tmp_path, texts))])

    assert result.exit_code == 1
    first, second, last = result.stderr.splitlines()
    assert first.startswith("site.yaml: currency: wanted text of the form [A-Z]{3}")
    assert second.startswith("boards.yaml: line 2, column 1: not YAML: ")
    assert last == f"{tmp_path}: 2 mistakes"


def test_a_summary_says_what_there_is_and_warns() -> None:
    texts = broken("products/food.yaml", "250", "null")

    assert summary(Path("shop"), parse_site(texts)).splitlines() == [
        (
            "shop: Corner Café: 2 products, 2 sections, 1 offer, 2 placements, 1 board, 1 question; "
            "no mistakes, 1 warning"
        ),
        "warning: 1 products without a price (a kiosk cannot sell them): scone",
    ]


def test_check_of_the_demo_shop_is_a_summary() -> None:
    demo = Path(__file__).parents[2] / "firmware_config" / "sites" / "harbour_kitchen"

    result = RUN.invoke(site, ["check", str(demo)])

    assert (result.exit_code, result.stderr) == (0, "")
    assert "Harbour Kitchen: " in result.stdout
    assert "no mistakes" in result.stdout


def test_from_tickets_makes_a_folder_that_check_accepts(tmp_path: Path) -> None:
    till = tmp_path / "till.csv"
    till.write_text("ticket,item,sold_at\n1,Latte,2026-03-02 08:10\n1,NIL,2026-03-02 08:10\n")
    out = tmp_path / "shop"

    made = RUN.invoke(
        site, ["from-tickets", str(till), "--out", str(out), "--drop", "NIL", "--name", "Corner"]
    )

    assert (made.exit_code, made.stderr) == (0, "")
    assert made.stdout.startswith(
        f"{till}: 1 tickets, 1 items; left out: 1 rows that are no item, 0 returned\n"
        f"{out}: Corner: 1 product,"
    )
    assert RUN.invoke(site, ["check", str(out)]).exit_code == 0


def test_from_tickets_tells_what_is_wrong_without_a_traceback(tmp_path: Path) -> None:
    till = tmp_path / "till.csv"
    till.write_text("ticket,item,sold_at\n1,Latte,yesterday\n")

    result = RUN.invoke(site, ["from-tickets", str(till), "--out", str(tmp_path / "shop")])

    assert (result.exit_code, result.stderr) == (
        1,
        (
            "Error: till.csv: row 2: wanted a date and time such as 2026-03-01 07:30:00, "
            "found 'yesterday'\n"
        ),
    )
    assert not (tmp_path / "shop").exists()


def test_without_polars_checking_works_and_from_tickets_prints_the_line_that_installs_it(
    tmp_path: Path,
) -> None:
    folder = write_folder(tmp_path / "site", {**SITE_TEXTS, "site.yaml": ""})

    checked = without_polars("check", str(folder))
    made = without_polars("from-tickets", "till.csv", "--out", str(tmp_path / "shop"))

    assert checked.stderr.splitlines()[0] == "site.yaml: wanted entries, found an empty file"
    assert (made.returncode, made.stderr) == (
        1,
        (
            "Error: from-tickets needs the development environment; run: "
            "make .venv-dev/.ready && .venv-dev/bin/edge site from-tickets ...\n"
        ),
    )


def without_polars(*arguments: str) -> subprocess.CompletedProcess[str]:
    # None in sys.modules is how Python marks a module that cannot be imported.
    program = (
        "import sys; sys.modules['polars'] = None; "
        "from edge.app.site_commands import site; site(sys.argv[1:])"
    )
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True)
