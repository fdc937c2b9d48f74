"""People and machines around a shop of whom nobody consents: each step is one random thing they do.

They use everything there is: kiosks, phones, tablets, tills, codes, radio, central. What they send
may be whole, broken, old or foreign; a yes to the question for consent is the only thing they
never say.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import orjson
from flask.testing import FlaskClient

from edge.app.recognition.runtime import Recognising
from edge.app.wiring import Appliance
from edge.core.clock import SettableClock
from edge.core.errors import EdgeError
from edge.identity.consent import Purpose
from edge.identity.proof import proof
from edge.identity.simulated_phone import SimulatedPhone
from tests.fakes.customer import PREFIX
from tests.fakes.dice import Dice
from tests.fakes.phone_browser import PhoneBrowser, code_shown
from tests.fakes.shopper import Shopper

GROUPS: Final = (1, 1, 2)
PURPOSES: Final = tuple(purpose.value for purpose in Purpose)
FIELDS: Final = ("placement", "basket", "screen", "text", "code", "sku", "pin", "user", "levels")
ODD: Final[tuple[object, ...]] = (
    "",
    "x",
    "latte",
    "kiosk-1",
    "\u202e<b>",
    7,
    -1,
    1e300,
    None,
    True,
    [],
    {},
    ["latte"],
)
NOT_LIVE: Final = frozenset({"live.stream", "static.file"})


@dataclass
class PassersBy:
    """Everybody around one appliance."""

    built: Appliance
    clock: SettableClock
    dice: Dice
    done: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        assert self.built.recognising is not None
        self.parts: Recognising = self.built.recognising
        self.skus = [product.sku for product in self.built.services.site().products]
        self.shopper = Shopper(self._browser())
        self.shopper.begin()
        self.phone = PhoneBrowser(self._browser(), self._stranger())
        self.machine = self._browser()
        self.deeds: tuple[Callable[[], object], ...] = (
            *(
                self.begins,
                self.looks,
                self.orders,
                self.wishes,
                self.pairs,
                self.pairs_and_declines,
            ),
            *(self.pairs_and_leaves_it, self.shows_a_code, self.proves, self.opens_my_data),
            *(self.walks_by, self.asks_the_till, self.uses_a_tablet, self.fumbles, self.waits),
            self.hears_of_central,
        )

    def step(self) -> None:
        """Do one random thing."""
        deed = self.dice.choice(self.deeds)
        deed()
        self.done[deed.__name__] += 1

    # ---- at a kiosk ----------------------------------------------------------------------

    def begins(self) -> None:
        """Begin a visit in some language."""
        if self.dice.below(4) == 0:
            self.shopper = Shopper(self._browser())
        self.shopper.begin(language=self.dice.choice(("en", "de", "xx")))

    def looks(self) -> None:
        """Look at a page or a part of one."""
        sku = self.dice.choice(self.skus)
        self.shopper.tap(
            self.dice.choice(
                (
                    *("/kiosk/menu", "/kiosk/review", "/kiosk/standing", "/kiosk/nudge"),
                    *(f"/kiosk/item/{sku}", f"/kiosk/scanned/{sku}", "/kiosk/suggestions"),
                    *("/kiosk/here?screen=kiosk-1", "/kiosk/refused/forged", "/kiosk/invite"),
                    *("/kiosk/personal/forget", "/kiosk/pair.svg?screen=kiosk-1"),
                )
            )
        )

    def orders(self) -> None:
        """Order something, or give up."""
        self.shopper.begin()
        self.shopper.add(self.dice.choice(self.skus))
        self.shopper.send(self.dice.choice(("/kiosk/order", "/kiosk/end")))

    def wishes(self) -> None:
        """Say what is not wanted, and to be forgotten."""
        path = self.dice.choice(("/kiosk/personal/fewer", "/kiosk/rows", "/kiosk/personal/leave"))
        self.shopper.send(path, sku=self.dice.choice(self.skus), row="kiosk-tastes", view="menu")
        self.shopper.send(self.dice.choice(("/kiosk/personal/forget", "/kiosk/invite")))

    # ---- on a phone ----------------------------------------------------------------------

    def pairs(self) -> None:
        """Take up a kiosk's code, read the question, and put the phone away."""
        self.phone = PhoneBrowser(self._browser(), self._stranger())
        code = code_shown(self.shopper.tap("/kiosk/pair?screen=kiosk-1"))
        assert "purpose-tastes" in self.phone.type_code(code).text

    def pairs_and_declines(self) -> None:
        """Say no, or a yes that is none: nothing ticked, too young, other words, no purpose."""
        self.pairs()
        match self.dice.below(5):
            case 0:
                self.phone.post("/p/consent", answer="no", purpose=list(PURPOSES))
            case 1:
                self.phone.answer()
            case 2:
                self.phone.answer(*PURPOSES, over_age=False)
            case 3:
                self.phone.seen = self.phone.seen.replace(
                    'name="proof" value="', 'name="proof" value="x'
                )
                self.phone.answer(*PURPOSES)
            case _:
                self.phone.answer("everything")

    def pairs_and_leaves_it(self) -> None:
        """Take up a code that is over, used or made up."""
        code = code_shown(self.shopper.tap("/kiosk/pair?screen=kiosk-1"))
        match self.dice.below(3):
            case 0:
                self.clock.advance(timedelta(seconds=61))
                self.phone.type_code(code)
            case 1:
                self.phone.type_code("ABC234")
            case _:
                self.phone.get(f"/P/{'A' * 20}")

    def opens_my_data(self) -> None:
        """Ask for what only customers have."""
        paths = ("me", "export.json", "export.html", "receipt.json", "offers", "link?was=kiosk-1")
        self.phone.get(f"/p/{self.dice.choice(paths)}")
        posts = ("change", "purposes", "erase", "unlink", "disconnect", "here")
        fields = {"star": "latte", "purpose": list(PURPOSES), "screen": "kiosk-1"}
        self.phone.post(f"/p/{self.dice.choice(posts)}", proof=self.phone.hidden("proof"), **fields)

    def proves(self) -> None:
        """Prove that one holds a key that nobody here knows."""
        phone, now = self._stranger(), self.clock()
        code = self.dice.choice(
            (proof(phone.day_key(now), now, self.dice.bytes(4)), phone.k1(now, self.dice.bytes), "")
        )
        self.phone.tell("/p/prove", {"code": code})

    # ---- codes and radio -----------------------------------------------------------------

    def shows_a_code(self) -> None:
        """Show a code of nobody this shop knows, whole or not, old or not."""
        at = self.clock() + timedelta(seconds=self.dice.below(200) - 100)
        text = self._stranger().k1(at, self.dice.bytes)
        text = self.dice.choice(
            (text, text[:-3], text.replace("K1:", "K2:"), text[3:], "5000159407236")
        )
        if self.dice.below(2):
            self.shopper.tell("/kiosk/scan", {"screen": "kiosk-1", "text": text})
        else:
            self.parts._read(text)

    def walks_by(self) -> None:
        """Carry a beacon past the radio: of a stranger, of another retailer, or noise."""
        phone, now = self._stranger(), self.clock()
        for _ in range(5):
            frame = self.dice.choice((phone.frame(now), self.dice.bytes(16), PREFIX + bytes(12)))
            self.parts.beacons.heard((frame,), "kiosk-1", -50.0, now)

    # ---- machines ------------------------------------------------------------------------

    def asks_the_till(self) -> None:
        """Send what tills and kitchens send."""
        sku, visit = (
            self.dice.choice(self.skus),
            f"0f8fad5b-d9cb-469f-a165-{self.dice.below(10**12):012}",
        )
        body = self.dice.choice(
            (
                ("decide", {"placement": "kiosk-strip", "basket": [sku], "visit": visit}),
                ("decide", {"placement": "kiosk-usual", "screen": "kiosk-1", "visit": visit}),
                ("stock", {"changes": [{"sku": sku, "available": self.dice.below(9)}]}),
                ("context", {"kitchen_load": self.dice.below(100) / 100}),
                ("orders", self._order(sku, visit)),
            )
        )
        self.machine.post(f"/api/v1/{body[0]}", json=body[1])

    def uses_a_tablet(self) -> None:
        """Try to get in as staff, and look for customers."""
        self.machine.post("/tablet/enrol", json={"code": "ABCD-2345"})
        for path in ("now", "customer/x", f"customer/{'0' * 32}", "guide", ""):
            self.machine.get(f"/tablet/{path}")

    def fumbles(self) -> None:
        """Ask any route for anything."""
        rules = [r for r in self.built.app.url_map.iter_rules() if r.endpoint not in NOT_LIVE]
        rule = self.dice.choice(rules)
        path = re.sub(r"<[^>]+>", lambda _: self.dice.choice(("x", "latte", "1")), rule.rule)
        body = {name: self.dice.choice(ODD) for name in self.dice.sample(FIELDS, 3)}
        who = self.dice.choice((self.machine, self.shopper.client, self.phone.client))
        if "POST" in (rule.methods or ()):
            who.post(path, data=orjson.dumps(body), content_type="application/json")
        else:
            who.get(path, query_string={"screen": self.dice.choice(("kiosk-1", "x"))})

    def hears_of_central(self) -> None:
        """Take a message that central never sent."""
        sealed = self.dice.bytes(60).hex()
        body = {"version": 1, "message_id": "0" * 36, "sent_at": self.clock(), "sealed": sealed}
        take = self.dice.choice((self.parts.from_central.profile, self.parts.from_central.erase))
        try:
            take(self.dice.choice((orjson.dumps(body), b"{", b"")))
        except EdgeError:
            return
        msg = "a message that nobody sealed was taken"
        raise AssertionError(msg)

    def waits(self) -> None:
        """Let time pass, and the recurring jobs run."""
        self.clock.advance(timedelta(seconds=self.dice.choice((1, 5, 30, 400, 90_000))))
        for job in (*self.built.supervisor.jobs, *self.parts.keeping.jobs):
            job.run()

    def _order(self, sku: str, visit: str) -> dict[str, object]:
        lines = [{"sku": sku, "options": {}, "qty": 1}]
        return {"order_id": visit, "lines": lines, "service": "eat_in"}

    def _browser(self) -> FlaskClient:
        return self.built.app.test_client()

    def _stranger(self) -> SimulatedPhone:
        return SimulatedPhone(self.dice.bytes(32), self.dice.choice(GROUPS), PREFIX)
