"""A till's export says what a shop sells, at what price, and when."""

import gzip
from datetime import UTC, date, datetime, time
from pathlib import Path

import polars as pl
import pytest

from edge.app.starter.till_export import ExportColumns, TillExport, read_export
from edge.core.errors import RequestContractError

HEADER = "Date,Time,Transaction,Item,Name,Price,Qty,Kind"
PRICED = ExportColumns(item_name="Name", price="Price", qty="Qty", category="Kind")


def export(
    tmp_path: Path, *rows: str, columns: ExportColumns = PRICED, header: str = HEADER
) -> TillExport:
    file = tmp_path / "till.csv"
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return read_export(file, columns, "Europe/London")


LATTE = "2026-03-02,07:58:11,1,007,Latte,3.50,1,Coffee"
SCONE = "2026-03-02,12:10:00,2,S,Scone,2,3,Food"


def test_items_come_with_name_price_and_category_and_the_best_selling_first(tmp_path: Path) -> None:
    found = export(
        tmp_path,
        SCONE,
        LATTE,
        "2026-03-02,09:00:00,3,007, Latte ,3.70,1,Coffee",
        "2026-03-02,09:00:00,3,007,LATTE,9.90,1,Drinks",
    )

    latte, scone = found.items
    assert (latte.till, latte.name, latte.category, latte.tickets) == ("007", "Latte", "Coffee", 2)
    assert latte.price == pytest.approx(3.70)  # the median: one wrong price does not count
    assert (scone.till, scone.price, scone.tickets) == ("S", 2.0, 1)
    assert found.tickets == 3


def test_items_that_are_none_and_returns_are_left_out_and_counted(tmp_path: Path) -> None:
    found = export(
        tmp_path,
        LATTE,
        "2026-03-02,07:58:11,1,NONE,None,0,1,Coffee",
        "2026-03-02,07:58:11,1,,,,,",
        "2026-03-02,07:58:11,1,S,Scone,2,-1,Food",
    )

    assert [item.till for item in found.items] == ["007"]
    assert (found.dropped, found.returned) == (2, 1)


def test_common_column_names_are_guessed_and_the_rest_may_be_missing(tmp_path: Path) -> None:
    found = export(tmp_path, LATTE, columns=ExportColumns())

    (latte,) = found.items
    assert (latte.name, latte.price, latte.category) == ("007", None, "")


def test_opening_hours_are_the_half_hours_of_nearly_all_sales_per_weekday(tmp_path: Path) -> None:
    # One sale of 400 at three in the morning is a till left open, not a shop.
    usual = [f"2026-03-02,{8 + i % 9:02}:{i % 60:02}:00,{i},A,A,1,1,K" for i in range(400)]
    found = export(tmp_path, *usual, "2026-03-02,03:00:00,x,A,A,1,1,K", SCONE.replace("-02", "-07"))

    assert found.hours == {"mon": (time(8), time(17)), "sat": (time(12), time(12, 30))}


def test_a_sale_in_the_last_half_hour_of_the_day_closes_before_midnight(tmp_path: Path) -> None:
    found = export(tmp_path, LATTE.replace("07:58:11", "23:45"))

    assert found.hours == {"mon": (time(23, 30), time(23, 59))}


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-07-06 09:10", time(9)),
        ("2026-07-06T09:10:00.250", time(9)),
        ("2026-07-06T09:10:00Z", time(10)),
        ("2026-07-06 09:10:00+02:00", time(8)),
    ],
)
def test_date_and_time_may_be_one_column_and_an_offset_is_turned_into_shop_time(
    tmp_path: Path, moment: str, opens: time
) -> None:
    columns = ExportColumns(ticket=("t",), item="i", date="at")

    found = export(tmp_path, f"{moment},1,A", header="at,t,i", columns=columns)

    assert found.hours["mon"][0] == opens


def test_an_export_without_times_says_nothing_about_hours(tmp_path: Path) -> None:
    assert export(tmp_path, "1,A", header="ticket,item", columns=ExportColumns()).hours == {}


def test_several_columns_may_tell_a_ticket(tmp_path: Path) -> None:
    columns = ExportColumns(ticket=("shop", "no"), item="i")

    found = export(tmp_path, "1,1,A", "1,2,A", "2,1,A", header="shop,no,i", columns=columns)

    assert found.tickets == 3


def test_compressed_text_and_parquet_say_the_same(tmp_path: Path) -> None:
    rows = {"ticket": [1, 1, 2], "item": [7, 8, 7], "price": [3.5, 2.0, 3.5]}
    stamp = datetime(2026, 7, 6, 9, 10, tzinfo=UTC)
    table = pl.DataFrame(rows).with_columns(at=pl.lit(stamp), day=pl.lit(date(2026, 7, 6)))
    table.write_parquet(tmp_path / "till.parquet")
    with gzip.open(tmp_path / "till.csv.gz", "wt") as file:
        file.write(
            "ticket,item,price,at\n1,7,3.5,2026-07-06 10:10:00\n1,8,2.0,2026-07-06 10:10:00\n"
        )
        file.write("2,7,3.5,2026-07-06 10:10:00\n")
    columns = ExportColumns(date="at", price="price")

    first, second = (
        read_export(tmp_path / name, columns, "Europe/London")
        for name in ("till.parquet", "till.csv.gz")
    )

    assert first == second
    assert first.hours == {"mon": (time(10), time(10, 30))}


BAD_ROWS = {
    "no ticket": (LATTE.replace(",1,007", ",,007"), "a ticket, found nothing"),
    "no item name": (
        LATTE.replace("Latte", " "),
        "a name of 1 to 120 characters, found nothing",
    ),
    "long item": (LATTE.replace("007", "x" * 121), f"an item of 1 to 120 characters, found '{'x' * 121}'"),
    "another date": (
        LATTE.replace("2026-03-02", "02/03/2026"),
        "a date and time such as 2026-03-01 07:30:00, found '02/03/2026 07:58:11'",
    ),
    "no date": (
        LATTE.replace("2026-03-02", ""),
        "a date and time such as 2026-03-01 07:30:00, found nothing",
    ),
    "a word as price": (
        LATTE.replace("3.50", "free"),
        "a price per piece such as 3.50 (or drop the item), found 'free'",
    ),
    "not a number as price": (
        LATTE.replace("3.50", "nan"),
        "a price per piece such as 3.50 (or drop the item), found 'nan'",
    ),
    "a discount": (
        LATTE.replace("3.50", "-1.00"),
        "a price per piece such as 3.50 (or drop the item), found '-1.00'",
    ),
    "no quantity": (LATTE.replace("3.50,1,", "3.50,,"), "a quantity such as 1, found nothing"),
}  # fmt: skip


@pytest.mark.parametrize(("row", "told"), BAD_ROWS.values(), ids=BAD_ROWS.keys())
def test_a_bad_row_is_told_with_file_row_and_what_was_expected(
    tmp_path: Path, row: str, told: str
) -> None:
    with pytest.raises(RequestContractError) as caught:
        export(tmp_path, SCONE, row, SCONE)

    assert str(caught.value) == f"till.csv: row 3: wanted {told}"


def test_a_column_full_of_bad_rows_is_cut_where_nobody_reads_on(tmp_path: Path) -> None:
    with pytest.raises(RequestContractError) as caught:
        export(tmp_path, *[LATTE.replace("3.50", "free")] * 50, SCONE.replace("3,Food", "x,Food"))

    lines = str(caught.value).splitlines()
    assert len(lines) == 21
    assert lines[0].startswith("till.csv: row 2: ")
    assert lines[-1] == "(and more)"


def test_rows_that_are_all_no_item_are_no_export(tmp_path: Path) -> None:
    with pytest.raises(RequestContractError, match="wanted rows of items sold, found none"):
        export(tmp_path, LATTE.replace("007", "NONE"))


def test_columns_that_are_not_there_are_named_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(RequestContractError) as caught:
        export(tmp_path, "1,2", header="a,b", columns=ExportColumns(price="Cost"))

    assert str(caught.value) == (
        'till.csv: wanted columns for --ticket, --item, "Cost", found a, b; name them'
    )


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b"ticket,item\n1,A\n2,B,C\n", "row 3 with 3 fields instead of 2", id="uneven"),
        pytest.param("ticket,item\n1,Caf\xe9\n".encode("latin-1"), "utf-8|utf8", id="other bytes"),
    ],
)
def test_a_file_that_is_no_table_is_told(tmp_path: Path, content: bytes, why: str) -> None:
    file = tmp_path / "till.csv"
    file.write_bytes(content)

    with pytest.raises(RequestContractError, match=f"till.csv: wanted .csv, .* found .*({why})"):
        read_export(file, ExportColumns(), "Europe/London")


@pytest.mark.parametrize("name", ["none.csv", "none.parquet", "note.parquet", "cut.csv.gz"])
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "note.parquet").write_bytes(b"not parquet")
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(b"ticket,item\n1,A\n" * 100)[:-20])

    with pytest.raises(RequestContractError, match=f"{name}: wanted .csv, .csv.gz or .parquet"):
        read_export(tmp_path / name, ExportColumns(), "Europe/London")
