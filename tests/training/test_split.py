"""Tickets become arrays, and days are split so that the future never trains."""

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from edge.recommend.features import encode_context
from models.training.datasets import DatasetContractError, read_dataset
from models.training.prepare import Tickets, prepare
from models.training.split import catalog_of, split_by_days
from tests.fakes.small_till import till_lines, write_till


@pytest.fixture(scope="module")
def tickets(tmp_path_factory: pytest.TempPathFactory) -> Tickets:
    return prepare(read_dataset(write_till(tmp_path_factory.mktemp("till"))))


def test_repeats_within_a_ticket_are_removed(tmp_path: Path) -> None:
    lines = [f"2026-01-05,08:00:00,1,A,{item}" for item in ("tea", "jam", "tea")]

    found = prepare(read_dataset(write_till(tmp_path, lines)))
    assert [found.names[i] for i in found.item] == ["jam", "tea"]


def test_a_ticket_is_what_its_columns_say(tmp_path: Path) -> None:
    lines = ["2026-01-05,08:00:00,1,A,tea", "2026-01-05,08:00:00,1,B,jam"]

    found = prepare(read_dataset(write_till(tmp_path, lines)))
    assert len(found) == 2
    assert len(set(found.site.tolist())) == 2


def test_training_encodes_a_ticket_as_serving_would(tickets: Tickets) -> None:
    zone = ZoneInfo("Europe/London")
    contexts = tickets.contexts()

    for t in range(0, len(tickets), 97):
        day = date.fromordinal(date(1970, 1, 1).toordinal() + int(tickets.day[t]))
        at = datetime(day.year, day.month, day.day, int(tickets.hour[t]), tzinfo=zone)
        assert np.array_equal(contexts[t], encode_context(at))


def test_the_last_fifth_of_days_tests_and_the_fifth_before_validates(tickets: Tickets) -> None:
    split = split_by_days(tickets)
    days = [np.unique(part.day) for part in (split.fit, split.validation, split.test)]

    assert [len(one) for one in days] == [19, 5, 6]
    assert days[0].max() < days[1].min()
    assert days[1].max() < days[2].min()
    assert len(split.train) == len(split.fit) + len(split.validation)


def test_the_catalog_is_what_training_days_sold_most_sold_first(tickets: Tickets) -> None:
    split = split_by_days(tickets)
    sold = np.bincount(split.train.item, minlength=len(split.train.names))

    assert np.all(np.diff(sold) <= 0)
    assert sold.min() > 0
    assert split.test.names == split.train.names == catalog_of(split.train)


def test_items_and_tickets_that_training_never_saw_are_left_out(tmp_path: Path) -> None:
    lines = till_lines()
    last = lines[-1].rsplit(",", 1)[0]
    lines += [f"{last},novelty", "2026-02-03,19:00:00,99999,A,novelty"]
    found = prepare(read_dataset(write_till(tmp_path, lines)))

    split = split_by_days(found)

    assert "novelty" in found.names
    assert "novelty" not in split.test.names
    assert len(split.train) + len(split.test) == len(found) - 1
    assert split.test.size.min() > 0


def test_too_few_days_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetContractError, match="at least 10 days, got 9"):
        split_by_days(prepare(read_dataset(write_till(tmp_path, till_lines(9)))))
