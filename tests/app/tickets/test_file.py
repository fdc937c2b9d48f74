"""A till's export is read as tickets, or refused by file, row and what was expected."""

import gzip
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from edge.app.tickets.file import Columns, columns_from, named, read_tickets
from edge.core.errors import RequestContractError

LONDON = ZoneInfo("Europe/London")
HEADER = "Date,Time,Transaction,Item\n"


def write(folder: Path, rows: str, header: str = HEADER) -> Path:
    path = folder / "till.csv"
    path.write_text(header + rows, "utf-8")
    return path


def test_rows_of_one_ticket_are_one_ticket_and_repeats_count_once(tmp_path: Path) -> None:
    rows = "2017-01-02,9:30:00,7,Tea\n2017-01-02,09:30:00,7,Cake\n2017-01-02,09:30:00,7,Tea\n"

    (ticket,) = read_tickets(write(tmp_path, rows), Columns(), LONDON)

    assert ticket.items == ("Tea", "Cake")
    assert ticket.at.isoformat() == "2017-01-02T09:30:00+00:00"


def test_tickets_come_oldest_first_and_items_that_are_none_are_dropped(tmp_path: Path) -> None:
    rows = "2017-07-02,09:00:00,2,Tea\n2017-07-01,09:00:00,1,Jam\n"
    rows += "2017-07-01,09:00:00,1,VOID\n2017-07-01,09:00:00,1,\n"

    tickets = read_tickets(write(tmp_path, rows), named(Columns(), {"drop": ["VOID"]}), LONDON)

    assert [ticket.items for ticket in tickets] == [("Jam",), ("Tea",)]
    assert str(tickets[0].at.utcoffset()) == "1:00:00"


def test_a_ticket_may_be_told_by_several_columns_together(tmp_path: Path) -> None:
    rows = "1,5,2023-01-01 07:00:00,38\n2,5,2023-01-01 07:00:00,42\n3,8,2023-01-01 07:00:00,38\n"
    path = write(tmp_path, rows, "line,shop,sold_at,product_id\n")

    tickets = read_tickets(path, named(Columns(), {"ticket": ["shop", "sold_at"]}), LONDON)

    assert [ticket.items for ticket in tickets] == [("38", "42"), ("38",)]


def test_a_compressed_file_reads_the_same(tmp_path: Path) -> None:
    path = tmp_path / "till.csv.gz"
    path.write_bytes(gzip.compress((HEADER + "2017-01-02,09:30:00,7,Tea\n").encode()))

    assert len(read_tickets(path, Columns(), LONDON)) == 1


def test_times_with_an_offset_become_the_shops_own(tmp_path: Path) -> None:
    path = write(tmp_path, "1,2023-07-01T07:00:00Z,Tea\n", "ticket,timestamp,item\n")

    (ticket,) = read_tickets(path, Columns(), LONDON)

    assert ticket.at.hour == 8


def test_every_bad_row_is_named_and_nothing_is_read(tmp_path: Path) -> None:
    rows = "2017-01-02,09:30:00,7,Tea\nyesterday,09:30:00,8,Tea\n2017-01-02,25:00:00,9,Tea\n"

    with pytest.raises(RequestContractError) as refused:
        read_tickets(write(tmp_path, rows), Columns(), LONDON)

    first, second = str(refused.value).splitlines()
    assert first.startswith("till.csv: row 3: wanted a ticket with a date and time")
    assert "'Date': 'yesterday'" in first
    assert "row 4" in second


def test_columns_that_cannot_be_guessed_are_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path, "1,2\n", "bon,was\n")

    with pytest.raises(RequestContractError, match=r"--ticket, --item, --date.*\['bon', 'was'\]"):
        read_tickets(path, Columns(), LONDON)


def test_a_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, "2017-01-02,09:30:00,7,Tea\n")

    with pytest.raises(RequestContractError, match="'Artikel'"):
        read_tickets(path, named(Columns(), {"item": "Artikel"}), LONDON)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("missing.csv", None),
        ("text.csv.gz", b"not gzip"),
        ("cut.csv.gz", gzip.compress(HEADER.encode() * 50, mtime=0)[:-12]),
        ("latin.csv", b"Date,Time,Transaction,Item\n2017-01-02,09:30:00,1,Caf\xe9\n"),
        ("empty.csv", HEADER.encode()),
        ("short.csv", HEADER.encode() + b"2017-01-02\n"),
    ],
)
def test_a_file_that_is_no_export_is_refused_in_words(
    tmp_path: Path, name: str, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)

    with pytest.raises(RequestContractError, match=f"{name}.*wanted"):
        read_tickets(tmp_path / name, Columns(), LONDON)


def test_a_small_toml_names_the_columns() -> None:
    text = '[columns]\nticket = ["shop", "at"]\nitem = "product"\ndrop = "VOID"\n'

    columns = columns_from(text, "columns.toml")

    assert (columns.ticket, columns.item, columns.drop) == (("shop", "at"), "product", ("VOID",))


@pytest.mark.parametrize("text", ["[columns", "[columns]\nshape = 1\n", "item = 3\n", ""])
def test_a_toml_that_names_no_columns_is_refused(text: str) -> None:
    with pytest.raises(RequestContractError, match="wanted"):
        columns_from(text, "columns.toml")
