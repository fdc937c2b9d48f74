"""The tablet in a browser: large targets, two taps, and the news without a reload."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.audit import axe, clipped, overflow_px, shoot, small_targets
from tests.browser.conftest import LiveServer, OpenPage, Pages
from tests.fakes.services import FakeShop

pytestmark = pytest.mark.browser

SIZES = {"landscape": (1280, 800), "portrait": (820, 1180)}
PLACES = {
    "now": "/tablet/",
    "question": "/tablet/guide",
    "last question": "/tablet/guide?a=hot&a=sweet&a=either",
    "suggestions": "/tablet/guide?a=hot&a=either&a=either&a=either",
    "stock": "/tablet/stock",
}


def faults(page: Page) -> list[str]:
    wide, _ = overflow_px(page)
    too_wide = [f"{wide}px too wide"] if wide > 0 else []
    return axe(page) + clipped(page) + small_targets(page, 44) + too_wide


@pytest.mark.parametrize("locale", ["en-GB", "de-DE"])
@pytest.mark.parametrize("place", PLACES)
def test_every_page_is_whole_reachable_and_accessible(
    pages: Pages, server: LiveServer, shop: FakeShop, place: str, locale: str
) -> None:
    server.parts.help_desk.ask("kiosk-1")
    shop.sold_out = {"latte", "scone-cream"}
    page = pages.open(PLACES[place], size=SIZES["landscape"], locale=locale)

    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        assert faults(page) == []
        shoot(page, f"tablet-{place}-{size}-{locale}")


def test_a_product_is_sold_out_in_two_taps_and_back_by_one(
    open_page: OpenPage, shop: FakeShop
) -> None:
    page = open_page("/tablet/stock", size=SIZES["landscape"])

    page.locator("#row-espresso").tap()
    page.get_by_role("button", name="Mark sold out").tap()
    expect(page.get_by_text("Espresso is sold out.")).to_be_visible()
    assert shop.sold_out == {"espresso"}
    assert faults(page) == []
    shoot(page, "tablet-undo")

    page.get_by_role("button", name="Undo").tap()
    expect(page.get_by_text("Espresso is back in stock.")).to_be_visible()
    assert shop.sold_out == set()


def test_the_undo_goes_away_by_itself(open_page: OpenPage, shop: FakeShop) -> None:
    at_ms = int(shop.clock().timestamp() * 1000) - 9_500
    page = open_page(f"/tablet/stock?changed=espresso&at={at_ms}", size=SIZES["landscape"])

    expect(page.get_by_role("button", name="Undo")).to_have_count(0)


def test_a_call_for_help_appears_without_a_reload_and_is_taken(
    open_page: OpenPage, server: LiveServer
) -> None:
    page = open_page("/tablet/", size=SIZES["landscape"])
    hub = server.parts.hub
    page.wait_for_function("() => window.htmx")
    while hub.count("tablet-1") == 0:
        page.wait_for_timeout(50)

    call = server.parts.help_desk.ask("kiosk-1")
    page.get_by_role("button", name="I am coming").tap()

    expect(page.get_by_text("Someone is on the way")).to_be_visible()
    taken = server.parts.help_desk.get(call.help_id)
    assert taken is not None
    assert taken.seen_at is not None


def test_a_call_shows_on_the_other_pages_without_disturbing_them(
    open_page: OpenPage, server: LiveServer
) -> None:
    page = open_page("/tablet/guide?a=hot", size=SIZES["landscape"])
    question = page.locator("h1").inner_text()
    while server.parts.hub.count("tablet-1") == 0:
        page.wait_for_timeout(50)

    server.parts.help_desk.ask("kiosk-1")

    expect(page.locator("#tab-now .badge")).to_be_visible()
    assert page.locator("h1").inner_text() == question


def test_the_guide_leads_to_three_products_and_forgets(open_page: OpenPage, shop: FakeShop) -> None:
    page = open_page("/tablet/guide", size=SIZES["landscape"])
    answers = ("Something hot", "Either is fine", "Either is fine", "Show me both")
    for number, answer in enumerate(answers, 1):  # two questions have an answer of the same name
        expect(page.get_by_text(f"Question {number} of 4")).to_be_visible()
        page.get_by_role("link", name=answer).tap()

    expect(page.locator(".suggestion")).to_have_count(3)
    expect(page.locator("blockquote").first).to_be_visible()
    (asked,) = shop.asked
    assert asked.answers == (frozenset({"hot"}),)

    page.get_by_role("link", name="Start again").tap()
    expect(page.get_by_text("Question 1 of 4")).to_be_visible()
    assert page.url.endswith("/tablet/guide")


def test_the_weather_is_said_by_touch(open_page: OpenPage, shop: FakeShop) -> None:
    page = open_page("/tablet/", size=SIZES["landscape"])

    page.get_by_label("25°").tap()
    page.get_by_label("Rain or snow").tap()
    page.get_by_role("button", name="Save").tap()

    expect(page.get_by_text("Now: 25 °C, wet")).to_be_visible()
    assert shop.weather is not None
    assert (shop.weather.temp_c, shop.weather.is_wet) == (25.0, True)


def test_the_tablet_works_without_its_scripts(open_page: OpenPage, shop: FakeShop) -> None:
    page = open_page("/tablet/", size=SIZES["landscape"], scripts=False)

    page.get_by_role("link", name="Stock").tap()
    page.locator("#row-espresso").tap()
    page.get_by_role("button", name="Mark sold out").tap()

    expect(page.get_by_text("Espresso is sold out.")).to_be_visible()
    assert shop.sold_out == {"espresso"}
