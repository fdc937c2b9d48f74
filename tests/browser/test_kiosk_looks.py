"""Every state of the kiosk: nothing clipped, nothing small, nothing a person cannot use."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.audit import axe, clipped, overflow_px, shoot
from tests.browser.conftest import Pages
from tests.fakes.kiosk_visitor import KioskVisitor
from tests.fakes.services import FakeShop

pytestmark = pytest.mark.browser

LEAST_PX = 72
SMALLEST_WORDS_PX = 26

# What is touched: the name of a card covers the whole card, and a box stands for its label.
TARGETS = """least => {
  const found = [];
  const open = document.querySelector('dialog[open]');
  for (const el of (open || document).querySelectorAll('a[href], button, input:not([type=hidden])')) {
    const area = el.matches('.cover') ? el.closest('article') : (el.closest('label') || el);
    const box = area.getBoundingClientRect();
    if (!box.width) continue;
    if (box.width < least - 0.5 || box.height < least - 0.5)
      found.push(`${el.textContent.trim().slice(0, 40) || el.name}: ` +
                 `${Math.round(box.width)}x${Math.round(box.height)}`);
  }
  return found;
}"""

SMALL_WORDS = """least => {
  const found = [];
  for (const el of document.querySelectorAll('body *')) {
    if (!el.getClientRects().length || el.closest('.visually-hidden')) continue;
    const hasWords = [...el.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    const size = parseFloat(getComputedStyle(el).fontSize);
    if (hasWords && size < least - 0.1) found.push(`${el.className} ${size}px`);
  }
  return found;
}"""


class Look:
    """Looks at one state after the other and keeps what is wrong."""

    def __init__(self, page: Page, name: str) -> None:
        self.page = page
        self.name = name
        self.wrong: list[str] = []

    def __call__(self, state: str) -> None:
        """Look at ``state`` as it stands on the screen now; its structure once, in English."""
        # A page that is still fetching its styles has sizes that nobody will ever see.
        self.page.wait_for_load_state("load")
        shoot(self.page, f"kiosk-{self.name}-{state}")
        found = [
            *(axe(self.page) if self.name == "en" else ()),
            *clipped(self.page),
            *self.page.evaluate(TARGETS, LEAST_PX),
            *self.page.evaluate(SMALL_WORDS, SMALLEST_WORDS_PX),
        ]
        if overflow_px(self.page)[0] > 0:
            found.append("wider than the screen")
        self.wrong += [f"{state}: {what}" for what in found]


Visit = Callable[[str], tuple[KioskVisitor, Look]]


@pytest.fixture
def visit(pages: Pages) -> Visit:
    def start(language: str) -> tuple[KioskVisitor, Look]:
        page = pages.open("/kiosk/")
        return KioskVisitor(page, language), Look(page, language)

    return start


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_screens_before_and_after_an_order(visit: Visit, language: str) -> None:
    visitor, look = visit(language)
    page = visitor.page
    look("attract")
    page.locator(f".attract-languages [lang={language}]").tap()
    page.locator(".tile").first.wait_for()
    look("start")
    page.locator(".tile").last.tap()
    page.locator("#cards").wait_for()
    page.wait_for_load_state()
    page.locator("#to-review").tap()
    page.locator(".empty").wait_for()
    look("empty")
    page.locator("#to-menu").tap()
    page.locator("#cards").wait_for()
    visitor.add("latte")
    look("menu-added")
    visitor.to_review(nudged=True)
    page.locator("#no-thanks").tap()
    visitor.closed()
    page.locator("#order").tap()
    page.locator(".done-number").wait_for()
    look("done")

    assert look.wrong == []


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_menu_and_its_dialogs(visit: Visit, language: str, shop: FakeShop) -> None:
    visitor, look = visit(language)
    page = visitor.page
    shop.sold_out.add("brazil-filter")
    visitor.begin()
    look("menu")
    visitor.open("latte")
    look("item")
    visitor.close()
    visitor.dialog("#why-strip", "#normal-order")
    look("why")
    visitor.dialog("#how", ".actions [data-close]")
    look("suggestions")
    visitor.close()
    visitor.dialog("#choose-allergens", ".toggle")
    look("allergens")
    for value in ("gluten", "milk", "nuts"):
        page.locator(".toggle", has=page.locator(f"[value={value}]")).tap()
    page.locator("#avoid-these").tap()
    visitor.closed()
    visitor.go_to("bakery")
    look("filtered")

    assert look.wrong == []


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_small_dialogs(visit: Visit, language: str) -> None:
    visitor, look = visit(language)
    page = visitor.page
    visitor.begin()
    for opener, inside in (
        ("#choose-language", ".language"),
        ("#call-help", ".help-status"),
        ("#start-over", "#clear"),
    ):
        visitor.dialog(opener, inside)
        look(opener[1:])
        visitor.close()
    page.clock.install()
    page.locator("h1").tap()
    page.clock.run_for(50_000)
    page.locator("#idle[open]").wait_for()
    look("idle")

    assert look.wrong == []


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_order_and_what_stands_in_its_way(visit: Visit, language: str, shop: FakeShop) -> None:
    visitor, look = visit(language)
    page = visitor.page
    visitor.begin()
    visitor.add("latte")
    visitor.add("cappuccino")
    visitor.to_review(nudged=True)
    look("nudge")
    page.locator("#no-thanks").tap()
    visitor.closed()
    look("review")
    shop.is_disk_full = True
    page.locator("#order").tap()
    page.locator(".panel.warn").wait_for()
    look("storage")
    shop.is_disk_full = False
    shop.sold_out.add("latte")
    page.locator("#order").tap()
    page.locator(".line.sold_out").wait_for()
    look("sold-out")

    assert look.wrong == []


@pytest.mark.parametrize("size", [(1440, 900), (2160, 3840), (768, 1024)])
def test_other_windows_show_the_same_screen(pages: Pages, size: tuple[int, int]) -> None:
    page = pages.open("/kiosk/", size=size)
    visitor = KioskVisitor(page)
    wrong = [*clipped(page)]
    visitor.begin()
    shoot(page, f"kiosk-{size[0]}-menu")
    wrong += clipped(page)
    visitor.open("latte")
    shoot(page, f"kiosk-{size[0]}-item")
    wrong += clipped(page)

    assert wrong == []
    assert overflow_px(page) == (0, 0)
