"""The customer's phone in a browser: the key stays there, the code is right, the ways out work."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Final

import cv2
import numpy as np
import pytest
import zxingcpp
from playwright.sync_api import Locator, Page, expect

from edge.identity.code_reader import CodeReader, Read
from edge.identity.codes import k1
from edge.identity.consent import Purpose
from edge.identity.day_keys import day_key, day_of
from edge.identity.profile import Profile, Purchase, Wishes
from edge.identity.proof import proof
from tests.browser.audit import axe, clipped, overflow_px, shoot, small_targets
from tests.browser.conftest import LiveServer, OpenPage, Pages
from tests.fakes.customers import GROUP, PhoneShop

pytestmark = pytest.mark.browser

SIZE: Final = (390, 844)
TOKEN: Final = "ABCDEFGHIJ234567ABCD"
MAKE: Final = """async ([name, key, group, atMs, nonce]) => {
  const at = document.querySelector('script[type=module]').src;
  const codes = await import(at.replace('phone.js', 'phone-code.js'));
  const keys = await import(at.replace('phone.js', 'phone-key.js'));
  const held = { key: await keys.importKey(Uint8Array.from(key)), group };
  return codes[name](held, atMs, Uint8Array.from(nonce));
}"""
HELD: Final = """async () => {
  const at = document.querySelector('script[type=module]').src;
  const { held } = await import(at.replace('phone.js', 'phone-key.js'));
  const found = await held();
  if (!found) return null;
  const raw = await crypto.subtle.exportKey('raw', found.key).then(() => 'read', () => 'refused');
  return { group: found.group, extractable: found.key.extractable, raw };
}"""


@pytest.fixture
def shop() -> PhoneShop:
    """Harbour Kitchen at lunch time, with customers."""
    return PhoneShop()


def phone(pages: Pages, shop: PhoneShop, *, locale: str = "en-GB", scripts: bool = True) -> Page:
    """Return an empty phone whose clock is the shop's."""
    page = pages.blank(size=SIZE, locale=locale, scripts=scripts)
    page.clock.install(time=shop.clock())
    return page


def look(page: Page, name: str, *, is_heard: bool = True) -> None:
    """Look a state over on the narrowest phone, and keep a picture of it on a usual one."""
    page.set_viewport_size({"width": 360, "height": 844})
    assert clipped(page) + small_targets(page, 44) == [], name
    assert overflow_px(page)[0] <= 0, name
    page.set_viewport_size({"width": SIZE[0], "height": SIZE[1]})
    # Other words in the same markup need not be looked over again.
    assert not is_heard or axe(page) == [], name
    shoot(page, f"phone-{name}")


def settled(page: Page) -> None:
    page.wait_for_function("() => document.documentElement.dataset.done")


def come(page: Page, shop: PhoneShop, screen: str = "kiosk-2") -> None:
    """Scan the code of a kiosk."""
    shop.customers.pairings[TOKEN] = screen
    page.goto(f"/P/{TOKEN}")
    settled(page)


def enrol(page: Page, shop: PhoneShop) -> None:
    """Allow everything."""
    come(page, shop)
    for purpose in Purpose:
        page.locator(f"#purpose-{purpose.value}").tap()
    page.locator("#over_age").tap()
    page.get_by_role("button", name="Yes, use what I ticked").tap()
    expect(page.locator("#code svg")).to_be_visible()


def scanned(page: Page) -> str:
    """Return what a reader sees of the code on the page."""
    shot = page.locator("#card").screenshot()
    picture = cv2.imdecode(np.frombuffer(shot, np.uint8), cv2.IMREAD_GRAYSCALE)
    (found,) = zxingcpp.read_barcodes(picture)
    return str(found.text)


def test_the_phone_makes_the_same_codes_as_the_service(
    open_page: OpenPage, shop: PhoneShop
) -> None:
    page = open_page("/p/", size=SIZE)
    settled(page)
    now = shop.clock()
    midnight = now.replace(hour=0, minute=0) + timedelta(days=1)
    moments = [now, midnight - timedelta(seconds=1), midnight, midnight + timedelta(days=40)]
    for at in moments:
        for group in (7, 4_294_967_295):
            key, nonce = bytes(range(32)), shop.chance(4)
            made = day_key(key, group, day_of(at))
            given = [list(key), group, at.timestamp() * 1000, list(nonce)]
            assert page.evaluate(MAKE, ["k1", *given]) == k1(made, at, nonce)
            assert page.evaluate(MAKE, ["proof", *given]) == proof(made, at, nonce)


def assert_both_answers_weigh_the_same(page: Page) -> None:
    answers = page.locator(".answers button").all()
    style = (
        "b => { const s = getComputedStyle(b); return [s.color, s.font, s.background, s.border] }"
    )
    yes, no = (answer.evaluate(style) for answer in answers)
    assert yes == no
    size = "b => [b.offsetWidth, b.offsetHeight]"
    assert [answer.evaluate(size) for answer in answers] == [[350, 64]] * 2
    assert page.locator("input:checked").count() == 0


def assert_nothing_ticked_is_not_a_yes(page: Page) -> None:
    page.locator("#over_age").tap()
    page.get_by_role("button", name="Yes, use what I ticked").tap()
    expect(page.get_by_role("alert")).to_contain_text("Nothing is ticked")
    look(page, "consent-nothing-ticked", is_heard=False)
    assert page.evaluate(HELD) is None


def test_consent_makes_a_key_that_stays_on_the_phone_and_a_code_that_kiosks_read(
    pages: Pages, shop: PhoneShop
) -> None:
    page = phone(pages, shop)
    come(page, shop)
    look(page, "consent")
    assert_both_answers_weigh_the_same(page)
    assert_nothing_ticked_is_not_a_yes(page)
    page.locator("#purpose-phone_offers").tap()
    page.get_by_role("button", name="Yes, use what I ticked").tap()
    expect(page.get_by_text("Linked to Kiosk 2 until you finish.")).to_be_visible()
    expect(page.get_by_text("On offer here now")).to_be_visible()

    (enrolment,) = shop.customers.enrolments
    assert enrolment.is_over_age
    assert enrolment.purposes == {Purpose.PHONE_OFFERS}
    assert page.evaluate(HELD) == {"group": GROUP, "extractable": False, "raw": "refused"}
    settled(page)
    look(page, "card-linked")

    reader = CodeReader(shop.customers.windows, {}, lambda _pseudonym: None)
    shop.customers.windows.roll(shop.clock())
    first = scanned(page)
    read = reader.read(first, shop.clock())
    assert isinstance(read, Read)
    assert read.customer_id == shop.customers.only.customer_id
    page.clock.run_for(16_000)
    expect(page.locator("#code-left")).to_contain_text("New in 1")
    assert scanned(page) != first


def test_taking_consent_back_takes_no_more_taps_than_giving_it(
    pages: Pages, shop: PhoneShop
) -> None:
    page = phone(pages, shop)
    come(page, shop)
    page.evaluate("() => sessionStorage.setItem('taps', '0')")
    page.context.add_init_script(
        "addEventListener('pointerdown', () => sessionStorage.setItem('taps',"
        " String(Number(sessionStorage.getItem('taps')) + 1)), true)"
    )
    page.reload()
    settled(page)

    def taps() -> int:
        return int(page.evaluate("() => sessionStorage.getItem('taps')"))

    page.locator("#purpose-tastes").tap()
    page.locator("#over_age").tap()
    page.get_by_role("button", name="Yes, use what I ticked").tap()
    expect(page.locator("#code svg")).to_be_visible()
    to_give = taps()
    page.locator("#my-data").tap()
    page.locator("#purpose-tastes").tap()
    expect(page.get_by_text("Everything is erased.")).to_be_visible()
    to_take_back = taps() - to_give

    assert (to_give, to_take_back) == (3, 2)
    settled(page)
    look(page, "erased")
    assert page.evaluate(HELD) is None
    assert shop.customers.people == {}


def say_it_was_a_gift(page: Page, row: Locator) -> None:
    row.tap()
    page.get_by_role("button", name="It was a gift").first.tap()
    expect(page.get_by_text("Gift, not used")).to_be_visible()


def call_me(page: Page, name: str) -> None:
    page.locator("#name").fill(name)
    page.get_by_label("Greet me by it").tap()
    page.get_by_role("button", name="Save", exact=True).tap()


def test_my_data_is_corrected_by_touch_and_every_change_holds_at_once(
    pages: Pages, shop: PhoneShop
) -> None:
    page = phone(pages, shop)
    enrol(page, shop)
    known = shop.customers.only
    today = day_of(shop.clock())
    bought = [(sku, days) for days in (0, 3, 8) for sku in ("latte", "scone-cream")]
    known.profile = Profile(purchases=tuple(Purchase(s, today - d, 1) for s, d in bought))
    page.locator("#my-data").tap()
    look(page, "my-data")
    page.reload()  # axe leaves style attributes behind, which htmx would copy

    page.get_by_label("No surprises").tap()
    expect(page.get_by_text("Saved. It holds from now on.")).to_be_in_viewport()
    page.locator("#star").select_option("espresso")
    page.get_by_role("button", name="Star", exact=True).first.tap()
    expect(page.locator("#unstar-espresso")).to_be_in_viewport()  # the page stays where it was
    say_it_was_a_gift(page, page.locator(f"#bought-{today}-latte"))
    page.locator("#wrong-scone-cream").tap()
    expect(page.get_by_text("Cream Scone")).to_have_count(1)  # in the menu to choose from
    call_me(page, "  Ada \u200b Lovelace ")
    expect(page.locator("#name")).to_have_value("Ada Lovelace")
    page.locator("#purpose-phone_offers").tap()
    expect(page.locator("#purpose-phone_offers")).not_to_be_checked()
    page.locator("#ask-erase").tap()
    look(page, "my-data-changed")

    wishes = Wishes(
        starred=frozenset({"espresso"}), surprise="none", name="Ada Lovelace", shows_name=True
    )
    said = {0: 1}  # that it was a gift was said once, of today's
    latte = tuple(
        Purchase("latte", today - days, 1, is_gift=days in said, gift_said=said.get(days, 0))
        for days in (0, 3, 8)
    )
    assert replace(known.profile, wishes_changed_at=None) == Profile(
        wishes, latte, wrong={"scone-cream": today}
    )
    assert set(known.purposes) == {Purpose.TASTES, Purpose.PAST_ORDERS}
    assert "Ada Lovelace" in downloaded(page)


def downloaded(page: Page) -> str:
    with page.expect_download() as download:
        page.get_by_role("link", name="To read (HTML)").tap()
    return download.value.path().read_text("utf-8")


def test_the_code_goes_on_without_a_network_and_after_a_reload(
    pages: Pages, shop: PhoneShop, server: LiveServer
) -> None:
    page = phone(pages, shop)
    enrol(page, shop)
    settled(page)
    pages.expected += ["ERR_INTERNET_DISCONNECTED", "ERR_FAILED"]
    page.context.set_offline(True)
    page.goto("/p/")
    settled(page)

    expect(page.get_by_text("No connection to the shop.")).to_be_visible()
    look(page, "offline")
    reader = CodeReader(shop.customers.windows, {}, lambda _pseudonym: None)
    shop.customers.windows.roll(shop.clock())
    assert isinstance(reader.read(scanned(page), shop.clock()), Read)
    kept = page.evaluate(
        "async () => (await Promise.all((await caches.keys()).map(async n =>"
        " (await (await caches.open(n)).keys()).map(r => new URL(r.url).pathname)))).flat()"
    )
    assert all(path == "/p/shell" or path.startswith("/static/") for path in kept)

    page.get_by_text("Delete the key from this phone").tap()
    page.locator("#delete-key").tap()
    expect(page.get_by_text("The key is deleted from this phone.")).to_be_visible()
    look(page, "offline-deleted", is_heard=False)
    assert page.evaluate(HELD) is None


def test_a_phone_that_was_here_before_is_known_again_without_being_asked(
    pages: Pages, shop: PhoneShop
) -> None:
    page = phone(pages, shop)
    enrol(page, shop)
    settled(page)
    shop.customers.visits.clear()
    shop.customers.only.linked = None
    shop.customers.near_screens = ("kiosk-1",)

    page.goto("/p/")
    here = page.get_by_role("button", name=re.compile("here: Kiosk 1"))
    expect(here).to_be_visible()
    settled(page)
    look(page, "card-near")
    here.tap()
    expect(page.get_by_text("Linked to Kiosk 1")).to_be_visible()
    settled(page)
    shop.customers.only.linked = None
    page.clock.run_for(6_000)
    expect(page.get_by_text("Kiosk 1 has finished.")).to_be_visible()
    look(page, "card-finished", is_heard=False)
    come(page, shop, "kiosk-2")
    expect(page.get_by_text("Linked to Kiosk 2")).to_be_visible()
    page.locator("#disconnect").tap()
    expect(page.get_by_text("Disconnected. The screen has forgotten you.")).to_be_visible()
    assert shop.customers.only.linked is None

    shop.customers.people.clear()
    shop.customers.visits.clear()
    page.goto("/p/")
    expect(page.get_by_role("alert")).to_contain_text("does not know your key")
    look(page, "unknown", is_heard=False)


def test_every_other_state_says_what_to_do_in_both_languages(pages: Pages, shop: PhoneShop) -> None:
    pages.expected += ["status of 4"]
    over, nowhere = f"/p/{TOKEN}", "/p/nowhere"
    states = {"start": "/p/", "link-over": over, "declined": "/p/declined", "message": nowhere}
    alone = {"over": "/p/?over=1", "shell-without-key": "/p/shell"}
    for locale, more in (("en-GB", alone), ("de-DE", {})):
        page = phone(pages, shop, locale=locale)
        for name, path in (states | more).items():
            page.goto(path)
            settled(page)
            look(page, f"{name}-{locale}", is_heard=locale == "en-GB")
        come(page, shop)
        for summary in page.locator("summary").all():
            summary.tap()
        look(page, f"consent-open-{locale}", is_heard=locale == "en-GB")
        page.locator('[value="no"]').tap()
        expect(page.locator("h1")).to_contain_text("fine" if locale == "en-GB" else "in Ordnung")
        page.get_by_role("link", name="Deutsch").tap()
        expect(page.locator("html")).to_have_attribute("lang", "de")
    assert shop.customers.declined == 2


def test_everything_but_the_code_works_without_scripts(pages: Pages, shop: PhoneShop) -> None:
    page = pages.blank(size=SIZE, scripts=False)
    shop.customers.pairings["ABC234"] = "kiosk-2"
    page.goto("/p/")
    page.get_by_label("Six characters").fill("abc 234")
    page.get_by_role("button", name="Link").tap()
    expect(page.get_by_text("This browser cannot keep a key")).to_be_visible()
    page.locator("#purpose-tastes").tap()
    page.locator("#over_age").tap()
    page.get_by_role("button", name="Yes, use what I ticked").tap()
    expect(page.get_by_text("there is no code to show")).to_be_visible()
    page.get_by_role("link", name="My data").tap()
    page.get_by_label("Surprise me").tap()
    page.get_by_role("button", name="Save").nth(1).tap()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert shop.customers.only.profile.wishes.surprise == "more"
    page.get_by_role("link", name="Your card").tap()
    page.get_by_role("button", name="Disconnect").tap()
    expect(page.get_by_text("Everything is erased.")).to_be_visible()
    assert shop.customers.people == {}
