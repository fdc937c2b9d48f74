"""A visit belongs to one browser and ends for good."""

import gc
import re
from pathlib import Path

from edge.core.clock import SettableClock
from edge.web.kiosk.request import COOKIE
from edge.web.kiosk.visit import Visit
from tests.fakes.appliance import LUNCH_AT, appliance, client
from tests.fakes.shopper import Shopper

CANARY = ("gluten", "sesame", "molluscs")


def key(shopper: Shopper) -> str:
    """Return the key the browser holds."""
    cookie = shopper.client.get_cookie(COOKIE, domain="localhost", path="/kiosk")
    assert cookie
    return cookie.value


def test_a_key_that_was_planted_in_the_browser_is_not_taken_over(tmp_path: Path) -> None:
    with appliance(tmp_path) as built:
        shopper = Shopper(client(built))
        shopper.client.set_cookie(COOKIE, "planted", path="/kiosk")
        shopper.begin()
        assert key(shopper) != "planted"

        first = key(shopper)
        shopper.begin()
        assert key(shopper) != first
        other = client(built)
        other.set_cookie(COOKIE, first, path="/kiosk")
        assert other.get("/kiosk/menu").headers["Location"] == "/kiosk/"


def test_one_kiosk_cannot_see_or_order_what_another_has(tmp_path: Path) -> None:
    with appliance(tmp_path) as built:
        one, two = Shopper(client(built)), Shopper(client(built))
        menu = one.begin().text
        two.begin()
        one.add("croissant")
        decision = re.search(r'data-decision="([^"]+)"', menu)
        assert decision

        assert "Croissant" not in two.tap("/kiosk/review").text.split("Popular here")[0]
        assert two.tap(f"/kiosk/why/{decision[1]}").status_code in {204, 303}
        assert two.tap("/kiosk/line/1").status_code in {204, 303}


def test_a_visit_that_ended_is_nowhere_in_memory_and_its_pages_are_gone(tmp_path: Path) -> None:
    clock = SettableClock(LUNCH_AT)
    with appliance(tmp_path, clock=clock) as built:
        for end in ("/kiosk/end", "idle"):
            shopper = Shopper(client(built))
            shopper.begin()
            held = key(shopper)
            shopper.send("/kiosk/allergens", avoid=list(CANARY))
            shopper.add("tea-peppermint")
            assert shopper.tap("/kiosk/review").headers["Cache-Control"] == "no-store"
            if end == "idle":
                clock.at = clock.at.replace(hour=clock.at.hour + 1)
                assert shopper.tap("/kiosk/menu").headers["HX-Redirect"] == "/kiosk/"
            else:
                shopper.send(end)
                assert not shopper.has_key()
            gc.collect()
            left = [o for o in gc.get_objects() if isinstance(o, Visit) and o.key == held]
            assert not left

            back = client(built)
            back.set_cookie(COOKIE, held, path="/kiosk")
            assert back.get("/kiosk/review").headers["Location"] == "/kiosk/"


def test_no_file_and_no_page_for_staff_says_what_a_shopper_avoids(tmp_path: Path) -> None:
    with appliance(tmp_path) as built:
        shopper = Shopper(client(built))
        shopper.begin()
        shopper.send("/kiosk/allergens", avoid=list(CANARY))
        row = shopper.add("tea-peppermint").text
        shopper.send("/kiosk/personal/fewer", sku="tea-green")
        shopper.tap("/kiosk/menu")
        decision = re.search(r'data-decision="([^"]+)"', row)
        assert decision
        staff = client(built)
        told = [
            staff.get(f"/api/v1/explain/{decision[1]}").text,
            staff.get(f"/ops/decision/{decision[1]}").text,
            # How often a route was asked for tells nothing of whom; its name may stand there.
            re.sub(r'route="[^"]*"', "", staff.get("/metrics").text),
            staff.get("/ops/").text,
            staff.get("/tablet/now").text,
        ]
        shopper.send("/kiosk/order")
        # What waits to be sent lies deflated in the file; here it is in words.
        waiting = [row.body for lane in "ctem" for row in built.store.reads.waiting(lane, 10_000)]
        assert any(b"Order Placed" in body for body in waiting)
    kept = [path.read_bytes() for path in tmp_path.glob("edge.db*")] + waiting

    for text in (*(page.encode() for page in told), *kept):
        for word in (*CANARY, "avoid", "allergen"):
            assert word.encode() not in text.lower(), (word, text[:200])
