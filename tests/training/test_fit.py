"""The model is made of counts, and the counts are those of the tickets."""

from dataclasses import replace

import numpy as np
import pytest

from models.training.counts import count, faded
from models.training.datasets import read_dataset
from models.training.evaluate import board_recall, completion
from models.training.fit import Settings, fit, naive_bayes, popular
from models.training.prepare import Tickets, prepare
from models.training.refine import fit_refined, refine
from models.training.split import Split, split_by_days
from tests.fakes.small_model import plain_request
from tests.fakes.small_till import write_till


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory) -> Split:
    return split_by_days(prepare(read_dataset(write_till(tmp_path_factory.mktemp("till")))))


def items_of(tickets: Tickets) -> list[set[int]]:
    return [set(part.tolist()) for part in np.split(tickets.item, tickets.start[1:-1])]


def test_counts_are_those_of_the_tickets(split: Split) -> None:
    counts = count(split.train)
    sets, n = items_of(split.train), len(split.train.names)

    together = np.zeros((n, n))
    for items in sets:
        for i in items:
            for j in items - {i}:
                together[i, j] += 1
    found = np.zeros(n * n)
    found[counts.pair] = counts.together

    assert np.array_equal(found.reshape(n, n), together)
    assert counts.sold.tolist() == [sum(i in items for items in sets) for i in range(n)]
    assert np.array_equal(counts.by_hour.sum(axis=0), counts.sold)
    assert np.array_equal(counts.by_weekday.sum(axis=0), counts.sold)
    assert np.array_equal(faded(counts, np.inf), counts.sold)


def test_a_day_counts_half_of_the_one_a_half_life_later(split: Split) -> None:
    counts = count(split.train)
    age = counts.days[-1] - counts.days

    assert faded(counts, 7.0) == pytest.approx(0.5 ** (age / 7.0) @ counts.by_day)


def test_the_patterns_of_the_till_are_found(split: Split) -> None:
    model = fit(count(split.train), Settings())
    at = {name: i for i, name in enumerate(model.items)}

    assert model.affinity.lift[at["toast"], at["jam"]] > 0.3
    assert model.affinity.lift[at["cake"], at["jam"]] < 0
    assert model.context[9, at["coffee"]] > 0 > model.context[15, at["coffee"]]
    assert not np.diag(model.affinity.lift).any()
    assert not model.context[31:].any()  # season has no weight


def test_more_is_known_with_the_hour_and_the_basket(split: Split) -> None:
    counts = count(split.train)
    plain, ours = popular(counts), fit(counts, Settings())

    assert completion(ours, split.test).hr(1) > completion(plain, split.test).hr(1) + 0.1
    assert board_recall(ours, split.test, k=1) > board_recall(plain, split.test, k=1) + 0.1
    assert completion(naive_bayes(counts), split.test).hr(1) > completion(plain, split.test).hr(1)


def test_a_large_catalog_keeps_its_strongest_pairs(
    split: Split, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = fit(count(split.train), Settings()).affinity
    monkeypatch.setattr("models.training.fit.ALL_PAIRS_UP_TO", 0)

    near = fit(count(split.train), Settings()).affinity

    assert near.neighbour is not None
    seen = np.zeros_like(every.lift)
    counts = count(split.train)
    seen.ravel()[counts.pair] = 1
    for item in range(len(every.lift)):
        basket = np.array([item], dtype=np.int32)
        expected = every.part(basket) * seen[item]
        assert near.part(basket) == pytest.approx(expected, abs=1e-6)


def test_a_large_catalog_is_scored_as_its_graph_would(
    split: Split, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.training.fit.ALL_PAIRS_UP_TO", 0)
    model, test = fit(count(split.train), Settings()), split.test
    none = np.zeros(len(test.names), dtype=np.float32)
    ranks = []
    for t in np.flatnonzero(test.size > 1):
        items = test.item[test.start[t] : test.start[t + 1]]
        for target in items:
            basket = items[items != target].astype(np.int32)
            request = replace(plain_request(len(none)), basket=basket, exclude=basket)
            score = model.scores(test.contexts()[t], none, request)
            ranks.append(1 + int((score > score[target] + 1e-9).sum()))

    assert completion(model, test).rank.tolist() == ranks


def test_refining_explains_training_baskets_better_and_no_pair_changes_its_sign(
    split: Split,
) -> None:
    plain = fit(count(split.train), Settings())
    refined = replace(plain, affinity=refine(plain, split.train, penalty=5.0))
    moved = refined.affinity.lift

    assert completion(refined, split.train).mrr() > completion(plain, split.train).mrr()
    assert np.abs(moved - plain.affinity.lift).max() > 0.01
    assert np.all(moved * plain.affinity.lift >= 0)


def test_without_a_penalty_or_for_large_catalogs_lifts_stay_counted(
    split: Split, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = count(split.train)
    assert np.array_equal(
        fit_refined(counts, split.train, Settings()).affinity.lift,
        fit(counts, Settings()).affinity.lift,
    )

    monkeypatch.setattr("models.training.fit.ALL_PAIRS_UP_TO", 0)
    penalised = Settings(refine_penalty=5.0)
    found = fit_refined(counts, split.train, penalised).affinity
    assert np.array_equal(found.lift, fit(counts, penalised).affinity.lift)
