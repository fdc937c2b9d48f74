"""A kiosk that nobody touches asks once, and then forgets: in the page and in the service."""

import pytest
from playwright.sync_api import Page, expect

from edge.web.kiosk.request import KEY, Kiosk
from tests.browser.conftest import LiveServer, Pages
from tests.fakes.kiosk_visitor import KioskVisitor

pytestmark = pytest.mark.browser


@pytest.fixture
def page(pages: Pages) -> Page:
    page = pages.blank()
    page.clock.install()
    page.goto("/kiosk/")
    return page


@pytest.fixture
def visitor(page: Page) -> KioskVisitor:
    visitor = KioskVisitor(page)
    visitor.begin()
    return visitor


def going_on(server: LiveServer) -> int:
    kiosk: Kiosk = server.app.extensions[KEY]
    return len(kiosk.visits)


def pass_seconds(page: Page, seconds: float) -> None:
    page.clock.run_for(int(seconds * 1000))


def test_after_45_seconds_it_asks_and_after_20_more_it_forgets(
    page: Page, visitor: KioskVisitor, server: LiveServer
) -> None:
    visitor.add("latte")
    pass_seconds(page, 44)
    expect(page.locator("#idle")).to_be_hidden()
    pass_seconds(page, 2)
    expect(page.locator("#idle")).to_be_visible()
    expect(page.locator("#idle")).to_contain_text("Are you still there?")
    assert visitor.is_focused("#idle-more")
    assert going_on(server) == 1

    pass_seconds(page, 20)
    page.locator(".attract").wait_for()
    page.wait_for_load_state()

    assert going_on(server) == 0
    assert page.context.cookies(f"{server.url}/kiosk") == [
        cookie for cookie in page.context.cookies() if cookie["name"] != "kiosk_visit"
    ]
    assert page.evaluate("sessionStorage.length + localStorage.length") == 0
    page.go_back()
    page.wait_for_load_state()
    expect(page.locator(".attract, .start")).to_have_count(1)
    page.goto("/kiosk/menu")
    expect(page.locator(".attract")).to_have_count(1)


def test_more_time_can_be_asked_for_ten_times_and_more(
    page: Page, visitor: KioskVisitor, server: LiveServer
) -> None:
    visitor.add("latte")
    for _ in range(11):
        pass_seconds(page, 46)
        page.locator("#idle-more").tap()
        expect(page.locator("#idle")).to_be_hidden()

    expect(page.locator("#bar")).to_contain_text("£3.75")
    assert going_on(server) == 1


def test_a_touch_starts_the_time_again_and_the_service_hears_of_it(
    page: Page, visitor: KioskVisitor
) -> None:
    pass_seconds(page, 40)
    with page.expect_request("**/kiosk/alive") as told:
        page.locator("h1").tap()
        pass_seconds(page, 1)
    assert told.value.post_data_json == {"touched": True, "item": False}
    pass_seconds(page, 40)

    expect(page.locator("#idle")).to_be_hidden()


def test_an_open_product_has_60_seconds_and_is_wiped_as_well(
    page: Page, visitor: KioskVisitor, server: LiveServer
) -> None:
    visitor.open("latte")
    pass_seconds(page, 58)
    expect(page.locator("#idle")).to_be_hidden()
    pass_seconds(page, 3)
    expect(page.locator("#idle")).to_be_visible()
    pass_seconds(page, 20)
    page.locator(".attract").wait_for()

    assert going_on(server) == 0


def test_end_and_clear_ends_at_once(page: Page, visitor: KioskVisitor, server: LiveServer) -> None:
    pass_seconds(page, 46)
    page.locator("#idle-end").tap()
    page.locator(".attract").wait_for()

    assert going_on(server) == 0


def test_the_count_is_spoken_at_20_10_and_5_only(page: Page, visitor: KioskVisitor) -> None:
    assert visitor.page is page
    page.evaluate(
        """() => { window.said = [];
        const say = document.getElementById('idle-say');
        new MutationObserver(() => window.said.push(say.textContent))
          .observe(say, {childList: true}); }"""
    )
    pass_seconds(page, 62)

    said: list[str] = page.evaluate("window.said")
    assert said == ["20 seconds left", "10 seconds left", "5 seconds left"]


def test_the_second_screen_returns_to_the_first_by_itself(pages: Pages) -> None:
    page = pages.blank()
    page.clock.install()
    page.goto("/kiosk/start?lang=de")
    pass_seconds(page, 46)

    page.locator(".attract").wait_for()


def test_the_number_goes_away_after_20_seconds(
    page: Page, visitor: KioskVisitor, server: LiveServer
) -> None:
    visitor.add("latte")
    visitor.to_review(nudged=True)
    page.locator("#no-thanks").tap()
    visitor.closed()
    page.locator("#order").tap()
    page.locator(".done-number").wait_for()
    page.wait_for_load_state()
    pass_seconds(page, 18)
    expect(page.locator(".done-number")).to_be_visible()
    pass_seconds(page, 3)
    page.locator(".attract").wait_for()

    assert going_on(server) == 0


def test_a_page_whose_service_is_away_forgets_alone(
    page: Page, visitor: KioskVisitor, server: LiveServer, pages: Pages
) -> None:
    pages.expected += ["ERR_CONNECTION", "ERR_INCOMPLETE", "ERR_EMPTY", "live?screen", "htmx:"]
    visitor.add("latte")
    server.stop()
    pass_seconds(page, 66)

    expect(page.locator("#resting")).to_be_visible()
    assert "Latte" not in page.content()
