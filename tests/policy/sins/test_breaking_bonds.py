"""Breaking bonds: a fact serves the purpose for which it was given, and no other."""

from dataclasses import replace

import pytest

from edge.catalog.policy_rules import SHIPPED
from edge.catalog.tighten import tightened
from edge.policy.scene import Fact
from edge.policy.sins.breaking_bonds import FOR_PARTNERS, judge
from tests.fakes.scenes import HISTORY, KIOSK, PHONE, STARS, considered, known_on, offer

TASTES_ONLY = known_on(KIOSK, purposes=frozenset({"tastes"}))


def test_what_rests_on_nothing_of_a_person_breaks_no_bond() -> None:
    assert judge(considered(), KIOSK, SHIPPED) is None
    assert judge(considered(None, Fact("basket", "addon")), KIOSK, SHIPPED) is None


def test_a_fact_is_used_only_under_the_purpose_it_was_given_for() -> None:
    assert judge(considered(None, STARS), TASTES_ONLY, SHIPPED) is None

    found = judge(considered(None, STARS, HISTORY), TASTES_ONLY, SHIPPED)

    assert found is not None
    assert (found.rule, found.detail) == ("breaking_bonds", "order_history without past_orders")


def test_a_fact_that_an_offer_says_it_uses_counts_like_one_behind_the_candidate() -> None:
    given = offer(uses=[{"fact": "order_history"}])

    assert judge(considered(given), TASTES_ONLY, SHIPPED) is not None
    assert judge(considered(given), known_on(KIOSK), SHIPPED) is None


def test_a_segment_was_given_for_no_purpose_at_all() -> None:
    assert judge(considered(None, Fact("segment", "addon")), known_on(PHONE), SHIPPED) is not None


def test_an_offer_that_needs_a_consent_waits_for_it() -> None:
    given = offer(needs={"consent": ["phone_offers"]})

    found = judge(considered(given), TASTES_ONLY, SHIPPED)

    assert found is not None
    assert found.detail == "needs phone_offers"
    assert judge(considered(given), known_on(KIOSK), SHIPPED) is None


@pytest.mark.parametrize(
    "candidate",
    [
        considered(offer(sponsored=True), STARS),
        considered(offer(), Fact("stars", "ad-partner")),
        considered(offer(sponsored=True, uses=[{"fact": "stars"}])),
    ],
    ids=["sponsored", "for a partner", "sponsored and says so"],
)
def test_no_fact_serves_whoever_pays_unless_exactly_that_was_allowed(candidate: object) -> None:
    everything = known_on(PHONE)
    allowed = replace(everything, purposes=everything.purposes | FOR_PARTNERS)
    never = tightened(SHIPPED, {"breaking_bonds": {"exports": "deny"}})

    assert judge(candidate, everything, SHIPPED) is not None  # type: ignore[arg-type]
    assert judge(candidate, allowed, SHIPPED) is None  # type: ignore[arg-type]
    assert judge(candidate, allowed, never) is not None  # type: ignore[arg-type]
    partner_only = replace(everything, purposes=FOR_PARTNERS)
    assert judge(candidate, partner_only, SHIPPED) is not None  # type: ignore[arg-type]
