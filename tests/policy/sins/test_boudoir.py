"""Boudoir: intimate topics are for no shared screen, and for nobody in particular."""

from dataclasses import replace

import pytest

from edge.catalog.policy_rules import SHIPPED
from edge.catalog.tighten import tightened
from edge.policy.scene import Considered, Scene
from edge.policy.sins.boudoir import judge
from tests.fakes import shop
from tests.fakes.scenes import BOARD, KIOSK, PHONE, STARS, considered, known_on, offer

INTIMATE = {
    "by its category": considered(product=shop.product("test", "pregnancy")),
    "by its tag": considered(product=shop.product("shake", "drink", tags=["weight"])),
    "by the offer's label": considered(offer(sensitivity="boudoir")),
    "by the offer's category": considered(offer(taxonomy={"category": "medical"})),
    "by the offer's tag": considered(offer(tags=["intimate"])),
}


@pytest.mark.parametrize("candidate", INTIMATE.values(), ids=INTIMATE)
@pytest.mark.parametrize("scene", [BOARD, KIOSK], ids=["board", "kiosk"])
def test_an_intimate_topic_stands_on_no_shared_screen_however_it_is_labelled(
    scene: Scene, candidate: Considered
) -> None:
    found = judge(candidate, scene, SHIPPED)

    assert found is not None
    assert (found.rule, found.detail) == ("boudoir", "on a shared screen")


@pytest.mark.parametrize("candidate", INTIMATE.values(), ids=INTIMATE)
def test_on_a_phone_it_may_stand_among_six_and_never_for_one_person(candidate: Considered) -> None:
    personal = Considered(candidate.product, candidate.offer, (STARS,))

    assert judge(candidate, PHONE, SHIPPED) is None
    assert judge(candidate, replace(PHONE, slots=5), SHIPPED) is not None
    assert judge(personal, known_on(PHONE), SHIPPED) is not None


def test_a_market_may_forbid_it_altogether_and_add_topics() -> None:
    never = tightened(SHIPPED, {"boudoir": {"only_among": "never"}})
    topics = [*SHIPPED.boudoir.categories, "scone"]
    more = tightened(SHIPPED, {"boudoir": {"categories": topics}})

    assert judge(considered(offer(tags=["intimate"])), replace(PHONE, slots=64), never) is not None
    assert judge(considered(), KIOSK, SHIPPED) is None
    assert judge(considered(), KIOSK, more) is not None
