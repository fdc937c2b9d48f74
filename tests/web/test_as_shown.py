"""What one decision shows of an offer: the words of its arm, what must be said, the shop's reasons."""

from dataclasses import replace

from edge.catalog.explanation import Explanation
from edge.catalog.site import Site
from edge.decide.values import Reason, Shown, Slate
from edge.web.as_shown import offer_as_shown, own_explanation
from tests.fakes.services import harbour_kitchen

SHOWN = Shown(0, "house-favourite", "cappuccino", 1.0, {}, Reason.HOUSE_FAVOURITE, 1.0)
SLATE = Slate("0" * 32, "kiosk-strip", (SHOWN,), "popular")


def _own(shown: Shown, site: Site | None = None, slate: Slate = SLATE) -> dict[str, str] | None:
    return own_explanation(site or harbour_kitchen(), slate, shown)


def test_an_arm_s_words_are_shown_where_the_decision_has_the_arm() -> None:
    site = harbour_kitchen()
    fresh = replace(SLATE, variants={"m.house.headline": "fresh"})

    said = [offer_as_shown(site, slate, SHOWN) for slate in (SLATE, fresh)]

    assert [offer.headline["en"] for offer in said if offer] == [
        "A favourite here on the quay",
        "Fresh today, here on the quay",
    ]


def test_a_product_without_an_offer_is_shown_as_itself() -> None:
    assert (
        offer_as_shown(harbour_kitchen(), SLATE, replace(SHOWN, offer_id="product:latte")) is None
    )


def test_the_shop_s_own_sentence_is_said_where_the_decision_chose_it() -> None:
    assert _own(SHOWN) is None
    assert _own(replace(SHOWN, explanation="x.trend", reason=Reason.POPULAR_NOW)) == {
        "en": "Many people here are ordering it now.",
        "de": "Viele bestellen es hier gerade.",
    }


def test_what_is_written_about_one_offer_is_said_of_that_offer_only() -> None:
    weather = replace(SHOWN, explanation="x.weather")

    assert _own(weather) is None
    assert _own(replace(weather, offer_id="warm-up", reason=Reason.WEATHER)) is not None


def test_a_paid_place_says_so_whatever_the_shop_wrote() -> None:
    paid = replace(SHOWN, offer_id="cocoa-partner", explanation="x.partner", is_sponsored=True)

    assert _own(paid) is None
    assert _own(replace(paid, is_sponsored=False, reason=Reason.SPONSORED)) is None


def test_a_sentence_about_a_liked_product_names_it_or_is_not_said() -> None:
    liked = Explanation(
        id="x.with", group="tastes", lang={"en": "Goes with {item}", "de": "Passt zu {item}"}
    )
    site = harbour_kitchen().model_copy(update={"explanations": (liked,)})
    shown = replace(SHOWN, explanation="x.with", reason=Reason.GOES_WITH_TASTES)

    assert _own(shown, site) is None
    assert _own(shown, site, replace(SLATE, because={"cappuccino": "croissant"})) == {
        "en": "Goes with Butter Croissant",
        "de": "Passt zu Buttercroissant",
    }
