"""Every place and language of an offer is shown by the real screens, before a shopper sees it."""

import re

import pytest
from flask.testing import FlaskClient

from edge.catalog.site import Site
from edge.web.preview.pages import create_preview
from edge.web.preview.scenes import PreviewScene, scenes
from tests.fakes.services import UI, harbour_kitchen


def _places(shown: tuple[PreviewScene, ...], language: str = "en") -> list[tuple[str, str]]:
    mine = [one for one in shown if one.language == language and not one.variants]
    return list(dict.fromkeys((one.kind, one.place) for one in mine))


def _with_headline(text: str) -> Site:
    site = harbour_kitchen()
    offers = [
        one.model_copy(update={"headline": {"en": text, "de": text}}) if one.offer == "warm-up" else one
        for one in site.offers
    ]  # fmt: skip
    return site.model_copy(update={"offers": tuple(offers)})


def test_an_offer_is_shown_at_each_place_it_is_written_for_in_every_language() -> None:
    shown = scenes(harbour_kitchen(), "warm-up")

    assert _places(shown) == _places(shown, "de")
    assert _places(shown) == [
        ("kiosk", "kiosk-strip"),
        ("kiosk", "kiosk-empty"),
        ("board", "coffee-bar"),
        ("tablet", "tablet-guide"),
        ("phone", "offers"),
    ]


def test_each_product_that_may_stand_at_a_place_is_seen_there() -> None:
    site = harbour_kitchen()
    heroes = [one for one in scenes(site, "house-favourite") if one.place == "tea-bakery"]

    # The hero of that board shows tea and baking only.
    assert {one.skus for one in heroes} == {("scone-cranberry",)}


def test_what_only_a_till_says_has_no_scene() -> None:
    assert scenes(harbour_kitchen(), "scone-for-later") == ()


def test_each_variant_of_a_module_is_shown() -> None:
    shown = scenes(harbour_kitchen(), "house-favourite")

    assert {one.variants for one in shown} == {"", "m.house.headline fresh"}
    assert {one.offer.headline["en"] for one in shown} == {
        "A favourite here on the quay",
        "Fresh today, here on the quay",
    }


@pytest.fixture
def client() -> FlaskClient:
    return create_preview(harbour_kitchen(), UI, "house-favourite").test_client()


def test_every_scene_is_a_page_with_the_words_of_the_offer(client: FlaskClient) -> None:
    for number, scene in enumerate(scenes(harbour_kitchen(), "house-favourite")):
        page = client.get(f"/scene/{number}")
        assert page.status_code == 200, scene.name
        assert f'<html lang="{scene.language}' in page.text
        if scene.kind in {"board", "phone"}:
            assert scene.offer.headline[scene.language] in page.text, scene.name


def test_the_first_page_lists_every_scene_in_a_frame_of_its_own(client: FlaskClient) -> None:
    index = client.get("/").text

    frames = re.findall(r'<iframe src="/scene/(\d+)"', index)
    assert len(frames) == len(scenes(harbour_kitchen(), "house-favourite"))
    assert client.get(f"/scene/{len(frames)}").status_code == 404


def test_a_preview_loads_from_itself_only_and_runs_no_script(client: FlaskClient) -> None:
    page = client.get("/scene/0")

    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "script-src" not in page.headers["Content-Security-Policy"]
    assert "http://" not in page.text
    assert "<script" not in page.text


def test_words_of_an_offer_cannot_become_markup() -> None:
    site = _with_headline("<b>bold</b>")
    client = create_preview(site, UI, "warm-up").test_client()

    for number, _ in enumerate(scenes(site, "warm-up")):
        assert "<b>bold" not in client.get(f"/scene/{number}").text


def test_what_must_stand_beside_an_offer_stands_on_card_board_and_list() -> None:
    site = _with_headline("Warm")
    legal = {"en": "While stocks last", "de": "Solange der Vorrat reicht"}
    offers = tuple(one.model_copy(update={"legal": legal}) for one in site.offers)
    site = site.model_copy(update={"offers": offers})
    client = create_preview(site, UI, "warm-up").test_client()

    said = {
        scene.kind
        for number, scene in enumerate(scenes(site, "warm-up"))
        if legal[scene.language] in client.get(f"/scene/{number}").text
    }

    assert said == {"kiosk", "board", "phone"}
