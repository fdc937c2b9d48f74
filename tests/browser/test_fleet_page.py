"""The fleet's pages in a real browser: reading, deciding, going on when something is away."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from edge.central.fleet.web.parts import Running
from edge.core.clock import SettableClock
from tests.browser.audit import axe, clipped, overflow_px, shoot, small_targets
from tests.browser.conftest import Pages
from tests.fakes.fleet import CANDIDATE
from tests.fakes.fleet_pages import MOVING, SEEN, served, with_everything
from tests.fakes.fleet_web import TOKENS, FleetWeb
from tests.fakes.postgres import running_postgres

pytestmark = pytest.mark.browser
DESK, PHONE = (1440, 900), (390, 844)
NARROW = ("/fleet/", "/fleet/devices?state=problem")
"""Where axe looks on a phone as well: the pages whose shape changes most."""


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FleetWeb]:
    """A fleet with something of everything, on a clock that is set."""
    with running_postgres() as postgres:
        clock = SettableClock(datetime(2026, 3, 2, 9, tzinfo=UTC))
        yield with_everything(FleetWeb(postgres.url(), tmp_path_factory.mktemp("fleet"), clock))


@pytest.fixture
def ops(chromium: Browser, fleet: FleetWeb) -> Iterator[Pages]:
    """Opens the fleet's pages; at the end none may have failed or left our origin."""
    with served(fleet.app) as url:
        pages = Pages(chromium, url)
        yield pages
        for context in chromium.contexts:
            context.close()
    assert pages.strangers == []
    assert pages.errors == []


def sign_in(ops: Pages, who: str, size: tuple[int, int] = DESK) -> Page:
    page = ops.open("/fleet/sign-in", size=size)
    page.get_by_label("Token").fill(TOKENS[who][1])
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Fleet", level=1)).to_be_visible()
    return page


@pytest.mark.parametrize(("size", "locale"), [(DESK, "en-GB"), (PHONE, "de-DE")])
def test_every_page_can_be_read_by_everybody(
    ops: Pages, size: tuple[int, int], locale: str
) -> None:
    ops.expected.append("404")
    page = ops.blank(size=size, locale=locale)
    for path in SEEN:
        page.goto(path)
        if size is DESK or path in NARROW:
            assert axe(page) == [], path
        assert clipped(page) == [], path
        assert overflow_px(page)[0] <= 0, path
        assert small_targets(page, 24) == [], path
        shoot(page, f"fleet{path.replace('/', '-').replace('?', '-')}-{size[0]}")


def test_pages_can_be_read_without_scripts(ops: Pages) -> None:
    page = ops.open(f"/fleet/rollouts/{MOVING}", scripts=False)
    expect(page.get_by_text("The canary has finished. It rests until")).to_be_visible()
    page.get_by_role("link", name="Devices", exact=True).click()
    expect(page.get_by_role("link", name="shop-0-1", exact=True)).to_be_visible()
    page.get_by_label("How it stands").select_option("untrusted")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("BadVersionNumberError")).to_be_visible()


def test_two_persons_approve_with_the_keyboard_alone(ops: Pages, fleet: FleetWeb) -> None:
    release = CANDIDATE.model_copy(update={"release_id": "ranker-1.2.0", "version": "1.2.0"})
    rollout_id = fleet.draft(release=release.model_copy(update={"target": "models/r/2/r.tar"}))
    page = ops.blank()
    for who in ("ada", "grace"):
        page = sign_in(ops, who)
        page.goto(f"/fleet/rollouts/{rollout_id}")
        page.locator("summary", has_text="Approve").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name=f"Approve as {who}")).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.get_by_role("button", name=f"Approve as {who}")).to_be_hidden()
        page.keyboard.press("Enter")
        assert axe(page) == []
        page.keyboard.press("Enter")
        expect(page.get_by_text(f"Approved by {who}")).to_be_visible()
    expect(
        page.get_by_text("ada, grace approved the plan. Somebody has to start it.")
    ).to_be_visible()
    page.locator("summary", has_text="Drop it").click()
    page.get_by_label("Type ranker-1.2.0 to confirm").fill("ranker-1.2.0")
    page.locator("#why-abort").fill("a mistake in the card")
    page.get_by_role("button", name="Drop it as grace").click()
    expect(page.get_by_text("Taken back").first).to_be_visible()


def test_a_page_shows_what_has_changed_and_leaves_an_open_form_alone(
    ops: Pages, fleet: FleetWeb
) -> None:
    page = sign_in(ops, "olga")
    page.goto(f"/fleet/rollouts/{MOVING}")
    page.locator("summary", has_text="Pause").click()
    page.locator("#why-pause").fill("I look at it")
    fleet.fleet.rollouts.pause(MOVING, "ada", "the figures look odd")
    try:
        expect(page.get_by_text("the figures look odd").first).to_be_visible(timeout=15_000)
        expect(page.locator("#why-pause")).to_have_value("I look at it")
        ops.expected.append("409")
        page.get_by_role("button", name="Pause as olga").click()
        expect(page.get_by_text("This was not done.")).to_be_visible()
    finally:
        fleet.fleet.rollouts.resume(MOVING, "ada")


def test_a_page_says_when_nobody_answers_and_takes_it_back(ops: Pages, fleet: FleetWeb) -> None:
    page = ops.open("/fleet/", size=DESK)
    lost = page.get_by_text("This server does not answer.")
    expect(lost).to_be_hidden()
    ops.expected.append("ERR_")
    page.context.set_offline(True)
    expect(lost).to_be_visible(timeout=15_000)
    page.context.set_offline(False)
    expect(lost).to_be_hidden(timeout=15_000)
    fleet.running = Running(is_hearing=False, is_alive=True)
    expect(page.get_by_text("The broker is away.")).to_be_visible(timeout=15_000)
    fleet.running = Running(is_hearing=True, is_alive=True)
