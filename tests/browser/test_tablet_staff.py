"""The team at a tablet: signing in by touch, and a customer's card that does not stay."""

from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from edge.web.api.callers import LAN_HEADER
from tests.browser.audit import axe, clipped, overflow_px, shoot, small_targets
from tests.browser.conftest import LiveServer, Pages
from tests.fakes.staff import CODE, PIN, StaffedShop

pytestmark = pytest.mark.browser

PORTRAIT = (820, 1180)
SIZES = {"portrait": PORTRAIT, "landscape": (1280, 800)}
LANGUAGES = pytest.mark.parametrize("locale", ["en-GB", "de-DE"])


@pytest.fixture
def shop() -> StaffedShop:
    """Harbour Kitchen with a team, and not as a demo."""
    return StaffedShop(is_demo=False)


def tablet(pages: Pages, locale: str = "en-GB", *, scripts: bool = True) -> Page:
    """Open a tablet of the shop's network: what nginx lets through is not from here."""
    page = pages.blank(size=PORTRAIT, locale=locale, scripts=scripts)
    page.set_extra_http_headers({LAN_HEADER: "1"})
    page.goto("/tablet/")
    return page


def enrol(page: Page) -> None:
    page.locator("#code").fill(CODE)
    page.locator("#enrol").tap()
    page.locator("#pin").wait_for()


def press(page: Page, digits: str) -> None:
    for digit in digits:
        page.locator(f'[data-digit="{digit}"]').tap()


def sign_in(page: Page, name: str = "Amira", pin: str = PIN) -> None:
    page.get_by_role("radio", name=name).check()
    press(page, pin)
    page.locator("#sign-in").tap()


def signed_in(pages: Pages, name: str = "Amira", locale: str = "en-GB") -> Page:
    page = tablet(pages, locale)
    enrol(page)
    sign_in(page, name)
    page.locator("#calls").wait_for()
    return page


def look(page: Page, name: str, least_px: int = 48) -> list[str]:
    """Return what is wrong with the page at any size, and keep its pictures."""
    wrong: list[str] = []
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        wide, _ = overflow_px(page)
        found = axe(page) + clipped(page) + small_targets(page, least_px)
        wrong += [f"{name} {size}: {fault}" for fault in found]
        wrong += [f"{name} {size}: {wide}px too wide"] if wide > 0 else []
        shoot(page, f"staff-{name}-{size}")
    page.set_viewport_size({"width": PORTRAIT[0], "height": PORTRAIT[1]})
    return wrong


@LANGUAGES
def test_the_ways_in_are_whole_reachable_and_accessible(
    pages: Pages, shop: StaffedShop, locale: str
) -> None:
    pages.expected = ["422", "429"]
    page = tablet(pages, locale)
    wrong = look(page, f"enrol-{locale}")
    page.locator("#code").fill("WRONG")
    page.locator("#enrol").tap()
    page.locator(".problem:not(:empty)").wait_for()
    wrong += look(page, f"enrol-wrong-{locale}")
    enrol(page)
    press(page, "2718")
    wrong += look(page, f"sign-in-{locale}")
    keys = [key.bounding_box() for key in page.locator(".key").all()]
    sign_in(page, "Amira", "9999")  # six digits now, and none of them right
    page.locator(".problem:not(:empty)").wait_for()
    wrong += look(page, f"wrong-{locale}")
    for _ in range(4):
        press(page, "999999")
        with page.expect_navigation():
            page.locator("#sign-in").tap()
    wrong += look(page, f"locked-{locale}")

    assert wrong == []
    assert len(keys) == 12
    assert all(box and min(box["width"], box["height"]) >= 72 for box in keys)


@LANGUAGES
def test_meeting_a_customer_is_whole_reachable_and_accessible(
    pages: Pages, server: LiveServer, shop: StaffedShop, locale: str
) -> None:
    pages.expected = ["410", "429", "503"]
    alex = shop.recognition.alex
    alex.greeting = replace(alex.greeting, help_level="more")
    alex.starred = frozenset({"chai-classic", "croissant-almond", "scone-cream"})
    presence = shop.recognition.arrive("kiosk-2")
    shop.recognition.arrive("kiosk-1", "K1:SAM IS HERE TOO")
    server.parts.help_desk.ask("kiosk-1")
    card = f"/tablet/customer/{presence.presence_id}"
    page = signed_in(pages, "Amira", locale)
    wrong = look(page, f"now-{locale}")
    page.goto("/tablet/stock")
    wrong += look(page, f"stock-{locale}")
    page.goto(card)
    page.locator("#shown").wait_for()
    wrong += look(page, f"card-{locale}")
    alex.greeting = replace(alex.greeting, name="Alexandra")
    page.goto(card)
    wrong += look(page, f"card-named-{locale}")
    shop.staff.cannot_record = True
    page.goto(card)
    wrong += look(page, f"card-not-now-{locale}")
    shop.staff.cannot_record, shop.staff.most_looks = False, 0
    page.goto(card)
    wrong += look(page, f"card-too-many-{locale}")
    shop.recognition.leave("kiosk-2")
    page.goto(card)
    wrong += look(page, f"card-gone-{locale}")

    assert wrong == []


@LANGUAGES
def test_an_open_tablet_says_so_and_has_a_way_to_sign_in(
    pages: Pages, server: LiveServer, shop: StaffedShop, locale: str
) -> None:
    shop.is_demo = True
    server.stop()
    server.start_again()
    page = pages.open("/tablet/", size=PORTRAIT, locale=locale)
    wrong = look(page, f"open-{locale}")
    page.locator("#to-sign-in").tap()
    enrol(page)
    wrong += look(page, f"sign-in-demo-{locale}")
    sign_in(page)
    page.locator("#customers").wait_for()
    wrong += look(page, f"open-signed-in-{locale}")

    assert wrong == []


def show_card(page: Page, shop: StaffedShop) -> None:
    """Let Alex come to a kiosk, and open their card."""
    presence = shop.recognition.arrive("kiosk-1")
    page.goto("/tablet/now")
    page.locator(f"#look-{presence.presence_id}").tap()
    page.locator("#shown .suggestion").first.wait_for()
    page.wait_for_function("() => location.pathname === '/tablet/now'")


def test_a_card_leaves_within_a_second_of_the_customer(
    pages: Pages, server: LiveServer, shop: StaffedShop
) -> None:
    pages.expected = ["410"]  # the browser notes the answer to "is the customer still there?"
    page = signed_in(pages)
    show_card(page, shop)
    while server.parts.hub.count("tablet-1") == 0:
        page.wait_for_timeout(20)

    shop.recognition.leave("kiosk-1")
    server.parts.hub.publish("tablet-1", "customers", {}, slot="customers")

    page.locator("[data-card]").wait_for(state="detached", timeout=1000)
    expect(page.get_by_text("Nobody shares their tastes right now.")).to_be_visible()
    assert len(shop.staff.looks) == 1


def test_a_card_nobody_is_told_of_leaves_with_the_token(pages: Pages, shop: StaffedShop) -> None:
    # No stream says anything: the page asks by itself, every few seconds.
    pages.expected = ["410"]
    page = signed_in(pages)
    page.clock.install()
    show_card(page, shop)

    shop.recognition.leave("kiosk-1")
    page.clock.run_for(6_000)

    page.locator("[data-card]").wait_for(state="detached")
    assert len(shop.staff.looks) == 1


def test_a_card_folds_untouched_and_showing_it_again_is_another_look(
    pages: Pages, shop: StaffedShop
) -> None:
    page = signed_in(pages)
    page.clock.install()
    show_card(page, shop)
    page.clock.run_for(14_000)
    page.locator("#told").tap()  # a touch counts its time anew
    page.clock.run_for(14_000)
    expect(page.locator("#shown .suggestion").first).to_be_visible()
    page.clock.run_for(2_000)

    expect(page.locator("#unfold")).to_be_visible()
    assert page.locator("#shown").inner_text() == ""
    assert look(page, "folded") == []
    assert len(shop.staff.looks) == 1
    page.locator("#unfold").tap()
    expect(page.locator("#shown .suggestion")).to_have_count(3)
    assert len(shop.staff.looks) == 2


def test_back_shows_no_card_and_done_lets_the_customer_go(pages: Pages, shop: StaffedShop) -> None:
    page = signed_in(pages)
    show_card(page, shop)
    page.locator("#tab-guide").tap()
    expect(page.get_by_text("Question 1")).to_be_visible()

    page.go_back()

    expect(page.locator("#customers")).to_be_visible()
    assert page.locator("[data-card]").count() == 0
    assert len(shop.staff.looks) == 1
    page.get_by_role("link", name="Show card").tap()
    page.locator("#done").tap()
    expect(page.get_by_text("Nobody shares their tastes right now.")).to_be_visible()
    assert shop.recognition.left == ["kiosk-1"]


def test_two_minutes_untouched_cover_the_page_and_end_the_session(
    pages: Pages, shop: StaffedShop
) -> None:
    page = signed_in(pages)
    page.clock.install()
    page.goto("/tablet/now")
    page.wait_for_function("() => window.htmx")
    page.clock.run_for(119_000)
    assert page.locator("#calls").is_visible()
    assert len(shop.staff.sessions) == 1

    page.clock.run_for(2_000)

    expect(page.locator("#pin")).to_be_visible()
    assert shop.staff.sessions == {}


def test_signing_in_works_without_scripts(pages: Pages, shop: StaffedShop) -> None:
    page = tablet(pages, scripts=False)
    enrol(page)
    assert not page.locator("#pad").is_visible()
    page.get_by_role("radio", name="Amira").check()
    page.locator("#pin").fill(PIN)
    page.locator("#sign-in").tap()

    expect(page.get_by_role("heading", name="Calls for help")).to_be_visible()
    page.locator("#sign-out").tap()
    expect(page.locator("#pin")).to_be_visible()
    assert shop.staff.sessions == {}
