"""A code before a kiosk: a customer's, a product's, or nothing of ours."""

import pytest
from flask import Flask

from edge.identity.presence import Refusal
from edge.web.app import create_app
from edge.web.kiosk.codes import told
from edge.web.recognition_ports import NothingScanned, ProductScanned, ScanRefused
from tests.fakes.recognition import ALEX_CODE, FakeRecognition, KnowingShop
from tests.fakes.services import FakeShop
from tests.fakes.shopper import Shopper
from tests.web.conftest import browser

EAN = "5000159407236"


@pytest.fixture
def shop(knowing: KnowingShop) -> KnowingShop:
    return knowing


def scan(shopper: Shopper, text: object, screen: str = "kiosk-1") -> object:
    return shopper.tell("/kiosk/scan", {"text": text, "screen": screen}).json


def test_a_customer_is_recognised_before_they_touch_anything(
    passer_by: Shopper, recognition: FakeRecognition
) -> None:
    assert scan(passer_by, ALEX_CODE, "kiosk-2") == {"scanned": "customer"}

    assert recognition.presence("kiosk-2") is not None
    assert recognition.presence("kiosk-1") is None
    page = passer_by.client.get("/kiosk/start?screen=kiosk-2").text
    assert "Welcome back" in page
    assert "You order as a guest" not in page


def test_the_visit_decides_the_screen_whatever_the_page_says(
    shopper: Shopper, recognition: FakeRecognition
) -> None:
    scan(shopper, ALEX_CODE, "kiosk-2")

    assert recognition.presence("kiosk-1") is not None


def test_an_answer_never_holds_the_code(shopper: Shopper, recognition: FakeRecognition) -> None:
    recognition.codes = {EAN: ProductScanned("croissant"), "K1:LATE!": ScanRefused(Refusal.LATE)}

    assert scan(shopper, EAN) == {"scanned": "product", "sku": "croissant"}
    assert scan(shopper, "K1:LATE!") == {"scanned": "refused", "refusal": "late"}
    assert scan(shopper, "https://evil.example/") == {"scanned": "nothing"}


@pytest.mark.parametrize("text", ["1234567", "x" * 513, "", None, 12345678, ["a"] * 9])
def test_what_cannot_be_a_code_is_not_even_looked_at(
    shopper: Shopper, recognition: FakeRecognition, text: object
) -> None:
    assert scan(shopper, text) == {"scanned": "nothing"}
    assert recognition.texts == []


@pytest.mark.parametrize("length", [8, 512])
def test_the_shortest_and_the_longest_code_are_taken(
    shopper: Shopper, recognition: FakeRecognition, length: int
) -> None:
    scan(shopper, "9" * length)

    assert recognition.texts == ["9" * length]


def test_a_body_that_is_no_object_is_nothing(shopper: Shopper) -> None:
    assert shopper.tell("/kiosk/scan", [ALEX_CODE]).json == {"scanned": "nothing"}


def test_a_page_that_missed_an_event_can_ask(
    passer_by: Shopper, recognition: FakeRecognition
) -> None:
    recognition.invited.add("kiosk-1")
    assert passer_by.client.get("/kiosk/here?screen=kiosk-1").json == {
        "known": False,
        "invited": True,
    }
    recognition.arrive("kiosk-1")
    answer = passer_by.client.get("/kiosk/here?screen=kiosk-1")
    assert answer.json is not None
    assert answer.json["known"] is True


def test_asking_who_is_here_does_not_lengthen_a_visit(shopper: Shopper, shop: KnowingShop) -> None:
    for _ in range(4):
        shop.clock.advance(shop.timers.guest / 2)
        shopper.client.get("/kiosk/here?screen=kiosk-1")

    assert shopper.client.get("/kiosk/menu").headers["Location"] == "/kiosk/"


def test_a_scanned_product_shows_price_allergens_and_what_goes_with_it(
    shopper: Shopper, shop: KnowingShop
) -> None:
    dialog = shopper.tap("/kiosk/scanned/croissant-almond").text

    for words in ("You scanned this", "Almond Croissant", "£3.75", "Nuts", "Goes with it"):
        assert words in dialog
    asked = shop.asked[-1]
    assert (asked.placement_id, asked.basket) == ("kiosk-nudge", ("croissant-almond",))


def test_what_goes_with_it_is_recorded_when_it_is_touched(
    shopper: Shopper, shop: KnowingShop
) -> None:
    shopper.tap("/kiosk/scanned/croissant-almond")
    slate = next(s for s in shop.slates.values() if s.placement_id == "kiosk-nudge")
    sku = slate.shown[0].sku
    shopper.tap(f"/kiosk/item/{sku}?decision={slate.decision_id}&slot=0")

    assert [(e.kind, e.slot) for e in shop.engagements] == [("tap", 0)]


def test_a_scanned_product_that_is_sold_out_says_so(shopper: Shopper, shop: KnowingShop) -> None:
    shop.sold_out.add("croissant")

    assert "Sold out today" in shopper.tap("/kiosk/scanned/croissant").text


def test_a_product_before_a_visit_begins_one_as_a_guest(passer_by: Shopper, app: Flask) -> None:
    passer_by.begin()
    fields = {"csrf_token": passer_by.token, "screen": "kiosk-1", "scanned": "croissant"}
    answer = passer_by.client.post("/kiosk/start", data=fields)

    assert answer.headers["Location"] == "/kiosk/menu?scanned=croissant"
    page = passer_by.client.get("/kiosk/menu?scanned=croissant").text
    assert 'data-open="/kiosk/scanned/croissant"' in page
    assert "You are ordering as a guest" in page
    other = browser(app).post("/kiosk/start", data={**fields, "scanned": "<b>"})
    assert "scanned" not in other.headers.get("Location", "")


@pytest.mark.parametrize(
    ("language", "way_out"), [("en", "Order as guest"), ("de", "Als Gast bestellen")]
)
def test_every_refusal_has_words_of_its_own_and_a_way_to_order(
    passer_by: Shopper, language: str, way_out: str
) -> None:
    query = f"lang={language}&screen=kiosk-1"
    sheets = [passer_by.tap(f"/kiosk/refused/{one.value}?{query}").text for one in Refusal]

    assert len(set(sheets)) == len(Refusal)
    assert all(way_out in sheet for sheet in sheets)


def test_a_refusal_that_does_not_exist_is_no_page(passer_by: Shopper) -> None:
    assert passer_by.is_sent_home("/kiosk/refused/%3Cscript%3E")


def test_a_refusal_on_the_first_picture_opens_over_the_start(passer_by: Shopper) -> None:
    page = passer_by.client.get("/kiosk/start?screen=kiosk-1&lang=en&refused=late").text

    assert 'data-open="/kiosk/refused/late?screen=kiosk-1&amp;lang=en"' in page


def test_nothing_says_nothing() -> None:
    assert told(NothingScanned()) == {"scanned": "nothing"}


def test_without_recognition_none_of_it_exists() -> None:
    app = create_app(FakeShop().services())
    paths = {rule.rule for rule in app.url_map.iter_rules()}
    for path in ("pair", "pair.svg", "here", "scan", "standing", "personal/leave", "invite"):
        assert f"/kiosk/{path}" not in paths
    client = browser(app)
    Shopper(client).begin()

    for path in ("/kiosk/menu", "/kiosk/start", "/kiosk/"):
        page = client.get(path).text
        assert "scan.js" not in page
        assert "tastes" not in page
