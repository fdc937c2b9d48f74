"""My data outside the shop, in a browser: the key comes behind the #, is asked about once, and stays."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, expect

from edge.central.customers import profiles
from edge.central.customers.tables import alone
from edge.core.chance import system_chance
from edge.core.clock import SettableClock
from edge.identity.consent import Purpose
from edge.identity.day_keys import day_of, pseudonym_of
from edge.identity.home_key import home_day_key, home_key, home_tag
from edge.identity.profile import Profile, Purchase
from edge.identity.proof import proof
from tests.browser.audit import axe, clipped, overflow_px, shoot, small_targets
from tests.browser.conftest import Pages, serving
from tests.fakes.at_home import SITES, central_app
from tests.fakes.central_customers import GROUP, CentralCustomers, said
from tests.fakes.customers import PhoneShop
from tests.fakes.device_events import NOON
from tests.fakes.fleet_pages import served
from tests.fakes.postgres import running_postgres

pytestmark = pytest.mark.browser

SIZE: Final = (390, 844)
MODULES: Final = """async ([key, group, atMs, nonce]) => {
  const at = document.querySelector('script[type=module]').src;
  const from = (name) => import(at.replace('my.js', name));
  const [codes, keys, home] = await Promise.all(
    ['phone-code.js', 'phone-key.js', 'phone-home-key.js'].map(from));
  const held = { key: await keys.importKey(Uint8Array.from(key)), group };
  const text = await home.homeKeyText(held);
  const homeKey = await keys.importKey(home.homeKeyBytes(text));
  const code = await codes.proof({ key: homeKey, group: 0 }, atMs, Uint8Array.from(nonce));
  return [text, await home.homeTag(homeKey), code];
}"""
HELD: Final = """async () => {
  const at = document.querySelector('script[type=module]').src;
  const { held } = await import(at.replace('my.js', 'phone-key.js'));
  const found = await held();
  return found ? found.key.extractable : null;
}"""


@pytest.fixture(scope="module")
def central(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CentralCustomers]:
    folder = tmp_path_factory.mktemp("central")
    with running_postgres() as postgres:
        central = CentralCustomers(
            folder, postgres.url(), SettableClock(NOON), reach="group", pages=True, sites=SITES
        )
        yield central
        central.close()


@pytest.fixture
def pages(chromium: Browser, central: CentralCustomers) -> Iterator[Pages]:
    """Opens central's pages; at the end none may have failed or left its origin."""
    with served(central_app(central.settings, central.clock)) as url:
        pages = Pages(chromium, url)
        yield pages
        for context in chromium.contexts:
            context.close()
    assert pages.strangers == []
    assert pages.errors == []


def customer(central: CentralCustomers, *purposes: Purpose) -> bytes:
    """Somebody who bought something; return the key of their phone."""
    key, now = system_chance(32), central.clock()
    shop = central.voice("kitchen-1", "harbour-kitchen")
    central.born(shop)
    at = now - timedelta(days=9)
    central.take(shop.enrolment(key, [said(one, at) for one in purposes or tuple(Purpose)]))
    days = (day_of(now), day_of(now) - 6)
    bought = tuple(Purchase(sku, day, 1) for day in days for sku in ("latte", "scone-cream"))
    with central.con.transaction(), central.con.cursor() as cur:
        alone(cur)
        said_ = Profile(purchases=bought)
        profiles.merge_in(cur, central.part.keys, pseudonym_of(key), said_, now, told_by="")
    return key


def link(beacon_key: bytes) -> str:
    return f"/my/#{home_key(beacon_key, GROUP).hex()}"


def blank(pages: Pages, central: CentralCustomers, locale: str = "en-GB") -> Page:
    page = pages.blank(size=SIZE, locale=locale)
    page.clock.install(time=central.clock())
    return page


def settled(page: Page) -> None:
    page.wait_for_function("() => document.documentElement.dataset.done")


def look(page: Page, name: str, *, is_heard: bool = True) -> None:
    """Look a state over on the narrowest phone, and keep a picture of it on a usual one."""
    page.set_viewport_size({"width": 360, "height": 844})
    assert clipped(page) + small_targets(page, 44) == [], name
    assert overflow_px(page)[0] <= 0, name
    page.set_viewport_size({"width": SIZE[0], "height": SIZE[1]})
    assert not is_heard or axe(page) == [], name
    shoot(page, f"my-{name}")


def keep(page: Page, beacon_key: bytes) -> None:
    """Come by the link and keep the key."""
    page.goto(link(beacon_key))
    settled(page)
    page.locator("#keep").tap()
    expect(page.get_by_role("heading", name="My data", level=1)).to_be_visible()


def test_the_browser_derives_the_same_as_central(pages: Pages, central: CentralCustomers) -> None:
    page = pages.open("/my/", size=SIZE)
    settled(page)
    for group in (1, 7, 4_294_967_295):
        beacon_key, nonce, at = system_chance(32), system_chance(4), central.clock()
        key = home_key(beacon_key, group)
        given = [list(beacon_key), group, at.timestamp() * 1000, list(nonce)]
        made = proof(home_day_key(key, day_of(at)), at, nonce)
        assert page.evaluate(MODULES, given) == [key.hex(), home_tag(key).hex(), made]


def test_a_key_is_asked_about_once_and_then_opens_its_data_by_itself(
    pages: Pages, central: CentralCustomers
) -> None:
    ada = customer(central)
    page = blank(pages, central)
    asked: list[str] = []
    page.context.on("request", lambda request: asked.append(f"{request.url} {request.post_data}"))
    page.goto(link(ada))
    settled(page)
    expect(page.get_by_role("heading", name="Keep a key in this browser?")).to_be_focused()
    assert page.evaluate("() => location.href").endswith("/my/")
    assert page.evaluate(HELD) is None  # nothing is kept before the answer
    look(page, "ask")

    page.locator("#keep").tap()
    expect(page.locator("#wrong-latte")).to_be_visible()
    settled(page)
    look(page, "data")
    assert page.evaluate(HELD) is False
    page.goto("/my/")
    expect(page.get_by_role("heading", name="My data", level=1)).to_be_visible()
    page.goto(link(ada))  # the same key again is no question
    expect(page.get_by_role("heading", name="My data", level=1)).to_be_visible()

    secret = home_key(ada, GROUP).hex()
    assert not [one for one in asked if secret in one]
    page.go_back()
    page.go_back()
    assert secret not in page.url


def test_a_planted_key_is_not_kept_unless_somebody_says_so(
    pages: Pages, central: CentralCustomers
) -> None:
    ada, mallory = customer(central), customer(central)
    page = blank(pages, central)
    page.goto(link(mallory))
    settled(page)
    page.locator("#not-mine").tap()
    expect(page.get_by_text("This browser holds no key yet")).to_be_visible()
    look(page, "none")
    assert page.evaluate(HELD) is None
    keep(page, ada)
    page.goto(link(mallory))
    settled(page)
    expect(page.get_by_text("The new one takes its place.")).to_be_visible()
    look(page, "ask-again", is_heard=False)
    page.locator("#not-mine").tap()
    expect(page.get_by_text("This browser holds your key.")).to_be_visible()
    page.locator("summary").tap()
    look(page, "held")
    page.locator("#again").tap()
    expect(page.get_by_role("heading", name="My data", level=1)).to_be_visible()


def test_what_is_said_at_home_is_kept_and_the_ways_out_work(
    pages: Pages, central: CentralCustomers
) -> None:
    ada = customer(central, Purpose.TASTES, Purpose.PAST_ORDERS)
    page = blank(pages, central)
    keep(page, ada)
    page.locator("#kind").select_option("scone")
    page.get_by_role("button", name="Never", exact=True).tap()
    expect(page.locator("#unmute-scone")).to_be_in_viewport()
    page.locator("#wrong-latte").tap()
    expect(page.locator("#wrong-latte")).to_have_count(0)
    expect(page.locator("#purpose-phone_offers")).to_be_disabled()
    page.locator("#purpose-past_orders").tap()
    expect(page.get_by_text("Nothing is kept. “Use my past orders here” is off.")).to_be_visible()
    expect(page.locator("#purpose-past_orders")).to_be_disabled()
    page.locator("#purpose-past_orders").scroll_into_view_if_needed()
    settled(page)
    look(page, "taken-back")
    page.reload()  # axe leaves style attributes behind, which htmx would copy
    page.locator("#ask-erase").tap()
    page.locator("#ask-unlink").tap()
    look(page, "data-changed", is_heard=False)
    page.reload()
    page.locator("#ask-erase").tap()
    page.locator("#erase").tap()
    expect(page.get_by_text("Everything is erased.")).to_be_visible()
    settled(page)
    look(page, "erased")
    assert page.evaluate(HELD) is None
    assert not central.is_known(ada)


def test_a_key_that_opens_nothing_says_so_and_can_be_removed(
    pages: Pages, central: CentralCustomers
) -> None:
    page = blank(pages, central)
    page.goto(link(system_chance(32)))
    settled(page)
    page.locator("#keep").tap()
    expect(page.get_by_text("is on its way")).to_be_visible()
    page.goto("/my/")  # who comes back later does not wait for it
    expect(page.get_by_role("alert")).to_contain_text("This key opens nothing here")
    look(page, "unknown")
    page.locator("summary").tap()
    page.locator("#delete-key").tap()
    expect(page.get_by_text("This browser holds no key yet")).to_be_visible()
    assert page.evaluate(HELD) is None
    page.goto("/my/#0123")
    expect(page.get_by_role("alert")).to_contain_text("This link is not whole.")
    assert page.url.endswith("/my/")


def test_every_state_can_be_read_in_german(pages: Pages, central: CentralCustomers) -> None:
    pages.expected += ["status of 404"]
    page = blank(pages, central, "de-DE")
    for name, path in {"none": "/my/", "nowhere": "/my/nowhere", "over": "/my/?over=1"}.items():
        page.goto(path)
        settled(page)
        look(page, f"{name}-de", is_heard=False)
    page.goto(link(customer(central)))
    settled(page)
    look(page, "ask-de", is_heard=False)
    page.locator("#keep").tap()
    expect(page.get_by_role("heading", name="Meine Daten", level=1)).to_be_visible()
    settled(page)
    for summary in page.locator("summary").all():
        summary.tap()
    look(page, "data-de", is_heard=False)
    page.locator("#ask-unlink + p + form button").tap()
    expect(page.get_by_text("Der Schlüssel ist entfernt.")).to_be_visible()
    settled(page)
    look(page, "removed-de", is_heard=False)
    assert page.evaluate(HELD) is None


def test_without_scripts_it_says_what_it_needs(pages: Pages) -> None:
    page = pages.open("/my/", size=SIZE, scripts=False)
    expect(page.get_by_role("heading", name="This browser cannot keep a key")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_count(1)


def enrol(page: Page, shop: PhoneShop) -> bytes:
    """Allow something at a kiosk; return the key that the phone made."""
    shop.customers.pairings["ABCDEFGHIJ234567ABCD"] = "kiosk-2"
    page.goto("/P/ABCDEFGHIJ234567ABCD")
    settled(page)
    page.locator("#purpose-tastes").tap()
    page.locator("#over_age").tap()
    page.get_by_role("button", name="Yes, use what I ticked").tap()
    page.locator("#my-data").tap()
    expect(page.get_by_text("Your data from home")).to_be_visible()
    return shop.customers.only.beacon_key


def test_the_phones_page_in_the_shop_leads_here_with_a_key_of_its_own(
    chromium: Browser, pages: Pages, central: CentralCustomers
) -> None:
    shop = PhoneShop()
    header = shop.site.header.model_copy(update={"my_data_at_home": f"{pages.base}/my/"})
    shop.site = shop.site.model_copy(update={"header": header})
    with serving(shop) as server:
        in_shop = Pages(chromium, server.url)
        page = in_shop.blank(size=SIZE)
        page.clock.install(time=shop.clock())
        ada = enrol(page, shop)
        page.get_by_text("Your data from home").scroll_into_view_if_needed()
        look(page, "in-the-shop")
        page.locator("#go-home").tap()
        expect(page.get_by_role("heading", name="Keep a key in this browser?")).to_be_visible()
        assert page.url == f"{pages.base}/my/"
        page.clock.set_fixed_time(central.clock())
        page.locator("#keep").tap()
        expect(page.get_by_text("is on its way")).to_be_visible()
        look(page, "on-its-way")
        voice = central.voice("kitchen-1", "harbour-kitchen")
        central.take(voice.enrolment(ada, [said(Purpose.TASTES, central.clock())]))
        opened = page.get_by_role("heading", name="My data", level=1)
        expect(opened).to_be_visible(timeout=20_000)  # by itself, at the next try
    assert in_shop.errors == []


def test_a_shop_whose_central_has_no_such_page_shows_no_way_there(chromium: Browser) -> None:
    shop = PhoneShop()
    with serving(shop) as server:
        page = Pages(chromium, server.url).blank(size=SIZE)
        page.clock.install(time=shop.clock())
        shop.customers.pairings["ABC234"] = "kiosk-2"
        page.goto("/p/")
        page.get_by_label("Six characters").fill("abc234")
        page.get_by_role("button", name="Link").tap()
        page.locator("#purpose-tastes").tap()
        page.locator("#over_age").tap()
        page.get_by_role("button", name="Yes, use what I ticked").tap()
        page.locator("#my-data").tap()
        expect(page.get_by_role("heading", name="Leave")).to_be_visible()
        assert page.locator("#at-home").count() == 0
        page.context.close()
