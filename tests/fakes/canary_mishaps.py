"""What can go wrong around a customer: broken requests, unknown ids, a full disk, a broken model."""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Final

import orjson

from edge.core.chance import system_chance
from edge.core.errors import EdgeError
from tests.fakes.canary_shop import NAME, CanaryShop
from tests.fakes.dice import Dice

BROKEN: Final = (b"{", b"[" * 20_000, b"null", b'{"text": 7}', b"\xff\xfe", b"NaN")
NO_ROUTES: Final = frozenset({"live.stream", "static.file", "phone.erase", "phone.purposes"})
ENDS: Final = frozenset({"phone.unlink", "phone.disconnect", "tablet.sign_out"})
FIELDS: Final = ("text", "code", "screen", "sku", "star", "name", "id", "user_id", "pin", "body")


def routes(shop: CanaryShop, method: str, name: str) -> Iterator[str]:
    """Yield an address of every route but those that forget the customer, ``name`` in each."""
    for rule in shop.shop.appliance.app.url_map.iter_rules():
        if method in (rule.methods or ()) and rule.endpoint not in NO_ROUTES | ENDS:
            yield re.sub(r"<[^>]+>", name, rule.rule)


def break_requests(shop: CanaryShop) -> None:
    """Send what is no request to every route, as the customer, as staff and as a machine."""
    browsers = (shop.phone.client, shop.shopper.client, shop.tablet, shop.browser())
    for number, path in enumerate(routes(shop, "POST", "x")):
        browsers[number % 4].post(path, data=BROKEN[number % 6], content_type="application/json")
        browsers[number % 4].post(path, data={"csrf_token": "x", "name": "y"})
    for number, path in enumerate(routes(shop, "GET", "no-such-thing")):
        browsers[number % 4].get(path)
        browsers[number % 4].get(path, headers={"Host": "elsewhere.example"})
    big = {"code": shop.code() * 2000}
    for path in ("/p/prove", "/kiosk/scan", "/p/consent", "/api/v1/decide"):
        shop.phone.client.post(path, json=big)


def refuse_codes(shop: CanaryShop) -> None:
    """Show every code that was shown once more, damaged, late, and at the other kiosk."""
    old = shop.phone.phone.k1(shop.clock() - timedelta(minutes=5), system_chance)
    shop.hard.add("K1 text", old)
    for text in (*shop.codes, old, *(text[:-1] for text in shop.codes)):
        for path in ("/kiosk/scan", "/p/prove", "/api/v1/scan"):
            shop.shopper.tell(path, {"screen": "kiosk-2", "text": text, "code": text})
        shop.parts._read(text)
    for payload in (b"{", orjson.dumps({"version": 1, "sealed": "x"})):
        for take in (shop.parts.from_central.profile, shop.parts.from_central.erase):
            with suppress(EdgeError):
                take(payload)


def use(shop: CanaryShop) -> None:
    """Do what a customer does, without looking whether it works."""
    shop.shopper.begin()
    shop.scan(shop.code())
    shop.shopper.add("latte")
    shop.shopper.send("/kiosk/order")
    shop.open_page()
    shop.phone.get("/p/me")
    shop.phone.post("/p/change", naming="1", name=NAME, shows_name="on")
    shop.phone.post("/p/change", star="espresso")
    presence = shop.parts.presences.at("kiosk-1")
    if presence is not None:
        shop.tablet.get(f"/tablet/customer/{presence.presence_id}")
    shop.phone.type_code("ABC234")


def fuzz(shop: CanaryShop, dice: Dice, count: int) -> None:
    """Send the customer's own values where they do not belong; what comes back is not looked at."""
    values = [spelling.decode("latin-1") for spelling in shop.hard.spellings]
    posts, gets = list(routes(shop, "POST", "X")), list(routes(shop, "GET", "X"))
    kept = len(shop.errors)
    for _ in range(count):
        client = dice.choice((shop.phone.client, shop.shopper.client, shop.tablet))
        body = {name: dice.choice(values) for name in dice.sample(FIELDS, 4)}
        if dice.below(2):
            client.post(dice.choice(posts), json=body)
        else:
            client.get(dice.choice(gets), query_string=body)
    # Whoever sends a value may read it in the answer; nobody else may read it anywhere.
    del shop.errors[kept:]


def file_names(folder: Path) -> bytes:
    """Return the names of everything in a folder."""
    return "\n".join(str(path) for path in folder.rglob("*")).encode()


def command_lines() -> bytes:
    """Return the arguments of every process that this one may look at."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            found.append(path.read_bytes())
    return b"\n".join(found)
