"""A till presents what it scanned: decisions are for that customer while they are there."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from edge.identity.presence import LASTS, Refusal
from edge.web.app import create_app
from edge.web.parts import parts_of
from edge.web.recognition_ports import ProductScanned, ScanRefused
from tests.fakes.recognition import ALEX_CODE, SAM_CODE, KnowingShop
from tests.fakes.services import FakeShop
from tests.web.conftest import browser

NOTHING = {"what": "nothing", "presence": None, "sku": None, "refusal": None}


@pytest.fixture
def shop() -> KnowingShop:
    return KnowingShop()


def scan(client: FlaskClient, text: str, screen: str = "till-1") -> dict[str, object]:
    answer = client.post("/api/v1/scan", json={"screen": screen, "text": text})
    assert answer.status_code == 200, answer.get_json()
    found: dict[str, object] = answer.get_json()
    return found


def decide(client: FlaskClient, **more: object) -> dict[str, object]:
    asked = {"placement": "kiosk-strip", "screen": "till-1", **more}
    answer = client.post("/api/v1/decide", json=asked)
    assert answer.status_code == 200, answer.get_json()
    found: dict[str, object] = answer.get_json()
    return found


def test_a_decision_with_a_presence_may_use_what_its_customer_allows(
    client: FlaskClient, shop: KnowingShop
) -> None:
    found = scan(client, ALEX_CODE)

    body = decide(client, presence=found["presence"])

    assert found["what"] == "customer"
    assert body["recognised"] is True
    assert shop.asked[-1].recognised == shop.recognition.alex.recognised()


def test_without_the_presence_the_same_till_asks_for_anybody(
    client: FlaskClient, shop: KnowingShop
) -> None:
    scan(client, ALEX_CODE)

    body = decide(client)

    assert body["recognised"] is False
    assert shop.asked[-1].recognised is None


@pytest.mark.parametrize("screen", ["till-1", "till-2"])
def test_a_presence_is_good_at_its_own_screen_alone(
    client: FlaskClient, shop: KnowingShop, screen: str
) -> None:
    found = scan(client, ALEX_CODE, "till-1")

    body = decide(client, presence=found["presence"], screen=screen)

    assert body["recognised"] is (screen == "till-1")


def test_the_next_customers_code_ends_the_presence_before_it(
    client: FlaskClient, shop: KnowingShop
) -> None:
    first = scan(client, ALEX_CODE)
    second = scan(client, SAM_CODE)

    assert decide(client, presence=first["presence"])["recognised"] is False
    assert decide(client, presence=second["presence"])["recognised"] is True


def test_after_its_time_a_presence_is_anybody(client: FlaskClient, shop: KnowingShop) -> None:
    found = scan(client, ALEX_CODE)
    shop.clock.advance(LASTS + timedelta(seconds=1))

    assert decide(client, presence=found["presence"])["recognised"] is False
    assert shop.asked[-1].recognised is None


def test_a_made_up_presence_is_anybody(client: FlaskClient, shop: KnowingShop) -> None:
    scan(client, ALEX_CODE)

    assert decide(client, presence="presence-99")["recognised"] is False


def test_a_board_is_asked_for_nobody_in_particular(client: FlaskClient, shop: KnowingShop) -> None:
    found = scan(client, ALEX_CODE)
    asked = {"placement": "board-hero", "screen": "till-1", "presence": found["presence"]}

    answer = client.post("/api/v1/decide", json=asked)

    assert answer.status_code == 422
    assert str(found["presence"]) not in answer.text
    assert shop.asked == []


def test_products_refusals_and_anything_else_are_told_apart(
    client: FlaskClient, shop: KnowingShop
) -> None:
    shop.recognition.codes["4006381333931"] = ProductScanned("latte")
    shop.recognition.codes["K1:OLD"] = ScanRefused(Refusal.LATE)

    assert scan(client, "4006381333931") == {**NOTHING, "what": "product", "sku": "latte"}
    assert scan(client, "K1:OLD") == {**NOTHING, "what": "refused", "refusal": "late"}
    assert scan(client, "https://example.org/") == NOTHING


def test_where_recognition_is_off_a_code_is_nothing_and_a_presence_nobody() -> None:
    shop = FakeShop()
    app = create_app(shop.services())
    client = browser(app)
    try:
        assert scan(client, ALEX_CODE) == NOTHING
        assert decide(client, presence="presence-1")["recognised"] is False
    finally:
        parts_of(app).hub.close()


def test_the_till_is_told_no_more_of_a_customer_than_that_they_are_there(
    client: FlaskClient, shop: KnowingShop
) -> None:
    answer = client.post("/api/v1/scan", json={"screen": "till-1", "text": ALEX_CODE})

    assert answer.get_json() == {**NOTHING, "what": "customer", "presence": "presence-1"}
    assert shop.recognition.alex.customer_id.hex() not in answer.text


@pytest.mark.parametrize(
    "body",
    [
        {"text": ALEX_CODE},
        {"screen": "till-1", "text": [ALEX_CODE]},
        {"screen": "till-1", "text": ALEX_CODE * 60},
        {"screen": "till-1", "code": ALEX_CODE},
        {"screen": ALEX_CODE, "text": "x"},
    ],
)
def test_a_refusal_does_not_repeat_what_may_be_a_code(
    client: FlaskClient, body: dict[str, object]
) -> None:
    answer = client.post("/api/v1/scan", json=body)
    broken = client.post(
        "/api/v1/scan", data=f'{{"text": "{ALEX_CODE}"', content_type="application/json"
    )

    assert (answer.status_code, broken.status_code) == (422, 400)
    assert "wanted" in answer.get_json()["detail"]
    assert "ALEX" not in answer.text + broken.text
