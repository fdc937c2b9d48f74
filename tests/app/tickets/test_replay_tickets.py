"""`edge replay-tickets` drives a running service, and says in words when it cannot."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from werkzeug.serving import make_server

from edge.app.load_site import load_site
from edge.app.tickets.of_shop import till_items
from edge.app.tickets.replay_tickets import replay_tickets
from edge.catalog.site import Site
from edge.web.app import create_app
from edge.web.parts import parts_of
from tests.fakes.services import SITES, FakeShop

FOLDER = SITES / "harbour_kitchen"


@pytest.fixture(scope="module")
def site() -> Site:
    return load_site(FOLDER)


@contextmanager
def serving(shop: FakeShop) -> Iterator[str]:
    """A service on a free port, as real as the shop behind it."""
    app = create_app(shop.services())
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        parts_of(app).hub.close()


@pytest.fixture
def tickets(tmp_path: Path, site: Site) -> Path:
    """Five days; on the last, one ticket of three of the first products, and one of a single."""
    names = [product.sku for product in site.products if product.is_complete()][:4]
    rows = [f"2017-01-0{day},09:30:00,{day},{name}" for day in range(1, 5) for name in names]
    rows += [f"2017-01-05,10:00:00,5,{name}" for name in names[:3]]
    rows += [f"2017-01-05,11:00:00,6,{names[3]}", "2017-01-05,11:00:00,6,new-thing"]
    path = tmp_path / "till.csv"
    path.write_text("Date,Time,Transaction,Item\n" + "\n".join(rows) + "\n", "utf-8")
    return path


def replay(*arguments: object) -> Result:
    return CliRunner().invoke(replay_tickets, [str(each) for each in arguments])


def test_completion_and_the_strip_are_measured_beside_the_baselines(
    tmp_path: Path, tickets: Path, site: Site
) -> None:
    shop = FakeShop(site=site, accepts_at=True)
    out = tmp_path / "figures.json"

    with serving(shop) as url:
        result = replay("--site", FOLDER, "--tickets", tickets, "--url", url, "--json", out)

    assert result.exit_code == 0, result.output
    assert "completion: naive Bayes lift" in result.output
    assert "no product: left out" in result.stderr
    figures = json.loads(out.read_text())
    # The fake shows the first products that are not in the basket, so the wanted one leads.
    assert figures["service"] == {"cases": 3, "hr_1": 1.0, "hr_3": 1.0, "hr_5": 1.0, "mrr_10": 1.0}
    assert figures["popular"]["cases"] == 3
    assert figures["as_shown"]["cases"] == 4
    assert figures["as_shown_with_basket"]["cases"] == 2
    assert figures["decisions"] == 7
    assert figures["explored_share"] == pytest.approx(1 / 3)


def test_each_ticket_is_asked_about_in_its_own_hour(tickets: Path, site: Site) -> None:
    shop = FakeShop(site=site, accepts_at=True)

    with serving(shop) as url:
        replay("--site", FOLDER, "--tickets", tickets, "--url", url, "--limit", 1)

    assert {str(asked.at) for asked in shop.asked} == {"2017-01-05 10:00:00+00:00"}
    assert {asked.placement_id for asked in shop.asked} == {"evaluation", "kiosk-strip"}


def test_a_service_by_its_own_clock_is_refused(tickets: Path, site: Site) -> None:
    with serving(FakeShop(site=site)) as url:
        result = replay("--site", FOLDER, "--tickets", tickets, "--url", url)

    assert result.exit_code == 1
    assert "--clock=request" in result.output


def test_a_service_of_another_catalog_is_refused(tickets: Path, site: Site) -> None:
    other = site.model_copy(update={"digest": "f" * 64})

    with serving(FakeShop(site=other, accepts_at=True)) as url:
        result = replay("--site", FOLDER, "--tickets", tickets, "--url", url)

    assert result.exit_code == 1
    assert "catalog ffffffffffff" in result.output


def test_a_service_that_is_away_is_said_so(tickets: Path) -> None:
    result = replay("--site", FOLDER, "--tickets", tickets, "--url", "http://127.0.0.1:9")

    assert result.exit_code == 1
    assert "start it with `edge run --clock=request`" in result.output


def test_the_tickets_of_another_shop_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "till.csv"
    path.write_text("date,ticket,item\n2017-01-01,1,Nails\n2017-01-02,2,Screws\n")

    result = replay("--site", FOLDER, "--tickets", path)

    assert result.exit_code == 1
    assert "100% of the items sold are no product" in result.output


def test_columns_can_be_named_in_a_file_or_on_the_command_line(tmp_path: Path, site: Site) -> None:
    names = [product.sku for product in site.products if product.is_complete()][:2]
    rows = [f"{day},2017-01-0{day},{name}" for day in (1, 2) for name in names]
    path = tmp_path / "till.csv"
    path.write_text("bon,tag,was\n" + "\n".join(rows) + "\n")
    config = tmp_path / "columns.toml"
    config.write_text('[columns]\nticket = ["bon"]\nitem = "falsch"\n')
    shop = FakeShop(site=site, accepts_at=True)

    with serving(shop) as url:
        common = ["--site", FOLDER, "--tickets", path, "--url", url, "--from-share", "0.5"]
        given = ["--item", "was", "--date", "tag"]
        result = replay(*common, "--config", config, *given)

    assert result.exit_code == 0, result.output
    assert len(shop.asked) == 4


def test_a_config_that_cannot_be_read_is_said_so(tickets: Path, tmp_path: Path) -> None:
    gone = tmp_path / "gone.toml"

    result = replay("--site", FOLDER, "--tickets", tickets, "--config", gone)

    assert result.exit_code == 1
    assert "wanted a TOML file that can be read" in result.output


def test_tickets_of_single_items_cannot_be_completed(tmp_path: Path, site: Site) -> None:
    sku = site.products[0].sku
    path = tmp_path / "till.csv"
    path.write_text(f"date,ticket,item\n2017-01-01,1,{sku}\n2017-01-02,2,{sku}\n")

    result = replay("--site", FOLDER, "--tickets", path)

    assert result.exit_code == 1
    assert "two or more products" in result.output


def test_a_placement_the_shop_does_not_have_is_refused_with_those_it_has(tickets: Path) -> None:
    result = replay("--site", FOLDER, "--tickets", tickets, "--strip", "window")

    assert result.exit_code == 1
    assert "'window'" in result.output
    assert "pos-addon" in result.output


def test_an_empty_strip_is_said_so(tickets: Path, site: Site) -> None:
    sold_out = {product.sku for product in site.products}
    shop = FakeShop(site=site, accepts_at=True, sold_out=sold_out)

    with serving(shop) as url:
        result = replay("--site", FOLDER, "--tickets", tickets, "--url", url)

    assert result.exit_code == 0, result.output
    assert "100.0% of the rows were empty (a kiosk sells only" in " ".join(result.output.split())


def test_tickets_of_one_day_cannot_be_cut(tmp_path: Path, site: Site) -> None:
    path = tmp_path / "till.csv"
    path.write_text(f"date,ticket,item\n2017-01-01,1,{site.products[0].sku}\n")

    result = replay("--site", FOLDER, "--tickets", path)

    assert result.exit_code == 1
    assert "before and after the cut" in result.output


def test_a_tills_sizes_are_one_product_and_its_extras_are_none(site: Site) -> None:
    by_till = till_items(site)

    assert (by_till["38"], by_till["39"]) == ("latte", "latte")
    assert by_till["63"] is None  # a syrup
    assert by_till["71"] == "croissant-chocolate"


def test_a_till_id_that_a_product_names_itself_wins_over_an_extra(site: Site) -> None:
    syrup = site.products[0].model_copy(update={"sku": "syrup", "till": ("63",)})
    changed = replace_products(site, (*site.products, syrup))

    assert till_items(changed)["63"] == "syrup"


def replace_products(site: Site, products: tuple[object, ...]) -> Site:
    return site.model_copy(update={"products": products})
