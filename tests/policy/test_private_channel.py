"""What may be seen by whom."""

import pytest

from edge.catalog.policy_rules import SHIPPED
from edge.policy.private_channel import judge
from tests.fakes.scenes import SCREENS, considered, offer


@pytest.mark.parametrize(
    ("privacy", "screens"),
    [
        ("public", ["signage", "kiosk", "phone"]),
        ("semi-private", ["kiosk", "phone"]),
        ("private", ["phone"]),
    ],
)
def test_an_offer_stands_on_no_more_public_a_screen_than_it_says(
    privacy: str, screens: list[str]
) -> None:
    given = considered(offer(audience_privacy=privacy))

    shown = [scene.surface for scene in SCREENS if judge(given, scene, SHIPPED) is None]

    assert shown == screens


@pytest.mark.parametrize("sensitivity", ["personal", "boudoir"])
def test_what_is_sensitive_stands_on_private_screens_only(sensitivity: str) -> None:
    given = considered(offer(sensitivity=sensitivity))

    shown = [scene.surface for scene in SCREENS if judge(given, scene, SHIPPED) is None]

    assert shown == ["phone"]


def test_a_product_of_the_menu_may_stand_anywhere() -> None:
    assert [judge(considered(), scene, SHIPPED) for scene in SCREENS] == [None] * 3
