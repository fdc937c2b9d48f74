"""A person at the kiosk, in a browser: orders, decides, is asked once, and leaves nothing."""

import pytest
from playwright.sync_api import Page, expect

from edge.web.kiosk.surface import screens_of
from edge.web.ports import StockChange
from tests.browser.conftest import LiveServer, Pages
from tests.fakes.kiosk_visitor import KioskVisitor
from tests.fakes.services import FakeShop

pytestmark = pytest.mark.browser


@pytest.fixture
def page(pages: Pages) -> Page:
    return pages.open("/kiosk/")


@pytest.fixture
def visitor(page: Page) -> KioskVisitor:
    return KioskVisitor(page)


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_person_orders_from_the_first_touch_to_the_number(
    page: Page, shop: FakeShop, language: str
) -> None:
    visitor = KioskVisitor(page, language)
    visitor.begin("eat_in")
    visitor.open("latte")
    page.locator("label", has=page.locator("[value=oat]")).tap()
    expect(page.locator("#item-sum")).to_contain_text("Gluten")
    page.locator("[data-step='1']").tap()
    expect(page.locator(".quantity")).to_have_text("2")
    expect(page.locator("#add")).to_contain_text("£7.50" if language == "en" else "7,50\xa0£")
    page.locator("#add").tap()
    visitor.closed()
    visitor.go_to("tea")
    visitor.add("tea-green")
    visitor.to_review(nudged=True)
    page.locator("#no-thanks").tap()
    visitor.closed()
    page.locator("#order").tap()

    thanks = {"en": "Thank you. Your number is", "de": "Danke. Ihre Nummer ist"}[language]
    expect(page.locator(".done-thanks")).to_have_text(thanks)
    expect(page.locator(".done-number")).to_have_text("1")
    (order,) = shop.orders
    assert order.service == "eat_in"
    assert [(x.line.sku, x.line.options["milk"], x.line.quantity) for x in order.lines[:1]] == [
        ("latte", ("oat",), 2)
    ]
    page.locator(".done").tap()
    page.locator(".attract").wait_for()
    page.go_back()
    expect(page.locator(".attract, .start")).to_have_count(1)
    assert "latte" not in page.content().lower()


def test_the_suggestion_is_added_counted_and_removed(
    page: Page, visitor: KioskVisitor, shop: FakeShop
) -> None:
    visitor.begin()
    visitor.add("latte")
    visitor.to_review(nudged=True)
    assert visitor.is_focused("#no-thanks"), "declining comes first"
    no, yes = (page.locator(f).bounding_box() for f in ("#no-thanks", "#yes-please"))
    assert no is not None
    assert yes is not None
    assert (no["width"], no["height"]) == (yes["width"], yes["height"])
    nudged = page.locator(".nudge h3").inner_text()
    page.locator("#yes-please").tap()
    visitor.closed()
    expect(page.locator("#line-2")).to_contain_text(nudged)
    page.locator("#more-2").tap()
    expect(page.locator("#line-2 .quantity")).to_have_text("2")
    assert visitor.is_focused("#more-2")
    page.locator("#remove-2").tap()
    expect(page.locator(".line")).to_have_count(1)

    assert [e.kind for e in shop.engagements if e.slot is not None] == ["add"]


def test_a_tap_repaints_only_what_it_changes(page: Page, visitor: KioskVisitor) -> None:
    visitor.begin()
    page.evaluate("document.querySelectorAll('.tab, .bottom button').forEach(e => e.kept = true)")

    visitor.go_to("tea")
    visitor.add("tea-green")

    kept = page.evaluate(
        "[...document.querySelectorAll('.tab, .bottom button')].every(e => e.kept)"
    )
    assert kept
    assert page.locator(".tab[aria-current]").get_attribute("data-tab") == "tea"
    assert page.evaluate("document.querySelector('#cards').dataset.section") == "tea"


def test_a_row_is_recorded_as_seen_only_when_it_was(
    page: Page, visitor: KioskVisitor, shop: FakeShop
) -> None:
    with page.expect_request("**/kiosk/seen") as seen:
        visitor.begin()
    decision = page.locator(".strip").get_attribute("data-decision")
    assert seen.value.post_data_json == {"decision": decision}
    response = seen.value.response()
    assert response is not None
    response.finished()
    assert [(e.kind, e.decision_id) for e in shop.engagements] == [("exposure", decision)]

    page.locator("#list").evaluate("list => list.scrollTo(0, 900)")
    visitor.add("espresso")
    page.wait_for_timeout(1300)
    assert len(shop.engagements) == 1, "a row that is scrolled away was not seen"


def test_no_thanks_leads_to_the_review_and_nobody_is_asked_twice(
    page: Page, visitor: KioskVisitor, shop: FakeShop
) -> None:
    visitor.begin()
    visitor.add("latte")
    visitor.to_review(nudged=True)
    page.locator("#no-thanks").tap()
    visitor.closed()
    expect(page.locator(".line")).to_have_count(1)
    page.locator("#to-menu").tap()
    page.locator("#cards").wait_for()
    visitor.to_review(nudged=False)
    page.locator("#order").wait_for()

    expect(page.locator("#dialog[open]")).to_have_count(0)
    assert [e.kind for e in shop.engagements if e.kind == "dismiss"] == ["dismiss"]


def test_what_sells_out_turns_grey_while_somebody_looks(
    page: Page, visitor: KioskVisitor, shop: FakeShop, server: LiveServer
) -> None:
    visitor.begin()
    visitor.add("latte")
    assert server.parts.hub.wait_for(lambda: server.parts.hub.count("kiosk-1") == 1, 5)

    shop.set_stock([StockChange("latte", 0)])
    screens_of(server.app).refresh()

    expect(page.locator("#card-latte")).to_contain_text("Sold out today")
    expect(page.locator("#open-latte")).to_have_count(0)
    page.locator("#to-review").tap()
    page.locator("#no-thanks").tap()
    visitor.closed()
    expect(page.locator("#order")).to_be_disabled()
    page.locator("#swap-1-0").tap()
    expect(page.locator("#order")).to_be_enabled()

    shop.set_stock([StockChange("cappuccino", 0), StockChange("espresso", 0)])
    screens_of(server.app).refresh()
    expect(page.locator(".line.sold_out")).to_have_count(1)


def test_the_allergen_filter_hides_items_and_has_a_way_back(
    page: Page, visitor: KioskVisitor
) -> None:
    visitor.begin()
    visitor.go_to("bakery")
    shown = page.locator(".card").count()
    visitor.dialog("#choose-allergens", ".toggle")
    page.locator(".toggle", has=page.locator("[value=gluten]")).tap()
    page.locator("#avoid-these").tap()
    visitor.closed()

    expect(page.locator(".filter")).to_contain_text("Gluten")
    assert page.locator(".card").count() < shown
    visitor.dialog("#change-filter", ".toggle")
    expect(page.locator("[value=gluten]")).to_be_checked()
    page.locator("#avoid-none").tap()
    visitor.closed()
    expect(page.locator(".filter")).to_have_count(0)
    expect(page.locator(".card")).to_have_count(shown)


def test_why_these_is_answered_and_the_row_can_be_switched_off(
    page: Page, visitor: KioskVisitor, shop: FakeShop
) -> None:
    visitor.begin()
    visitor.dialog("#why-strip", "#normal-order")
    expect(page.locator("#dialog")).to_contain_text("Not used")
    visitor.close()
    assert visitor.is_focused("#why-strip"), "the focus goes back to where it came from"

    visitor.dialog("#why-strip", "#how")
    page.locator("#how").tap()
    expect(page.locator("#dialog")).to_contain_text("Prices are the same for everybody.")
    visitor.close()

    visitor.dialog("#why-strip", "#normal-order")
    page.locator("#normal-order").tap()
    visitor.closed()
    expect(page.locator(".strip")).to_have_count(0)
    page.locator(".strip-off .button").tap()
    expect(page.locator(".strip")).to_have_count(1)
    assert {e.kind for e in shop.engagements} >= {"why_opened"}


def test_a_dialog_holds_the_focus_and_the_page_keeps_its_place(
    page: Page, visitor: KioskVisitor
) -> None:
    visitor.begin()
    page.locator("#open-latte").scroll_into_view_if_needed()
    place = page.locator("#list").evaluate("list => list.scrollTop")
    visitor.open("latte")
    for _ in range(30):
        page.keyboard.press("Tab")
        inside = page.evaluate(
            "document.activeElement === document.body || "
            "Boolean(document.activeElement.closest('#dialog'))"
        )
        assert inside
    visitor.close()

    assert visitor.is_focused("#open-latte")
    assert page.locator("#list").evaluate("list => list.scrollTop") == place


def test_an_empty_order_is_filled_from_what_is_popular(
    page: Page, visitor: KioskVisitor, shop: FakeShop
) -> None:
    visitor.begin()
    visitor.to_review(nudged=False)
    page.locator(".empty-row .cover").first.tap()
    page.locator("#dialog[open] #add").tap()
    visitor.closed()
    expect(page.locator(".line")).to_have_count(1)
    page.locator("#remove-1").tap()
    page.locator(".empty").wait_for()
    visitor.dialog("#why-strip", "#normal-order")
    page.locator("#normal-order").tap()
    visitor.closed()

    expect(page.locator(".empty-row .cover")).to_have_count(3)
    assert [e.kind for e in shop.engagements if e.slot is not None] == ["tap", "add"]


def test_another_language_keeps_the_order(page: Page, visitor: KioskVisitor) -> None:
    visitor.begin()
    visitor.add("latte")
    visitor.to_review(nudged=True)
    page.locator("#no-thanks").tap()
    visitor.closed()
    visitor.dialog("#choose-language", ".language")
    page.locator(".dialog .language[lang=de]").tap()

    expect(page.locator("h1")).to_have_text("Ihre Bestellung")
    expect(page.locator(".line")).to_have_count(1)


def test_a_call_for_help_is_answered_on_the_screen(
    page: Page, visitor: KioskVisitor, server: LiveServer
) -> None:
    visitor.begin()
    visitor.dialog("#call-help", ".help-status")
    (call,) = server.parts.help_desk.open()
    server.parts.help_desk.acknowledge(call.help_id)

    expect(page.locator(".help-status")).to_contain_text("A team member is coming.")


def test_a_first_touch_while_the_service_rests_never_ends_in_a_browsers_error(
    page: Page, pages: Pages
) -> None:
    pages.expected += ["ERR_FAILED"]
    page.route("**/healthz", lambda route: route.abort())
    page.locator(".attract-all").tap()

    expect(page.locator("#resting")).to_be_visible()
    page.unroute("**/healthz")
    expect(page.locator("#resting")).to_be_hidden()
    page.locator(".attract-all").tap()
    page.locator("button[value=eat_in]").tap()
    expect(page.locator("#stage h1")).to_be_visible()


def test_when_the_service_rests_the_screen_says_so_and_comes_back(
    page: Page, visitor: KioskVisitor, server: LiveServer, pages: Pages
) -> None:
    pages.expected += ["ERR_CONNECTION", "ERR_INCOMPLETE", "ERR_EMPTY", "live?screen", "htmx:"]
    visitor.begin()
    visitor.add("latte")
    page.clock.install()
    server.stop()
    page.locator(".rail [data-tab=tea]").tap()
    for _ in range(8):
        page.clock.run_for(1000)
        page.wait_for_timeout(50)
    expect(page.locator("#resting")).to_be_visible()
    expect(page.locator("#resting")).to_contain_text("Please order at the counter.")

    server.start()
    for _ in range(3):
        page.clock.run_for(1000)
        page.wait_for_timeout(100)
    expect(page.locator("#resting")).to_be_hidden()
    expect(page.locator("#bar")).to_contain_text("£3.75")
