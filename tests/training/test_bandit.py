"""The replay of choices on tickets: every policy sees the same ones, and what it logs can be judged."""

import numpy as np
import pytest

from models.training.bandit import POLICIES, POOL, choices, play, turned
from models.training.prepare import Tickets


@pytest.fixture(scope="module")
def tickets() -> Tickets:
    """A hundred days of twenty tickets of three; half of them hold items 0 and 1 together."""
    dice = np.random.default_rng(7)
    rows = [
        dice.choice(30, 3, replace=False) if n % 2 else [0, 1, int(dice.integers(2, 30))]
        for n in range(2_000)
    ]
    return Tickets(
        names=tuple(f"item-{n}" for n in range(30)),
        start=np.arange(0, 6_001, 3),
        item=np.array([np.sort(row) for row in rows]).ravel(),
        day=np.repeat(np.arange(100), 20) + 19_000,
        second=np.tile(np.arange(20) * 1_800 + 28_800, 100),
        site=np.zeros(2_000, dtype=np.int64),
    )


def test_each_later_ticket_is_one_choice_and_its_hidden_item_is_drawn(tickets: Tickets) -> None:
    given, names = choices(tickets, 400)

    assert len(given) == 400
    assert {len(one.items) for one in given} == {POOL}
    assert [one.at for one in given] == sorted(one.at for one in given)
    assert 0.05 < np.mean([names[one.hidden] == "item-0" for one in given]) < 0.35


def test_who_knows_the_tickets_does_better_than_chance(tickets: Tickets) -> None:
    given, names = choices(tickets, 400)
    reward = {name: play(name, given, names, 1).reward for name in POLICIES}

    assert reward["random"] < reward["squarecb"] < reward["greedy"] + 0.03
    assert reward["random"] < reward["squarecb, learning (ours)"]


@pytest.mark.parametrize("name", ["random", "epsilon-greedy", "squarecb, learning (ours)"])
def test_weights_of_what_was_logged_have_a_mean_of_one(tickets: Tickets, name: str) -> None:
    given, names = choices(tickets, 400)
    played = play(name, given, names, 3)

    assert abs(played.mean_weight - 1) <= 3 * played.weight_error + 1e-9


def test_a_replay_is_the_same_again(tickets: Tickets) -> None:
    given, names = choices(tickets, 100)

    assert play("epsilon-greedy, learning", given, names, 5) == play(
        "epsilon-greedy, learning", given, names, 5
    )


def test_a_taste_that_turns_does_so_half_way_and_for_a_share_of_the_items(tickets: Tickets) -> None:
    given, _ = choices(tickets, 400)
    changed = [a.hidden != b.hidden for a, b in zip(given, turned(given, 0.25), strict=True)]

    assert not any(changed[:200])
    assert 0.1 < np.mean(changed[200:]) < 0.9
