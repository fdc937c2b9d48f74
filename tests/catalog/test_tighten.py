"""A market's and a shop's policy may only forbid more, whatever field it names."""

from datetime import timedelta

import pytest

from edge.catalog.policy_rules import SHIPPED, PolicyRules, Tighter
from edge.catalog.tighten import LoosenedError, directions, tightened

TIGHTER: dict[str, object] = {
    "values": {"risk_tolerance": "balanced", "relationship": "old-friends"},
    "breaking_bonds": {"exports": "deny"},
    "digging_too_deep": {"allow_sources": ["declared"]},
    "helicoptering": {"wait_after_location": "1h", "familiarity_max": {"private": 1}},
    "overcrowding": {
        "personalised_share_max": 0.25,
        "all_channels": [{"n": 3, "per": "1d"}, {"n": 10, "per": "14d"}],
        "cooldown_after_dismiss": "30d",
        "after_purchase_same_category": "7d",
    },
    "category_jumping": {"min_linkage": 0.3, "or_declared_interest": False},
    "boudoir": {
        "categories": ["pregnancy", "contraception", "weight", "medical", "intimate", "alcohol"],
        "only_among": "never",
    },
    "moral_hazards": {"deny_tags": ["vulnerability", "addiction", "debt", "gambling"]},
    "permission_distance": {
        "matrix": {"order_history": {"addon": 2}},
        "max": {"semi_private": 0},
        "above": "deny",
    },
    "fact_decay": {"default_half_life": "30d", "sensitive_ttl": "7d", "hard_retention": "90d"},
}

LOOSER: dict[str, tuple[dict[str, object], str]] = {
    "a later word": (
        {"permission_distance": {"above": "ask"}},
        'permission_distance.above: wanted one of deny, found "ask"',
    ),
    "another source": (
        {"digging_too_deep": {"allow_sources": ["declared", "first-party"]}},
        "digging_too_deep.allow_sources: wanted nothing but declared, found declared, first-party",
    ),
    "a shorter wait": (
        {"helicoptering": {"wait_after_location": "5m"}},
        "helicoptering.wait_after_location: wanted at least 1h, found 5m",
    ),
    "more familiar words": (
        {"helicoptering": {"familiarity_max": {"public": 1}}},
        (
            "helicoptering.familiarity_max: wanted at most 0 for public, "
            'found {"public": 1, "semi_private": 1, "private": 1}'
        ),
    ),
    "a larger share": (
        {"overcrowding": {"personalised_share_max": 0.5}},
        "overcrowding.personalised_share_max: wanted at most 0.25, found 0.5",
    ),
    "a cap that goes": (
        {"overcrowding": {"all_channels": [{"n": 10, "per": "14d"}]}},
        "overcrowding.all_channels: wanted a cap of at most 3 per 1d, found 10 per 14d",
    ),
    "a cap over less time": (
        {"overcrowding": {"all_channels": [{"n": 3, "per": "1d"}, {"n": 10, "per": "7d"}]}},
        "overcrowding.all_channels: wanted a cap of at most 10 per 14d, found 3 per 1d, 10 per 7d",
    ),
    "a switch on again": (
        {"category_jumping": {"or_declared_interest": True}},
        "category_jumping.or_declared_interest: wanted false, found true",
    ),
    "a topic less": (
        {"boudoir": {"categories": ["weight"]}},
        (
            "boudoir.categories: wanted all of alcohol, contraception, intimate, medical, pregnancy, "
            "weight, and more if you like, found weight"
        ),
    ),
    "a row after never": (
        {"boudoir": {"only_among": 60}},
        'boudoir.only_among: wanted "never", found 60',
    ),
    "a nearer use": (
        {"permission_distance": {"matrix": {"order_history": {"addon": 1}}}},
        "permission_distance.matrix: wanted at least 2 for order_history.addon, found {",
    ),
    "a use that the table did not name": (
        {"permission_distance": {"matrix": {"segment": {"addon": 2}}}},
        "permission_distance.matrix: wanted at least 3 for segment.addon, found {",
    ),
    "kept longer": (
        {"fact_decay": {"hard_retention": "91d"}},
        "fact_decay.hard_retention: wanted at most 90d, found 91d",
    ),
}

HELD = tightened(SHIPPED, TIGHTER)


def test_every_field_of_a_policy_says_which_direction_is_tighter() -> None:
    silent = [path for path, direction in directions().items() if direction is None]

    assert silent == []
    assert len(directions()) == 25


def test_nothing_but_the_groups_own_words_may_change_freely() -> None:
    free = {path for path, direction in directions().items() if direction is Tighter.FREE}

    assert free == {"values.risk_tolerance", "values.relationship"}


def test_a_tighter_file_replaces_what_it_names_and_leaves_the_rest() -> None:
    assert HELD.boudoir.only_among == "never"
    assert HELD.helicoptering.wait_after_location == timedelta(hours=1)
    assert HELD.helicoptering.familiarity_max.semi_private == 1
    assert HELD.permission_distance.matrix["order_history"] == {
        **SHIPPED.permission_distance.matrix["order_history"],
        "addon": 2,
    }
    assert HELD.moral_hazards.require == SHIPPED.moral_hazards.require


def test_saying_nothing_or_the_same_again_changes_nothing() -> None:
    assert tightened(SHIPPED, {}) == SHIPPED
    assert tightened(HELD, TIGHTER) == HELD
    assert tightened(SHIPPED, SHIPPED.model_dump(mode="json")) == SHIPPED


@pytest.mark.parametrize("looser", LOOSER.values(), ids=LOOSER)
def test_a_file_that_allows_more_is_refused_with_what_was_wanted_and_found(
    looser: tuple[dict[str, object], str],
) -> None:
    over, says = looser

    with pytest.raises(LoosenedError) as refused:
        tightened(HELD, over)

    assert [mistake.startswith(says) for mistake in refused.value.mistakes] == [True]


def test_all_that_is_loosened_is_said_at_once() -> None:
    with pytest.raises(LoosenedError) as refused:
        tightened(
            SHIPPED,
            {
                "boudoir": {"categories": [], "only_among": 2},
                "moral_hazards": {"require": [], "deny_tags": []},
            },
        )

    assert [mistake.partition(":")[0] for mistake in refused.value.mistakes] == [
        "boudoir.categories",
        "boudoir.only_among",
        "moral_hazards.require",
        "moral_hazards.deny_tags",
    ]


def test_an_unknown_key_is_refused_with_a_near_name() -> None:
    with pytest.raises(LoosenedError) as refused:
        tightened(SHIPPED, {"boudoir": {"only_amongst": 9}, "helicoptering": 3})

    assert len(refused.value.mistakes) == 2
    assert any('did you mean "only_among"' in mistake for mistake in refused.value.mistakes)


def test_more_caps_may_be_added_beside_those_that_hold() -> None:
    caps = [{"n": 6, "per": "1d"}, {"n": 15, "per": "7d"}, {"n": 2, "per": "1h"}]

    held: PolicyRules = tightened(SHIPPED, {"overcrowding": {"all_channels": caps}})

    assert len(held.overcrowding.all_channels) == 3
