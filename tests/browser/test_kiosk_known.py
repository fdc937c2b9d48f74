"""A customer at a kiosk in a real browser: known by a code, and gone without a trace."""

import pytest
from playwright.sync_api import Page, expect

from edge.web.kiosk.surface import screens_of
from edge.web.recognition_ports import ProductScanned
from tests.browser.conftest import LiveServer, Pages
from tests.fakes.kiosk_visitor import KioskVisitor
from tests.fakes.recognition import ALEX_CODE, KnowingShop

pytestmark = pytest.mark.browser

PERSONAL = "[data-personal]"
EAN = "5000159407236"


@pytest.fixture
def shop() -> KnowingShop:
    return KnowingShop()


def at_the_menu(pages: Pages, *, has_clock: bool = False) -> tuple[Page, KioskVisitor]:
    page = pages.blank()
    if has_clock:
        page.clock.install()
    page.goto("/kiosk/")
    visitor = KioskVisitor(page)
    visitor.begin()
    return page, visitor


LISTEN = """async () => {
  const kiosk = await import(document.querySelector('script[src$="/kiosk.js"]').src);
  window.heard = new Promise(heard => kiosk.stream.addEventListener('beat', heard, {once: true}));
}"""


def pass_seconds(page: Page, server: LiveServer, seconds: int) -> None:
    """Let time pass for a page that goes on hearing signs of life."""
    for _ in range(0, seconds, 5):
        page.evaluate(LISTEN)
        server.parts.hub.publish("kiosk-1", "beat", 1)
        page.evaluate("window.heard.then(() => true)")
        page.clock.run_for(5000)


def test_a_scanners_keys_lead_to_a_welcome_and_a_persons_to_nothing(
    pages: Pages, shop: KnowingShop
) -> None:
    page = pages.open("/kiosk/")
    visitor = KioskVisitor(page)
    page.locator(".attract-all").focus()
    swallowed = visitor.scan(ALEX_CODE)

    expect(page.locator(".start .known")).to_contain_text("Welcome back")
    # The link that had the focus heard neither the spaces nor the end of the code.
    assert swallowed == f"{ALEX_CODE[3:]}Enter"
    assert shop.recognition.texts == [ALEX_CODE]
    page.locator(".tile").first.tap()
    expect(page.locator(".usual")).to_be_visible()
    visitor.scan("1234567")
    assert shop.recognition.texts == [ALEX_CODE]
    page.locator("#to-review").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#to-menu")).to_be_visible()


def test_a_product_before_a_visit_begins_one_where_it_is_open(
    pages: Pages, shop: KnowingShop, server: LiveServer
) -> None:
    shop.recognition.codes[EAN] = ProductScanned("croissant-almond")
    page = pages.open("/kiosk/")
    KioskVisitor(page).scan(EAN)
    expect(page.locator("#dialog[open] .scanned")).to_be_visible()
    page.keyboard.press("Escape")
    page.reload()
    page.wait_for_load_state()
    expect(page.locator("#dialog")).to_be_hidden()

    # A camera's reading reaches the open page, and opens it there.
    screens_of(server.app).scanned("kiosk-1", ProductScanned("croissant"))
    expect(page.locator("#dialog[open] #dialog-title")).to_have_text("Butter Croissant")


def test_it_leaves_the_screen_as_soon_as_the_customer_does(
    pages: Pages, shop: KnowingShop, server: LiveServer
) -> None:
    page, visitor = at_the_menu(pages)
    visitor.add("latte")
    shop.recognition.arrive("kiosk-1")
    screens_of(server.app).arrived("kiosk-1")
    expect(page.locator(".usual")).to_be_visible()
    visitor.dialog("#why-usual", "#show-details")

    shop.recognition.leave("kiosk-1")
    screens_of(server.app).left("kiosk-1")
    expect(page.locator(PERSONAL)).to_have_count(0, timeout=1000)
    expect(page.locator("#dialog")).to_be_hidden()
    expect(page.locator(".guest")).to_contain_text("as a guest")
    expect(page.locator("#bar")).to_contain_text("1 item")


def test_the_time_is_shorter_and_what_is_theirs_is_blurred_while_it_asks(
    pages: Pages, server: LiveServer, shop: KnowingShop
) -> None:
    page, visitor = at_the_menu(pages, has_clock=True)
    visitor.scan(ALEX_CODE)
    page.clock.run_for(200)
    expect(page.locator(".usual")).to_be_visible()
    pass_seconds(page, server, 25)
    expect(page.locator("#idle")).to_be_hidden()
    pass_seconds(page, server, 10)
    expect(page.locator("#idle")).to_be_visible()
    expect(page.locator(".usual")).to_have_css("filter", "blur(18px)")
    page.locator("#idle-more").tap()
    expect(page.locator(".usual")).to_have_css("filter", "none")

    pass_seconds(page, server, 45)
    page.clock.run_for(6000)
    page.locator(".attract").wait_for()
    assert shop.recognition.presence("kiosk-1") is None


def test_a_page_that_nobody_tells_anything_lets_go_by_itself(
    pages: Pages, server: LiveServer, shop: KnowingShop
) -> None:
    pages.expected += ["ERR_CONNECTION", "ERR_INCOMPLETE", "ERR_EMPTY", "live?screen", "htmx:"]
    page, visitor = at_the_menu(pages, has_clock=True)
    visitor.scan(ALEX_CODE)
    page.clock.run_for(200)
    expect(page.locator(".usual")).to_be_visible()
    # The stream is silent: nobody could say that they left.
    page.clock.run_for(16_000)
    expect(page.locator(PERSONAL)).to_have_count(0)
    assert shop.recognition.presence("kiosk-1") is not None

    # Their time runs out while the service is away.
    server.parts.hub.publish("kiosk-1", "beat", 1)
    page.locator("#to-review").tap()
    page.locator(".known").wait_for()
    server.stop()
    page.clock.run_for(4_000)
    expect(page.locator(PERSONAL)).to_have_count(0)
