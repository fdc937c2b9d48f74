"""Rows spread over two columns, evenly and in reading order, at the largest size that fits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.web.board.columns import MAX_ROWS, RowView, SectionView, columns, tier


def sections(*sizes: int) -> list[SectionView]:
    return [
        SectionView(f"s{i}", tuple(row(f"s{i}-{j}") for j in range(size)))
        for i, size in enumerate(sizes)
    ]


def row(sku: str) -> RowView:
    return RowView(sku, sku, "£1.00", "", "", is_sold_out=False)


def shape(*sizes: int) -> list[list[tuple[str, int]]]:
    return [[(s.name, len(s.rows)) for s in column] for column in columns(sections(*sizes))]


def test_sections_stay_whole_where_that_is_nearly_even() -> None:
    assert shape(9, 5) == [[("s0", 9)], [("s1", 5)]]
    assert shape(6, 4, 3, 3) == [[("s0", 6), ("s1", 4)], [("s2", 3), ("s3", 3)]]


def test_one_long_section_continues_in_the_second_column() -> None:
    left, right = columns(sections(20))

    assert (len(left[0].rows), len(right[0].rows)) == (10, 10)
    assert not left[0].is_continued
    assert right[0].is_continued


def test_a_section_is_never_continued_with_a_single_row() -> None:
    for size in range(1, MAX_ROWS + 1):
        for column in columns(sections(size)):
            assert len(column[0].rows) > 1 or size == 1


def test_a_few_rows_stand_in_one_column() -> None:
    assert shape(3, 3) == [[("s0", 3), ("s1", 3)]]
    assert len(columns(sections(4, 3))) == 2


def test_nothing_gives_no_columns() -> None:
    assert columns([]) == ()


@given(st.lists(st.integers(1, 12), min_size=1, max_size=6))
def test_every_row_appears_once_and_in_order_up_to_the_limit(sizes: list[int]) -> None:
    given_rows = [r.sku for s in sections(*sizes) for r in s.rows]
    shown = [r.sku for column in columns(sections(*sizes)) for s in column for r in s.rows]

    assert shown == given_rows[:MAX_ROWS]


@pytest.mark.parametrize(
    ("rows", "has_hero", "expected"),
    [(1, True, 8), (8, True, 8), (9, True, 12), (13, True, 16), (16, True, 16), (17, False, 22)],
)
def test_the_fewer_rows_the_larger_they_are(rows: int, has_hero: bool, expected: int) -> None:
    assert tier(rows, has_hero=has_hero) == expected
