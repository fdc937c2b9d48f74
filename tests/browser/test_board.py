"""A board in a browser: it reacts at once, keeps what it shows, and cuts nothing off."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.audit import axe, clipped, overflow_px, shoot
from tests.browser.conftest import LiveServer, OpenPage, Pages
from tests.fakes.services import FakeShop

pytestmark = pytest.mark.browser

SIZES = {"1080p": (1920, 1080), "portrait": (1080, 1920), "4k": (3840, 2160)}
DENSITIES = {
    "few rows": ("tea",),
    "twelve rows": ("bakery",),
    "a full board": ("tea", "bakery"),
    "no room for a hero": ("coffee", "bakery"),
    "more than fits": ("coffee", "chai-chocolate", "tea", "bakery"),
}


def painted(page: Page) -> Page:
    page.wait_for_selector("html[data-painted]")
    return page


def looks_whole(page: Page) -> list[str]:
    wide, high = overflow_px(page)
    return clipped(page) + ([f"page overflows by {wide}x{high}px"] if (wide, high) > (0, 0) else [])


def faults_at_every_size(page: Page, name: str) -> list[str]:
    """Return what is cut off, with the window turned and grown; words follow the window."""
    found = []
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate(
            "() => new Promise(d => requestAnimationFrame(() => requestAnimationFrame(d)))"
        )
        found += [f"{size}: {fault}" for fault in looks_whole(page)]
        shoot(page, f"{name}-{size}")
    return found


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("board", ["board-1", "board-2"])
def test_nothing_is_cut_off_on_any_board_size_and_language(
    open_page: OpenPage, shop: FakeShop, board: str, language: str
) -> None:
    shop.sold_out = {"latte", "scone-cream"}
    page = painted(open_page(f"/board/{board}?lang={language}", size=SIZES["1080p"]))

    assert faults_at_every_size(page, f"{board}-{language}") == []


@pytest.mark.parametrize("density", DENSITIES)
def test_nothing_is_cut_off_at_any_density(
    open_page: OpenPage, shop: FakeShop, density: str
) -> None:
    boards = tuple(b.model_copy(update={"sections": DENSITIES[density]}) for b in shop.site.boards)
    shop.site = shop.site.model_copy(update={"boards": boards})
    page = painted(open_page("/board/board-2?lang=de", size=SIZES["1080p"]))

    assert faults_at_every_size(page, f"density-{density.replace(' ', '-')}") == []


@pytest.mark.parametrize("language", ["en", "de"])
def test_long_words_make_the_board_smaller_instead_of_being_cut(
    open_page: OpenPage, shop: FakeShop, language: str
) -> None:
    long = "Donaudampfschifffahrtsfrühstückskaffee"
    products = tuple(
        p.model_copy(update={"name": {"en": f"{long} {p.sku}", "de": f"{long} {p.sku}"}})
        for p in shop.site.products
    )
    shop.site = shop.site.model_copy(update={"products": products})
    page = painted(open_page(f"/board/board-1?lang={language}", size=SIZES["1080p"]))

    assert looks_whole(page) == []
    assert page.locator(".board").get_attribute("data-fit") != "0"
    shoot(page, f"long-words-{language}")


@pytest.mark.parametrize("board", ["board-1", "board-2"])
def test_a_board_has_no_serious_accessibility_violation(open_page: OpenPage, board: str) -> None:
    assert axe(painted(open_page(f"/board/{board}", size=SIZES["1080p"]))) == []


def test_a_closed_shop_says_when_it_opens_again(open_page: OpenPage, shop: FakeShop) -> None:
    shop.clock.advance(timedelta(hours=11))
    page = painted(open_page("/board/board-1", size=SIZES["1080p"]))

    expect(page.get_by_text("Open again tomorrow at 06:00")).to_be_visible()
    assert looks_whole(page) == []
    assert axe(page) == []
    shoot(page, "board-closed")


def test_what_sells_out_is_struck_within_the_page_and_nothing_else_is_touched(
    open_page: OpenPage, server: LiveServer, shop: FakeShop
) -> None:
    page = painted(open_page("/board/board-1", size=SIZES["1080p"]))
    page.evaluate("document.querySelector('.hero').dataset.witness = 'same element'")
    wait_for_stream(server, "board-1")

    shop.sold_out.add("espresso")
    server.parts.boards.refresh()

    expect(page.locator('[data-sku="espresso"] s')).to_be_visible()
    expect(page.locator('[data-sku="espresso"]')).to_contain_text("Sold out")
    assert page.locator(".hero").get_attribute("data-witness") == "same element"


def test_a_board_in_another_language_hears_of_it_too(
    open_page: OpenPage, server: LiveServer, shop: FakeShop
) -> None:
    page = painted(open_page("/board/board-1?lang=de", size=SIZES["1080p"]))
    wait_for_stream(server, "board-1")

    shop.sold_out.add("espresso")
    server.parts.boards.refresh()

    expect(page.locator('[data-sku="espresso"]')).to_contain_text("Ausverkauft")


def test_a_new_hero_fades_in_with_its_picture_ready(
    pages: Pages, server: LiveServer, shop: FakeShop
) -> None:
    page = painted(pages.open("/board/board-1", size=SIZES["1080p"], motion="no-preference"))
    wait_for_stream(server, "board-1")
    before = page.locator(".hero .name").inner_text()

    hero = server.parts.boards.state(shop.screens[2])
    assert hero is not None
    assert hero.view.hero is not None
    shop.sold_out.add(hero.view.hero.sku)
    server.parts.boards.refresh()

    expect(page.locator(".hero .name")).not_to_have_text(before)
    assert page.locator(".hero img").evaluate("img => img.complete && img.naturalWidth > 0")
    assert looks_whole(page) == []


def test_every_paint_is_reported_once(
    open_page: OpenPage, server: LiveServer, shop: FakeShop
) -> None:
    page = painted(open_page("/board/board-1", size=SIZES["1080p"]))
    wait_until(page, lambda: len(shop.engagements) == 2)
    wait_for_stream(server, "board-1")

    shop.sold_out.add("espresso")
    server.parts.boards.refresh()

    wait_until(page, lambda: len(shop.engagements) == 3)
    assert [e.kind for e in shop.engagements] == ["exposure", "play", "play"]


def test_a_board_keeps_its_content_while_the_service_is_away_and_catches_up(
    pages: Pages, server: LiveServer, shop: FakeShop
) -> None:
    pages.expected += ["/live", "/state", "ERR_", "Failed to load"]
    page = painted(pages.open("/board/board-1", size=SIZES["1080p"]))
    wait_for_stream(server, "board-1")
    before = page.locator(".board").inner_text()

    server.stop()
    page.wait_for_timeout(300)
    assert page.locator(".board").inner_text() == before

    shop.sold_out.add("espresso")
    server.start_again()
    expect(page.locator('[data-sku="espresso"] s')).to_be_visible(timeout=15_000)


def test_a_lost_link_shows_a_dot_and_never_a_blank_board(
    pages: Pages, server: LiveServer, shop: FakeShop
) -> None:
    pages.expected += ["/live", "/state", "/healthz", "ERR_", "Failed to load"]
    page = pages.blank(size=SIZES["1080p"])
    page.clock.install(time=shop.clock())
    page.goto("/board/board-1")
    page.clock.run_for(1000)
    painted(page)
    wait_for_stream(server, "board-1")
    expect(page.locator(".link-dot")).to_be_hidden()
    server.stop()

    page.clock.run_for(40_000)
    expect(page.locator(".link-dot")).to_be_visible()
    expect(page.locator(".when")).to_contain_text("Lunch")

    # Six minutes: it would load itself again, but nothing answers. Three hours: lunch is over.
    page.clock.run_for(6 * 60_000)
    expect(page.locator(".hero .name")).to_be_visible()
    page.clock.fast_forward(3 * 3600_000)
    page.clock.run_for(10_000)
    expect(page.locator(".when")).to_be_hidden()
    expect(page.locator(".hero .name")).to_be_visible()


def test_a_page_of_an_older_build_loads_itself_again(
    open_page: OpenPage, server: LiveServer
) -> None:
    page = painted(open_page("/board/board-1", size=SIZES["1080p"]))
    wait_for_stream(server, "board-1")
    page.evaluate("window.witness = true")

    state = {"rev": 1 << 40, "hash": "x", "html": "", "service": "x", "build": "another"}
    with page.expect_navigation():
        server.parts.hub.publish("board-1", "board", state)

    painted(page)
    assert page.evaluate("window.witness === undefined")


def wait_for_stream(server: LiveServer, screen_id: str) -> None:
    hub = server.parts.hub
    for _ in range(200):
        if hub.count(screen_id):
            return
        hub.wait_for(lambda: hub.count(screen_id) > 0, 0.05)
    pytest.fail(f"no page of {screen_id} opened its stream")


def wait_until(page: Page, is_so: Callable[[], bool]) -> None:
    for _ in range(100):
        if is_so():
            return
        page.wait_for_timeout(50)
    pytest.fail(f"waited for {re.sub('.*lambda', 'lambda', str(is_so))}")


def test_a_technician_sees_which_device_a_screen_belongs_to_and_the_board_comes_back(
    open_page: OpenPage, server: LiveServer
) -> None:
    page = painted(open_page("/board/board-1", size=SIZES["1080p"]))
    wait_for_stream(server, "board-1")
    sign = page.locator(".device-sign")
    tell = server.parts.hub.publish
    tell("*", "identify", {"device": "kiosk-01", "number": 42, "for_s": 1})

    expect(sign).to_be_visible()
    expect(sign.locator("p")).to_have_text(["kiosk-01", "42"])
    assert clipped(page) == []
    shoot(page, "board-identified")
    expect(sign).to_have_count(0)

    with page.expect_navigation():
        tell("*", "reload", {})
    painted(page)
