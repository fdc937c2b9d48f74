"""Bad rows are reported with file, row number and what was expected; none is lost silently."""

import gzip
from pathlib import Path

import polars as pl
import pytest

from models.training.datasets import DatasetContractError, read_dataset
from models.training.prepare import prepare
from models.training.rows import MOMENT, read_rows
from tests.fakes.small_till import DESCRIPTION, HEADER, till_lines, write_till

GOOD = "2026-01-05,08:00:00,1,A,tea"


def refused(folder: Path, lines: list[str], description: str = DESCRIPTION) -> tuple[str, ...]:
    with pytest.raises(DatasetContractError) as error:
        prepare(read_dataset(write_till(folder, lines, description)))
    return error.value.mistakes


def test_each_bad_row_is_named_with_what_was_expected(tmp_path: Path) -> None:
    bad = ["2026-02-30,08:00:00,2,A,tea", "2026-01-05,25:00,3,A,tea", "2026-01-05,08:00:00,4,A,"]

    assert refused(tmp_path, [GOOD, *bad, GOOD, "2026-01-05,08:00:00,,A,tea"]) == (
        (
            "till.csv: row 3: expected day and clock as %Y-%m-%d %H:%M:%S, "
            "got '2026-02-30' and '08:00:00'"
        ),
        "till.csv: row 4: expected day and clock as %Y-%m-%d %H:%M:%S, got '2026-01-05' and '25:00'",
        "till.csv: row 5: expected article, got nothing",
        "till.csv: row 7: expected receipt, got nothing",
    )


def test_twenty_bad_rows_are_listed_and_the_rest_counted(tmp_path: Path) -> None:
    mistakes = refused(tmp_path, [GOOD, *["x,08:00:00,1,A,tea"] * 31])

    assert len(mistakes) == 21
    assert mistakes[-1] == "and 11 more bad rows"


def test_rows_with_too_many_or_too_few_fields_are_named(tmp_path: Path) -> None:
    mistakes = refused(tmp_path, [GOOD, GOOD + ",extra", GOOD])

    assert mistakes == ("till.csv: row 3: expected 5 fields, got 6",)


def test_a_missing_column_is_named_beside_those_that_are_there(tmp_path: Path) -> None:
    described = DESCRIPTION.replace('item = "article"', 'item = "product"')

    (mistake,) = refused(tmp_path, [GOOD], described)
    assert mistake.startswith("till.csv: expected columns ['product'], found ['day', 'clock'")


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", HEADER.encode() + b"\n"])
def test_a_file_without_sales_is_refused(tmp_path: Path, content: bytes) -> None:
    path = write_till(tmp_path)
    (tmp_path / "till.csv").write_bytes(content)

    with pytest.raises(DatasetContractError, match=r"till\.csv"):
        prepare(read_dataset(path))


def test_a_broken_archive_is_refused(tmp_path: Path) -> None:
    path = write_till(tmp_path, description=DESCRIPTION.replace("till.csv", "till.csv.gz"))
    whole = gzip.compress((tmp_path / "till.csv").read_bytes())
    (tmp_path / "till.csv.gz").write_bytes(whole[: len(whole) // 2])

    with pytest.raises(DatasetContractError, match=r"till\.csv\.gz: expected a readable CSV"):
        prepare(read_dataset(path))


def test_values_that_are_no_sales_are_dropped_before_rows_are_judged(tmp_path: Path) -> None:
    described = DESCRIPTION + '\n[drop]\narticle = ["NONE"]\n'

    rows = read_rows(read_dataset(write_till(tmp_path, [GOOD, "?,?,2,A,NONE"], described)))

    assert rows["article"].to_list() == ["tea"]


def test_csv_archive_and_parquet_give_the_same_rows(tmp_path: Path) -> None:
    path = write_till(tmp_path)
    plain = read_rows(read_dataset(path))
    (tmp_path / "till.csv.gz").write_bytes(gzip.compress((tmp_path / "till.csv").read_bytes()))
    typed = pl.read_csv(tmp_path / "till.csv", try_parse_dates=True)
    typed.write_parquet(tmp_path / "till.parquet")

    for name in ("till.csv.gz", "till.parquet"):
        path.write_text(DESCRIPTION.replace("till.csv", name), encoding="utf-8")
        other = read_rows(read_dataset(path))
        assert other["article"].to_list() == plain["article"].to_list()
        assert other[MOMENT].to_list() == plain[MOMENT].to_list()


def test_times_in_utc_become_the_sites_wall_clock(tmp_path: Path) -> None:
    described = DESCRIPTION.replace("[columns]", 'times = "utc"\n[columns]', 1)
    lines = ["2026-03-28,23:30:00,1,A,tea", "2026-03-29,23:30:00,2,A,tea"]

    tickets = prepare(
        read_dataset(write_till(tmp_path, lines, described.replace("\n[columns]", "\n\n[columns]")))
    )

    assert tickets.hour.tolist() == [23, 0]  # summer time began between them
    assert (tickets.day[1] - tickets.day[0]).item() == 2


def test_a_till_that_leaves_the_seconds_away_is_read(tmp_path: Path) -> None:
    lines = ["2026-01-05,08:07,1,A,tea", "2026-01-06,09:30:15,2,A,tea"]

    tickets = prepare(read_dataset(write_till(tmp_path, lines)))

    assert tickets.hour.tolist() == [8, 9]


def test_a_till_id_that_the_mapping_lacks_is_refused(tmp_path: Path) -> None:
    described = DESCRIPTION + '\n[items]\ntea = "leaf-tea"\n'
    lines = [GOOD, "2026-01-05,08:00:00,1,A,jam"]

    (mistake,) = refused(tmp_path, lines, described)
    assert "it lacks ['jam']" in mistake


def test_mapped_items_are_merged_and_empty_ones_left_out(tmp_path: Path) -> None:
    described = DESCRIPTION + '\n[items]\ncoffee = "drink"\ntea = "drink"\njam = ""\n'
    described += 'toast = "food"\ncake = "food"\nbun = "food"\npie = "food"\nhoney = ""\n'

    tickets = prepare(read_dataset(write_till(tmp_path, till_lines(2), described)))

    assert tickets.names == ("drink", "food")
    assert tickets.size.max() == 2
