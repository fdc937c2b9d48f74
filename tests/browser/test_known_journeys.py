"""A customer's journeys, kiosk and phone side by side: the whole appliance, two real browsers.

The kiosk's code is read off its screenshot, the phone's is held before the camera's own process,
and its beacon goes through bleak. Only hands are missing: the demo's buttons take their place.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import pytest
import zxingcpp
from playwright.sync_api import Locator, Page, expect

from edge.identity.consent import Purpose
from tests.browser.conftest import Pages
from tests.fakes.broker import free_port
from tests.fakes.demo_shop import DemoShop, demo_shop
from tests.fakes.kiosk_visitor import KioskVisitor
from tests.fakes.patience import wait_until
from tests.fakes.personal_rows import rows_of_customers

pytestmark = [pytest.mark.browser, pytest.mark.timeout(90)]

PHONE: Final = (390, 844)
PERSONAL: Final = "[data-personal]"
NOW_MS: Final = "performance.timeOrigin + performance.now()"
"""Both pages are of one browser on one machine, so their clocks are the same."""
NOTE_NEUTRAL: Final = f"""() => {{
  window.neutralAtMs = 0;
  new MutationObserver(() => {{
    if (!window.neutralAtMs && !document.querySelector('{PERSONAL}')) {{
      window.neutralAtMs = {NOW_MS};
    }}
  }}).observe(document.documentElement, {{ childList: true, subtree: true }});
}}"""
NOTE_CLICK: Final = f"""addEventListener('click', () => {{
  sessionStorage.setItem('clickedAtMs', String({NOW_MS}));
}}, true)"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[DemoShop]:
    """The whole demo shop; its broker is away, as a shop's network may be."""
    broker: dict[str, Any] = {"mqtt.host": "127.0.0.1", "mqtt.port": free_port()}
    with demo_shop(tmp_path, **broker) as shop:
        wait_until(lambda: shop.camera_state() == "ready")
        yield shop


@dataclass
class Side:
    """Kiosk and phone of one customer, side by side."""

    kiosk: Page
    phone: Page
    visitor: KioskVisitor

    @classmethod
    def by_side(cls, pages: Pages) -> "Side":
        kiosk = pages.open("/kiosk/")
        phone = pages.blank(size=PHONE)
        phone.context.add_init_script(NOTE_CLICK)
        return cls(kiosk, phone, KioskVisitor(kiosk))

    def opt_in(self, *purposes: Purpose) -> None:
        """Touch "Use my tastes", scan the kiosk's code with the phone, and say yes."""
        self.kiosk.locator(".attract-languages [lang=en]").tap()
        # The page after the language: its scripts must be there before it is touched.
        self.kiosk.locator("#tastes").wait_for()
        self.kiosk.wait_for_load_state()
        self.kiosk.locator("#tastes").tap()
        code = self.kiosk.locator("#dialog[open] .pair-qr")
        code.evaluate("picture => picture.decode()")
        self.phone.goto(read(code))
        expect(self.phone.locator("input[name=purpose]:checked")).to_have_count(0)
        for purpose in purposes:
            self.phone.locator(f"#purpose-{purpose.value}").tap()
        self.phone.locator("#over_age").tap()
        self.phone.get_by_role("button", name="Yes, use what I ticked").tap()
        expect(self.phone.get_by_text("Linked to Kiosk 1 until you finish.")).to_be_visible()
        expect(self.kiosk.locator(".known")).to_contain_text("You are linked")

    def to_the_menu(self) -> None:
        """Say where to eat."""
        self.kiosk.locator(".tile[value=take_away]").tap()
        self.kiosk.locator("#cards").wait_for()
        self.kiosk.wait_for_load_state()

    def order(self, sku: str) -> None:
        """Order one, read the number, and go."""
        self.visitor.go_to("coffee")
        self.visitor.add(sku)
        self.visitor.to_review(nudged=True)
        self.kiosk.locator("#no-thanks").tap()
        self.kiosk.locator("#order").tap()
        self.kiosk.locator(".done-number").wait_for()
        self.kiosk.get_by_role("button", name="Done, clear this screen").tap()
        self.kiosk.locator(".attract").wait_for()

    def show_code(self) -> None:
        """Open the phone's card and hold its code before the camera."""
        self.phone.goto("/p/")
        self.phone.locator("#demo-hold").tap()


def read(shown: Locator) -> str:
    """Return what a reader sees in a code on a screen."""
    picture = cv2.imdecode(np.frombuffer(shown.screenshot(), np.uint8), cv2.IMREAD_GRAYSCALE)
    (found,) = zxingcpp.read_barcodes(picture)
    return str(found.text)


def skus(rows: Locator) -> list[str]:
    return [str(row.get_attribute("data-sku")) for row in rows.all()]


def test_a_guest_orders_and_nothing_about_anybody_is_kept(
    pages: Pages, server: DemoShop, tmp_path: Path
) -> None:
    kiosk = pages.open("/kiosk/")
    visitor = KioskVisitor(kiosk)
    visitor.begin()
    expect(kiosk.locator(".guest")).to_contain_text("ordering as a guest")
    side = Side(kiosk, kiosk, visitor)
    side.order("latte")

    assert not any(rows_of_customers(tmp_path).values())
    assert server.recognising.presences.all() == ()


def test_whoever_opts_in_is_known_next_time_and_a_corrected_fact_changes_the_next_slate(
    pages: Pages, server: DemoShop
) -> None:
    side = Side.by_side(pages)
    side.opt_in(Purpose.TASTES, Purpose.PAST_ORDERS)
    side.to_the_menu()
    side.order("latte")
    expect(side.kiosk.locator(PERSONAL)).to_have_count(0)

    side.show_code()
    expect(side.kiosk.locator(".start .known")).to_contain_text("Welcome back")
    side.to_the_menu()
    assert skus(side.kiosk.locator(".usual-line")) == ["latte"]

    side.phone.goto("/p/me")
    side.phone.locator("summary[id^=bought-][id$=-latte]").tap()
    side.phone.get_by_role("button", name="It was a gift").tap()
    expect(side.phone.get_by_text("Gift, not used")).to_be_visible()
    side.phone.locator("#star").select_option("espresso")
    side.phone.get_by_role("button", name="Star", exact=True).first.tap()
    expect(side.phone.locator("#unstar-espresso")).to_be_visible()
    expect(side.kiosk.locator(".usual-line[data-sku=espresso]")).to_be_visible()
    assert skus(side.kiosk.locator(".usual-line")) == ["espresso"]


def test_a_beacon_invites_without_a_name_and_a_tap_on_the_phone_accepts(
    pages: Pages, server: DemoShop
) -> None:
    if not server.stage.adapter:
        pytest.skip("no simulated radio: apt-get install dbus-daemon")
    side = Side.by_side(pages)
    side.opt_in(Purpose.TASTES)
    side.phone.goto("/p/me")
    side.phone.locator("#name").fill("Adalind")
    side.phone.get_by_label("Greet me by it").tap()
    side.phone.locator(".name button").tap()
    expect(side.phone.get_by_text("Saved. It holds from now on.")).to_be_visible()
    side.phone.goto("/p/")
    side.phone.locator("#disconnect").tap()
    expect(side.phone.get_by_text("The screen has forgotten you.")).to_be_visible()
    expect(side.kiosk.locator(PERSONAL)).to_have_count(0)

    side.to_the_menu()
    side.phone.locator("#demo-near").tap()
    invitation = side.kiosk.locator("#invited")
    expect(invitation).to_be_visible(timeout=20_000)
    expect(side.kiosk.locator(PERSONAL)).to_have_count(0)
    invitation.tap()
    expect(side.kiosk.locator("#dialog[open]")).to_contain_text("does not know who you are")
    assert "Adalind" not in side.kiosk.content()

    here = side.phone.get_by_role("button", name=re.compile("here: Kiosk 1"))
    here.tap(timeout=20_000)
    expect(side.phone.get_by_text("Linked to Kiosk 1")).to_be_visible()
    expect(side.kiosk.locator(".known-hello")).to_have_text("Welcome back, Adalind")


def test_taking_consent_back_without_a_network_makes_the_kiosk_neutral(
    pages: Pages, server: DemoShop
) -> None:
    side = Side.by_side(pages)
    side.opt_in(Purpose.TASTES)
    side.to_the_menu()
    assert server.appliance.delivery.status().state != "connected"
    side.phone.goto("/p/me")
    side.kiosk.evaluate(NOTE_NEUTRAL)
    side.phone.locator("#purpose-tastes").tap()

    expect(side.kiosk.locator(PERSONAL)).to_have_count(0)
    expect(side.kiosk.locator(".guest")).to_contain_text("ordering as a guest")
    expect(side.phone.get_by_text("Everything is erased.")).to_be_visible()
    clicked_at = float(side.phone.evaluate("() => sessionStorage.getItem('clickedAtMs')"))
    neutral_at = float(side.kiosk.evaluate("() => window.neutralAtMs"))
    # pytest -s shows it; a busy test machine is no measure.
    sys.stderr.write(f"kiosk neutral {neutral_at - clicked_at:.0f} ms after the click\n")
    assert neutral_at > clicked_at
    assert list(server.appliance.store.people.holders()) == []
    told = [row.body for row in server.appliance.store.reads.waiting("c", 9)]
    assert b'"withdrawn"' in told[1], "central will hear of it first of all"


def test_erasing_gives_a_proof_and_the_old_code_is_refused_kindly(
    pages: Pages, server: DemoShop
) -> None:
    side = Side.by_side(pages)
    side.opt_in(Purpose.TASTES, Purpose.PAST_ORDERS)
    side.to_the_menu()
    expect(side.phone.locator("#code svg")).to_be_visible()
    photographed = read(side.phone.locator("#card"))
    assert photographed.startswith("K1:")
    side.phone.goto("/p/me")
    side.phone.locator("#ask-erase").tap()
    side.phone.locator("#erase").tap()
    expect(side.phone.get_by_text("Everything is erased.")).to_be_visible()
    assert re.fullmatch(r"[0-9a-f-]{36}", side.phone.locator(".proof code").inner_text())
    expect(side.kiosk.locator(PERSONAL)).to_have_count(0)

    server.stage.hold(photographed)
    dialog = side.kiosk.locator("#dialog[open]")
    expect(dialog).to_contain_text("We do not know this card here.")
    expect(dialog.get_by_role("button", name="Order as guest")).to_be_visible()
    side.phone.goto("/p/")
    expect(side.phone.get_by_text("Link this phone to a kiosk")).to_be_visible()
