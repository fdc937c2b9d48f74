"""What happens at kiosks without a touch: visits run out, stock changes."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from edge.identity.presence import Refusal
from edge.web.kiosk.surface import screens_of
from edge.web.live import Subscriber
from edge.web.parts import parts_of
from edge.web.recognition_ports import CustomerScanned, NothingScanned, ProductScanned, ScanRefused
from tests.fakes.recognition import FakeRecognition, KnowingShop
from tests.fakes.services import FakeShop
from tests.fakes.shopper import Shopper


@pytest.fixture
def stream(app: Flask) -> Iterator[Subscriber]:
    with parts_of(app).hub.subscribed("kiosk-1") as subscriber:
        assert subscriber is not None
        yield subscriber


def heard(stream: Subscriber) -> list[tuple[str, str]]:
    return [(event.name, event.text) for event in stream.take(0)]


def test_open_kiosks_hear_which_products_changed_and_only_then(
    app: Flask, shop: FakeShop, stream: Subscriber
) -> None:
    screens = screens_of(app)
    screens.refresh()
    assert heard(stream) == []

    shop.sold_out.update({"latte", "espresso"})
    screens.refresh()
    assert heard(stream) == [("stock", '{"skus":["espresso","latte"]}')]
    screens.refresh()
    assert heard(stream) == []

    shop.sold_out.remove("latte")
    screens.refresh()
    assert heard(stream) == [("stock", '{"skus":["latte"]}')]


def test_a_crashed_page_leaves_nothing_behind(
    app: Flask, client: FlaskClient, shop: FakeShop, stream: Subscriber
) -> None:
    shopper = Shopper(client)
    shopper.begin()
    shopper.add("latte")
    shopper.send("/kiosk/help")
    shop.clock.advance(timedelta(seconds=75))

    screens_of(app).refresh()

    assert heard(stream) == [("visit-over", "{}")]
    assert parts_of(app).help_desk.open() == ()
    assert client.get("/kiosk/menu").headers["Location"] == "/kiosk/"


class TestKnowing:
    """Screens that may know somebody."""

    @pytest.fixture
    def shop(self, knowing: KnowingShop) -> KnowingShop:
        return knowing

    def test_a_page_hears_who_comes_and_who_goes_and_of_nobody_twice(
        self, app: Flask, recognition: FakeRecognition, stream: Subscriber
    ) -> None:
        screens = screens_of(app)
        recognition.arrive("kiosk-1")
        screens.arrived("kiosk-1")
        screens.refresh()
        assert heard(stream) == [("known", "{}")]

        recognition.leave("kiosk-1")
        screens.left("kiosk-1")
        screens.left("kiosk-1")
        screens.refresh()
        assert heard(stream) == [("neutral", "{}")]

    def test_another_person_is_another_event(
        self, app: Flask, recognition: FakeRecognition, stream: Subscriber
    ) -> None:
        for _ in range(2):
            recognition.arrive("kiosk-1")
            screens_of(app).arrived("kiosk-1")
            assert heard(stream) == [("known", "{}")]

    def test_a_presence_that_runs_out_is_told_without_anybody_calling(
        self, app: Flask, recognition: FakeRecognition, shopper: Shopper, stream: Subscriber
    ) -> None:
        assert shopper.token
        recognition.arrive("kiosk-1")
        screens_of(app).refresh()
        heard(stream)
        recognition.leave("kiosk-1")
        screens_of(app).refresh()

        assert heard(stream) == [("neutral", "{}")]

    def test_a_slow_page_hears_last_what_holds_now(
        self, app: Flask, recognition: FakeRecognition, stream: Subscriber
    ) -> None:
        recognition.arrive("kiosk-1")
        screens_of(app).arrived("kiosk-1")
        recognition.leave("kiosk-1")
        screens_of(app).left("kiosk-1")

        assert heard(stream)[-1] == ("neutral", "{}")

    def test_a_visit_meets_them_before_it_asks_for_anything(
        self, app: Flask, recognition: FakeRecognition, shopper: Shopper, shop: KnowingShop
    ) -> None:
        assert shopper.token
        shop.clock.advance(timedelta(seconds=50))
        recognition.arrive("kiosk-1")
        screens_of(app).arrived("kiosk-1")
        shop.clock.advance(timedelta(seconds=59))

        assert shopper.client.get("/kiosk/menu").status_code == 200

    def test_whom_no_visit_takes_up_is_let_go(
        self, app: Flask, recognition: FakeRecognition, shop: KnowingShop, stream: Subscriber
    ) -> None:
        screens = screens_of(app)
        recognition.arrive("kiosk-1")
        screens.refresh()
        shop.clock.advance(timedelta(seconds=59))
        screens.refresh()
        assert recognition.presence("kiosk-1") is not None
        shop.clock.advance(timedelta(seconds=1))
        screens.refresh()

        assert recognition.presence("kiosk-1") is None
        assert [name for name, _ in heard(stream)] == ["known", "neutral"]

    def test_a_crashed_page_takes_its_customer_with_it(
        self, app: Flask, recognition: FakeRecognition, shopper: Shopper, shop: KnowingShop
    ) -> None:
        recognition.arrive("kiosk-1")
        shopper.client.get("/kiosk/menu")
        shop.clock.advance(timedelta(seconds=60))
        screens_of(app).refresh()

        assert recognition.presence("kiosk-1") is None

    def test_an_invitation_comes_and_goes_and_not_to_somebody_known(
        self, app: Flask, recognition: FakeRecognition, stream: Subscriber
    ) -> None:
        screens = screens_of(app)
        recognition.invited.add("kiosk-1")
        screens.refresh()
        screens.refresh()
        assert heard(stream) == [("invited", "{}")]

        recognition.arrive("kiosk-1")
        screens.refresh()
        assert sorted(heard(stream)) == [("invited", "{}"), ("known", "{}")]

    def test_what_a_camera_read_reaches_the_page_in_few_words(
        self, app: Flask, recognition: FakeRecognition, stream: Subscriber
    ) -> None:
        screens = screens_of(app)
        screens.scanned("kiosk-1", ProductScanned("croissant"))
        assert heard(stream) == [("scanned", '{"scanned":"product","sku":"croissant"}')]
        screens.scanned("kiosk-1", ScanRefused(Refusal.USED))
        assert heard(stream) == [("scanned", '{"scanned":"refused","refusal":"used"}')]
        screens.scanned("kiosk-1", NothingScanned())
        assert heard(stream) == []
        screens.scanned("kiosk-1", CustomerScanned(recognition.arrive("kiosk-1")))
        assert heard(stream) == [("known", "{}")]
