"""Every state of a kiosk that may know somebody: nothing clipped, nothing small, nothing unusable."""

from dataclasses import replace

import pytest
from playwright.sync_api import Page

from edge.identity.presence import Refusal
from edge.web.kiosk.surface import screens_of
from edge.web.recognition_ports import ProductScanned, ScanRefused
from tests.browser.conftest import LiveServer, Pages
from tests.browser.test_kiosk_looks import Look
from tests.fakes.kiosk_visitor import KioskVisitor
from tests.fakes.recognition import ALEX_CODE, FakeCustomer, KnowingShop

pytestmark = pytest.mark.browser

LANGUAGES = pytest.mark.parametrize("language", ["en", "de"])


@pytest.fixture
def shop() -> KnowingShop:
    return KnowingShop()


def start(pages: Pages, language: str) -> tuple[Page, KioskVisitor, Look]:
    page = pages.open("/kiosk/")
    return page, KioskVisitor(page, language), Look(page, f"known-{language}")


def meet_less(alex: FakeCustomer, level: str) -> None:
    alex.greeting = replace(alex.greeting, help_level=level)  # type: ignore[arg-type]


@LANGUAGES
def test_the_ways_to_be_known(
    pages: Pages, server: LiveServer, shop: KnowingShop, language: str
) -> None:
    page, visitor, look = start(pages, language)
    shop.recognition.codes = {"K1:TOO LATE": ScanRefused(Refusal.LATE)}
    look("attract")
    page.locator(f".attract-languages [lang={language}]").tap()
    page.locator(".tile").first.wait_for()
    look("start")
    page.locator("#tastes").tap()
    page.locator("#dialog[open] .pair-qr").wait_for()
    look("pair")
    page.locator("#as-guest:not(.segment)").tap()
    visitor.closed()
    visitor.scan("K1:TOO LATE")
    page.locator("#dialog[open].dialog .refused").wait_for()
    look("refused")
    visitor.close()
    page.locator(".tile").first.tap()
    page.locator("#cards").wait_for()
    page.wait_for_load_state()
    shop.recognition.invited.add("kiosk-1")
    screens_of(server.app).refresh()
    page.locator("#invited").wait_for()
    look("invited")
    visitor.dialog("#invited", "#decline")
    look("invite")
    visitor.close()
    shop.recognition.codes["5000159407236"] = ProductScanned("croissant-almond")
    visitor.scan("5000159407236")
    page.locator("#dialog[open] .chip.scanned").wait_for()
    look("scanned")

    assert look.wrong == []


@LANGUAGES
def test_what_a_customer_sees(pages: Pages, shop: KnowingShop, language: str) -> None:
    page, visitor, look = start(pages, language)
    alex = shop.recognition.alex
    alex.greeting = replace(alex.greeting, name="Alexandra", help_level="more")
    page.locator(f".attract-languages [lang={language}]").tap()
    page.locator(".tile").first.wait_for()
    visitor.scan(ALEX_CODE)
    page.locator("[data-known]").wait_for()
    look("start-known")
    page.locator(".tile").last.tap()
    page.locator(".usual").wait_for()
    look("menu")
    meet_less(alex, "usual")
    page.locator("#choose-kiosk-new").tap()
    page.locator("#choose-kiosk-new[aria-pressed=true]").wait_for()
    look("menu-new")
    visitor.dialog("#why-usual", "#show-details")
    look("why")
    page.locator("#show-details").tap()
    page.locator("#why-details .facts").wait_for()
    look("details")
    page.locator("#dialog #forget").tap()
    page.locator("#forget-now").wait_for()
    look("forget")

    assert look.wrong == []


@LANGUAGES
def test_less_help_being_forgotten_and_the_order(
    pages: Pages, shop: KnowingShop, language: str
) -> None:
    page, visitor, look = start(pages, language)
    meet_less(shop.recognition.alex, "less")
    visitor.begin()
    visitor.scan(ALEX_CODE)
    page.locator(".folded").wait_for()
    look("folded")
    visitor.dialog("#forget", "#forget-now")
    page.locator("#forget-now").tap()
    page.locator("#dialog[open] #to-pair").wait_for()
    look("forgotten")
    visitor.close()
    visitor.scan(ALEX_CODE)
    page.locator("#unfold").tap()
    page.locator("#usual-croissant").tap()
    page.locator(".said").wait_for()
    visitor.to_review(nudged=False)
    look("review")
    page.locator("#order").tap()
    page.locator("#forget-now").wait_for()
    look("done")
    page.locator("#forget-now").tap()
    page.locator(".done-forgotten").wait_for()
    look("done-forgotten")

    assert look.wrong == []
