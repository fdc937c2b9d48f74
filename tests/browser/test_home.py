"""The list of screens, the pages for operators and the message of an error, in a browser."""

import pytest
from playwright.sync_api import expect

from tests.browser.audit import axe, clipped, overflow_px, shoot, small_targets
from tests.browser.conftest import LiveServer, OpenPage, Pages
from tests.fakes.services import FakeShop

pytestmark = pytest.mark.browser

PLACES = {
    "home": "/",
    "ops": "/ops/",
    "decision": "/ops/decision?id={decision}",
    "licences": "/ops/licences",
    "not found": "/nowhere",
}


SIZES = [(1280, 800), (820, 1180), (390, 844)]


@pytest.mark.parametrize("locale", ["en-GB", "de-DE"])
@pytest.mark.parametrize("place", PLACES)
def test_every_page_is_whole_reachable_and_accessible(
    pages: Pages, server: LiveServer, shop: FakeShop, place: str, locale: str
) -> None:
    pages.expected.append("/nowhere")
    server.parts.boards.refresh()
    address = PLACES[place].format(decision=next(iter(shop.slates)))
    page = pages.open(address, size=SIZES[0], locale=locale)

    assert axe(page) == []
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        assert clipped(page) == []
        assert small_targets(page, 44) == []
        assert overflow_px(page)[0] <= 0
        shoot(page, f"{place}-{width}-{locale}")


def test_the_weather_switch_changes_what_is_chosen(open_page: OpenPage, shop: FakeShop) -> None:
    page = open_page("/", size=(1280, 800))
    page.get_by_role("button", name="Cold and wet").tap()

    expect(page.get_by_role("button", name="Cold and wet")).to_have_attribute(
        "aria-pressed", "true"
    )
    assert shop.weather is not None
    assert shop.weather.is_wet


def test_a_screen_opens_in_a_window_of_its_own(open_page: OpenPage) -> None:
    page = open_page("/", size=(1280, 800))

    with page.expect_popup() as popup:
        page.get_by_role("link", name="Coffee bar").tap()

    expect(popup.value.locator(".brand")).to_have_text("Harbour Kitchen")
