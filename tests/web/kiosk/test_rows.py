"""A recommended row shows what is proposed, the way the shop proposes it."""

import pytest
from flask import Flask

from edge.decide.values import Reason, Shown, Slate
from edge.web.kiosk.cards import Shelf
from edge.web.kiosk.rows import row
from edge.web.kiosk.why import why
from tests.fakes.services import harbour_kitchen

SITE = harbour_kitchen()
PICTURES = [
    pytest.param("over-ice", "latte-iced.svg", id="offered over ice"),
    pytest.param("product:latte", "latte.svg", id="by itself"),
]


def slate(offer_id: str) -> Slate:
    shown = Shown(
        slot=0,
        offer_id=offer_id,
        sku="latte",
        score=1.0,
        parts={"moment": 1.0},
        reason=Reason.WEATHER,
        propensity=1.0,
    )
    return Slate("d-1", "kiosk-strip", (shown,), "fake")


@pytest.mark.parametrize(("offer_id", "picture"), PICTURES)
def test_a_row_shows_the_picture_of_the_offer(app: Flask, offer_id: str, picture: str) -> None:
    shelf = Shelf(SITE, frozenset(), "lunch", frozenset())

    with app.test_request_context():
        found = row(shelf, slate(offer_id), "this lunchtime")

    assert found is not None
    assert [one.card.product.picture for one in found.cards] == [picture]


@pytest.mark.parametrize(("offer_id", "picture"), PICTURES)
def test_the_answer_to_why_shows_what_the_row_showed(offer_id: str, picture: str) -> None:
    found = why(SITE, slate(offer_id), has_filter=False, has_fewer=False)

    assert [item.product.picture for item in found.items] == [picture]
