"""The offline figures are those a replay through the exported graph would give."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge.core.errors import ModelContractError
from edge.recommend.package import ModelPackage, load_package
from edge.recommend.ranker import RankRequest
from models.training.calibrate import shown_items
from models.training.datasets import read_dataset
from models.training.evaluate import board_recall, completion
from models.training.prepare import Tickets, prepare
from models.training.recipe import Trained, export, train
from models.training.trend_inputs import TrendInputs, replay_trend
from models.training.tune import tune
from tests.fakes.small_model import contract, plain_request
from tests.fakes.small_till import no_progress, till_lines, write_till


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return train(read_dataset(write_till(tmp_path_factory.mktemp("till"))), no_progress)


@pytest.fixture(scope="module")
def package(trained: Trained) -> ModelPackage:
    return load_package(export(trained, contract()).files, contract=contract())


def asked(tickets: Tickets, t: int, without: int | None) -> tuple[RankRequest, np.ndarray]:
    items = tickets.item[tickets.start[t] : tickets.start[t + 1]]
    basket = items[items != without].astype(np.int32)
    request = replace(plain_request(len(tickets.names)), basket=basket, exclude=basket)
    return request, tickets.contexts()[t]


def test_completion_equals_a_replay_of_tickets_through_the_graph(
    trained: Trained, package: ModelPackage
) -> None:
    test = trained.split.test
    none = np.zeros(len(test.names), dtype=np.float32)
    ranks = []
    for t in np.flatnonzero(test.size > 1):
        for target in test.item[test.start[t] : test.start[t + 1]]:
            request, context = asked(test, int(t), int(target))
            found = package.ranker.rank(replace(request, base=package.base(context, none)))
            ranks.append(1 + found.items.tolist().index(int(target)))

    assert completion(trained.model, test).rank.tolist() == ranks
    assert len(ranks) > 100


def test_board_recall_equals_a_replay_through_the_base_graph(
    trained: Trained, package: ModelPackage
) -> None:
    test = trained.split.test
    none = np.zeros(len(test.names), dtype=np.float32)
    shares = []
    for t in range(len(test)):
        base = package.base(test.contexts()[t], none)
        best = package.ranker.rank(plain_request(len(test.names), base)).items[:2].tolist()
        items = set(test.item[test.start[t] : test.start[t + 1]].tolist())
        shares.append(len(items & set(best)) / len(items))

    assert board_recall(trained.model, test, k=2) == pytest.approx(np.mean(shares))


def test_hit_rates_and_reciprocal_ranks_are_those_of_the_ranks(trained: Trained) -> None:
    found = completion(trained.model, trained.split.test)

    assert found.hr(1) <= found.hr(3) <= found.hr(5) <= 1
    assert found.hr(len(trained.model.items)) == 1
    assert found.mrr(1) == pytest.approx(found.hr(1))
    assert found.basket_size.min() >= 1


def test_only_candidates_of_a_decision_count_for_p_take(
    trained: Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = trained.split.test
    everything = shown_items(trained.model, test, None)
    monkeypatch.setattr("models.training.calibrate.K_MAX", 3)

    best = shown_items(trained.model, test, None)

    requests = len(test) + len(completion(trained.model, test).rank)
    assert len(best.score) == 3 * requests
    assert best.taken.mean() > everything.taken.mean()


def test_tuning_never_made_validation_worse(trained: Trained) -> None:
    assert trained.tuned.after >= trained.tuned.before


def test_a_quiet_shop_has_no_trend_and_its_weight_is_not_fitted(trained: Trained) -> None:
    with_trend = trained.quality[3]

    assert trained.trend_share == 0
    assert not trained.tuned.settings.trend_fitted
    assert np.array_equal(with_trend.completion.rank, trained.quality[2].completion.rank)


def test_a_busy_shop_has_a_trend_by_the_devices_own_rules(tmp_path: Path) -> None:
    found = prepare(read_dataset(write_till(tmp_path, till_lines(2, 700))))
    test = found.only(found.day == found.day[-1])
    inputs = replay_trend(test)

    assert inputs.share > 0.9
    assert not (inputs.orders % 5).any()
    t = len(test) // 2
    at = test.day * 86_400 + test.second
    mark = at[t] // 600 * 600
    window = np.flatnonzero((at >= mark - 1800) & (at < mark))
    sold = np.zeros(len(test.names))
    for w in window:
        sold[test.item[test.start[w] : test.start[w + 1]]] += 1
    assert inputs.orders[inputs.row[t]].tolist() == np.where(sold >= 5, sold // 5 * 5, 0).tolist()


def test_where_trends_were_seen_their_weight_is_fitted(
    trained: Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.training.tune.FEWEST_TREND_TICKETS", 1)
    split = trained.split
    cake = split.test.names.index("cake")
    orders = np.zeros((2, len(split.test.names)), dtype=np.float32)
    orders[1, cake] = 20
    bought = np.zeros(len(split.validation), dtype=np.int64)
    bought[split.validation.ticket[split.validation.item == cake]] = 1
    assert bought.any()

    inputs = TrendInputs(orders, bought)
    tuned = tune(split.fit, split.validation, inputs, lambda: None).settings

    assert tuned.trend_fitted
    assert tuned.trend_weight > 0


def test_each_site_has_its_own_trend(tmp_path: Path) -> None:
    lines = till_lines(1, 700)
    two = [line.replace(",A,", ",B,") if i % 2 else line for i, line in enumerate(lines)]
    found = prepare(read_dataset(write_till(tmp_path, two)))

    apart = replay_trend(found)
    as_one = replay_trend(replace(found, site=found.site * 0))
    assert apart.orders.sum(axis=1).max() < as_one.orders.sum(axis=1).max()


def test_no_tickets_have_no_trend_share() -> None:
    nothing = TrendInputs(np.zeros((1, 3), dtype=np.float32), np.zeros(0, dtype=np.int64))

    assert nothing.share == 0


def test_a_package_of_the_recipe_is_refused_when_a_graph_is_swapped(trained: Trained) -> None:
    files = export(trained, contract()).files
    swapped = {**files, "base.onnx": files["serving.onnx"]}

    with pytest.raises(ModelContractError, match="SHA-256"):
        load_package(swapped, contract=contract())
