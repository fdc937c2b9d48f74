"""A till's export becomes a complete shop, whole or not at all."""

import csv
from pathlib import Path

import polars as pl
import pytest

from edge.app.load_site import load_site
from edge.app.shipped import Shipped
from edge.app.starter.site_from_tickets import (
    Shop,
    export_columns,
    make_site,
    site_files,
    write_site,
)
from edge.app.starter.till_export import ExportColumns, SoldItem, TillExport, read_export
from edge.catalog.parse import parse_site
from edge.core.errors import ContractError, RequestContractError, SiteContractError
from tests.fakes.site_texts import ship

DATA = Path(__file__).parents[4] / "shared" / "data"
BAKERY = DATA / "bread_basket" / "BreadBasket_DMS.csv"
CAFE = DATA / "coffee_shop" / "coffee_shop_sales.csv.gz"
SHOP = Shop("Corner Café", "GBP", "Europe/London")
SMALL = """\
ticket,item,date,time,price,kind
1,Latte,2026-03-02,08:10,3.50,Coffee
1,Scone,2026-03-02,08:10,2.25,Food
2,Latte,2026-03-02,17:20,3.50,Coffee
"""
PRICED = ExportColumns(price="price", category="kind")


@pytest.fixture
def shipped(tmp_path: Path) -> Shipped:
    return ship(tmp_path / "shipped").joinpath


@pytest.fixture
def till(tmp_path: Path) -> Path:
    file = tmp_path / "till.csv"
    file.write_text(SMALL)
    return file


def test_an_export_becomes_a_shop_that_loads(till: Path, tmp_path: Path, shipped: Shipped) -> None:
    made = make_site(till, tmp_path / "shop", SHOP, PRICED, shipped=shipped)

    site = load_site(tmp_path / "shop", shipped=shipped)
    assert site == made.site
    assert (site.header.site, site.header.name) == ("corner-cafe", "Corner Café")
    latte = site.product("latte")
    assert latte is not None
    assert (latte.price_minor, latte.till, latte.section) == (350, ("Latte",), "coffee")
    assert not latte.is_complete()
    assert {placement.id for placement in site.placements} == {
        "kiosk-strip",
        "kiosk-nudge",
        "kiosk-empty",
        "board-hero",
        "tablet-guide",
        "pos-addon",
        "evaluation",
        "strip-evaluation",
    }


def test_the_table_of_items_leads_from_the_till_to_the_skus(
    till: Path, tmp_path: Path, shipped: Shipped
) -> None:
    make_site(till, tmp_path / "shop", SHOP, PRICED, shipped=shipped)

    with (tmp_path / "shop" / "items.csv").open(newline="") as file:
        assert list(csv.reader(file)) == [
            ["till_id", "sku"],
            ["Latte", "latte"],
            ["Scone", "scone"],
        ]


def test_the_same_export_always_makes_the_same_folder(till: Path, tmp_path: Path) -> None:
    first, second = (site_files(read_export(till, PRICED, SHOP.timezone), SHOP) for _ in range(2))

    assert first == second


def test_names_that_look_like_other_things_stay_names() -> None:
    names = [
        "no",
        "1.5e3",
        "7",
        "07:30",
        "null",
        "~",
        "a: b",
        "#5",
        "*x",
        "Café 'n' \"tea\"",
        "é\tè",
        "<<",
    ]
    items = tuple(SoldItem(name, name, "yes", None, 1) for name in names)

    files = site_files(TillExport(items, {}, 1, 0, 0), SHOP)

    texts = {name: text for name, text in files.items() if name != "items.csv"}
    products = parse_site(texts).products
    assert {product.till[0] for product in products} == set(names)
    assert {product.name["en"] for product in products} == set(names)


def test_a_long_menu_is_split_over_files_that_a_person_can_edit() -> None:
    items = tuple(SoldItem(f"Thing {i}", f"Thing {i}", "", 1.0, 1) for i in range(1100))

    files = site_files(TillExport(items, {}, 1, 0, 0), SHOP)
    texts = {name: text for name, text in files.items() if name != "items.csv"}

    assert len(parse_site(texts).products) == 1100
    assert {name for name in files if name.startswith("products/")} == {
        "products/menu.yaml",
        "products/menu-more.yaml",
        "products/menu-more_2.yaml",
    }


@pytest.mark.parametrize(
    "shop", [Shop("Ö", "JPY", "Asia/Tokyo"), Shop("!", "EUR", "Europe/Berlin")]
)
def test_a_short_name_still_makes_an_id(shop: Shop) -> None:
    files = site_files(TillExport((SoldItem("a", "a", "", 350.0, 1),), {}, 1, 0, 0), shop)
    del files["items.csv"]

    site = parse_site(files)

    assert site.products[0].price_minor == (350 if shop.currency == "JPY" else 35000)


@pytest.mark.parametrize("occupied", ["file", "folder"])
def test_a_folder_in_use_is_refused_and_left_alone(
    till: Path, tmp_path: Path, shipped: Shipped, occupied: str
) -> None:
    place = tmp_path / "shop"
    if occupied == "folder":
        place.mkdir()
        (place / "note").touch()
    else:
        place.touch()

    with pytest.raises(RequestContractError, match="new or empty"):
        make_site(till, place, SHOP, PRICED, shipped=shipped)

    assert [path.name for path in tmp_path.glob("*shop*/*")] == (
        ["note"] if occupied == "folder" else []
    )


def test_an_empty_folder_is_filled(till: Path, tmp_path: Path, shipped: Shipped) -> None:
    (tmp_path / "shop").mkdir()

    make_site(till, tmp_path / "shop", SHOP, PRICED, shipped=shipped)

    assert (tmp_path / "shop" / "site.yaml").exists()


def test_a_bad_row_leaves_nothing_half_written(
    till: Path, tmp_path: Path, shipped: Shipped
) -> None:
    till.write_text(SMALL.replace("17:20", "late"))

    with pytest.raises(ContractError, match="row 4: wanted a date and time"):
        make_site(till, tmp_path / "new" / "shop", SHOP, PRICED, shipped=shipped)

    assert not (tmp_path / "new").exists()


def test_a_shop_that_does_not_load_leaves_nothing_half_written(
    till: Path, tmp_path: Path, shipped: Shipped
) -> None:
    shop = Shop("Corner", "pounds", "Europe/London", region="xx")

    with pytest.raises(SiteContractError) as caught:
        make_site(till, tmp_path / "new" / "shop", shop, PRICED, shipped=shipped)

    assert list((tmp_path / "new").iterdir()) == []
    assert [line.partition(": wanted")[0] for line in caught.value.mistakes] == [
        "site.yaml: currency"
    ]


def test_a_disk_that_refuses_is_told(tmp_path: Path, shipped: Shipped) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(Exception, match="wanted to write a site folder, found: ") as caught:
        write_site({}, tmp_path / "file" / "shop", shipped=shipped)

    assert type(caught.value).__name__ == "StorageUnavailableError"


def test_columns_come_from_a_file_and_the_command_line_wins(tmp_path: Path) -> None:
    config = tmp_path / "columns.toml"
    config.write_text('name = "x"\n[columns]\nticket = ["a", "b"]\nitem = "c"\ndrop = "NIL"\n')

    found = export_columns(config, {"item": "d", "ticket": (), "price": None})

    assert found == ExportColumns(ticket=("a", "b"), item="d", drop=("NIL",))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("item = 3", "item: wanted a column's name, found 3"),
        ('item = ["a", "b"]', "item: wanted a column's name, found"),
        ("ticket = [1]", "ticket: wanted a name or a list of names"),
        ("item", "wanted TOML that names columns"),
        ("columns = 3", "wanted a table of columns, found 3"),
    ],
)
def test_a_file_that_names_no_columns_is_told(tmp_path: Path, text: str, why: str) -> None:
    config = tmp_path / "columns.toml"
    config.write_text(text)

    with pytest.raises(RequestContractError, match=why):
        export_columns(config, {})


@pytest.mark.skipif(not BAKERY.exists(), reason="needs the shared data of a real bakery")
def test_a_real_bakery_becomes_a_shop(tmp_path: Path, shipped: Shipped) -> None:
    made = make_site(BAKERY, tmp_path / "bakery", SHOP, ExportColumns(), shipped=shipped)

    assert (made.export.tickets, made.export.dropped) == (9465, 786)
    assert len(made.site.products) == 94
    assert made.site.product("coffee") is not None
    assert set(made.site.header.opening) == {"mon", "tue", "wed", "thu", "fri", "sat", "sun"}


@pytest.mark.skipif(not CAFE.exists(), reason="needs the shared data of a café")
def test_a_cafe_with_prices_and_categories_becomes_a_shop(tmp_path: Path, shipped: Shipped) -> None:
    columns = ExportColumns(
        ticket=("store_id", "transaction_date", "transaction_time"),
        item="product_id",
        item_name="product_detail",
        price="unit_price",
        qty="transaction_qty",
        category="product_category",
    )

    site = make_site(CAFE, tmp_path / "cafe", SHOP, columns, shipped=shipped).site

    assert len(site.products) == 80
    assert len(site.sections) == 9
    assert all(product.price_minor for product in site.products)


def test_a_parquet_file_becomes_a_shop(till: Path, tmp_path: Path, shipped: Shipped) -> None:
    pl.read_csv(till).write_parquet(tmp_path / "till.parquet")

    first = make_site(till, tmp_path / "a", SHOP, PRICED, shipped=shipped)
    second = make_site(tmp_path / "till.parquet", tmp_path / "b", SHOP, PRICED, shipped=shipped)

    assert first.site == second.site
