"""A customer whose every fact is a canary, in the whole shop, with central behind a real broker.

They do everything a customer can, and every thing is also done wrong: broken, late, twice, while
the disk is full, while the model breaks. Whatever was answered, sent or logged is kept.
"""

from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Final

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from edge.app.team import TeamOffice, demo_staff
from edge.catalog.site import Site
from edge.core.chance import system_chance
from edge.core.errors import ModelContractError
from edge.identity.beacon import uuid_of
from edge.identity.consent import Purpose
from edge.identity.day_keys import day_of, interval_of, pseudonym_of, rolling_id
from edge.identity.proof import proof
from edge.identity.sealing import seal
from edge.recommend.ranker import Ranking, RankRequest
from edge.web.kiosk.request import COOKIE as KIOSK_COOKIE
from edge.web.live import Subscriber
from edge.web.parts import parts_of
from edge.web.phone.visit import COOKIE as PHONE_COOKIE
from edge.web.tablet.session import SESSION, TABLET
from edge.wire.profile_message import PROFILE_INFO
from edge.wire.signed import signed_text
from edge.wire.topics import Topics
from tests.fakes.appliance import site
from tests.fakes.broker import Broker, Central, listening, running_broker
from tests.fakes.canary import Canaries, uuid_spellings
from tests.fakes.demo_shop import DemoShop, demo_shop
from tests.fakes.patience import wait_until
from tests.fakes.phone_browser import PhoneBrowser, code_shown
from tests.fakes.shopper import Shopper, decision
from tests.fakes.small_disk import small_disk

NAME: Final = "Canarywen"
PIN: Final = "493827160593"
LIKED: Final = "canary-brew-7f3a91"
"""A product of this shop: on every menu, and nobody may know who likes it."""
ELSEWHERE: Final = {
    "bought": "canary-bought-7f3a91",
    "starred": "canary-starred-7f3a91",
    "muted": "canary-muted-7f3a91",
    "less": "canary-less-7f3a91",
}
"""What they bought and said in other shops of the group; this one does not sell it."""
CENTRAL: Final = X25519PrivateKey.from_private_bytes(b"\x05" * 32)
SIGNER: Final = Ed25519PrivateKey.from_private_bytes(b"\x0b" * 32)
KIOSKS: Final = (("kiosk-1", "kiosk"), ("kiosk-2", "kiosk"), ("tablet-1", "tablet"))
BOARDS: Final = (("board-1", "coffee-bar"), ("board-2", "tea-bakery"))
SCREENS: Final = tuple(name for name, _ in KIOSKS + BOARDS)
DISK_MIB: Final = 24
PURPOSES: Final = tuple(purpose.value for purpose in Purpose)


def canary_site() -> Site:
    """Return the demo shop with one product more."""
    found = site()
    like = next(product for product in found.products if product.sku == "latte")
    liked = like.model_copy(update={"sku": LIKED, "name": {"en": "Guest Brew"}, "gtin": None})
    return found.model_copy(update={"products": (*found.products, liked)})


class BrokenRanker:
    """A model that answers nonsense from now on."""

    name, digest, items = "broken", "broken", ()
    part_names: tuple[str, ...] = ()

    def rank(self, _request: RankRequest) -> Ranking:
        """Fail as a damaged graph does."""
        msg = "wanted finite scores, got [nan]"
        raise ModelContractError(msg)


@dataclass
class CanaryShop:
    """The shop, the customer in it, and what everybody else was answered."""

    shop: DemoShop
    broker: Broker
    central: Central
    data: Path
    disk: Path | None
    """A small disk that holds the data; None where a test may not mount one."""
    hard: Canaries = field(default_factory=Canaries)
    """What may be nowhere but on the customer's own phone (their name: and kiosk)."""
    soft: Canaries = field(default_factory=Canaries)
    """What everybody may see, but not that it is theirs."""
    errors: list[tuple[int, str, bytes]] = field(default_factory=list)
    told: list[bytes] = field(default_factory=list)
    """What went to screens over their streams."""
    followers: list[Subscriber] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = self.shop.appliance.services.clock
        self.parts = self.shop.recognising
        self.shopper = Shopper(self.browser())
        self.phone = PhoneBrowser(self.browser())
        self.tablet = self.browser()
        self.codes: list[str] = []
        for name, value in ELSEWHERE.items():
            self.hard.add(f"{name} elsewhere", value)
        self.hard.add("name", NAME)
        self.hard.add("PIN", PIN)
        self.soft.add("liked product", LIKED)
        self._add_keys()

    def browser(self) -> FlaskClient:
        """Return a browser whose refusals are kept."""
        client = self.shop.appliance.app.test_client()
        asked = client.open

        def kept(*args: object, **more: object) -> TestResponse:
            answer = asked(*args, **more)  # type: ignore[arg-type] # handed on as it came
            if answer.status_code >= 400:
                self.errors.append((answer.status_code, answer.request.path, answer.data))
            self.listen()
            return answer

        client.open = kept  # type: ignore[method-assign] # get and post go through it
        return client

    def listen(self) -> None:
        """Take what the screens were told since."""
        for follower in self.followers:
            self.told += [event.encode() for event in follower.take(0)]

    # ---- what a customer does ------------------------------------------------------------

    def enrol(self) -> None:
        """Come to a kiosk, allow everything, and say who one is."""
        self.shopper.begin()
        self._cookie(self.shopper.client, KIOSK_COOKIE, "/kiosk")
        code = code_shown(self.shopper.tap("/kiosk/pair?screen=kiosk-1"))
        self.hard.add("pairing code", code)
        self.phone.type_code(code)
        assert self.phone.answer(*PURPOSES).get_json() == {"next": "/p/"}
        self._cookie(self.phone.client, PHONE_COOKIE, "/p")
        (holder,) = self.shop.appliance.store.people.holders()
        self.hard.add("customer id", holder.customer_id)
        self.hard.add("subject_ref", holder.subject_ref)
        self.phone.get("/p/me")
        self.phone.post("/p/change", star=LIKED)

    def hear_from_central(self) -> None:
        """Take what they did in other shops."""
        now, store = self.clock(), self.shop.appliance.store
        header = self.shop.appliance.services.site().header
        consent = {
            "event_id": "019c0000-0000-7000-8000-000000000001",
            "record_id": "019c0000-0000-7000-8000-0000000000aa",
            "purpose": Purpose.TASTES.value,
            "state": "given",
            "at": now - timedelta(days=2),
        }
        wishes = {
            "starred": [ELSEWHERE["starred"], LIKED],
            "muted": [ELSEWHERE["muted"]],
            "less": [ELSEWHERE["less"]],
            "name": NAME,
            "shows_name": True,
            "changed_at": now + timedelta(seconds=1),
        }
        skus = (ELSEWHERE["bought"], LIKED)
        said = {
            "pseudonym": pseudonym_of(self.phone.phone.beacon_key).hex(),
            "day_keys": {},
            "purchases": [{"sku": s, "day": day_of(now) - 2, "count": 3} for s in skus],
            "wishes": wishes,
            "consents": [consent],
        }
        plain = orjson.dumps({"customers": [said]})
        device_key = store.keys.exchange_key
        message_id, sent_at = "019c0000-0000-7000-8000-000000000002", now.isoformat()
        sealed = b64encode(seal(plain, device_key, PROFILE_INFO)).decode()
        signature = SIGNER.sign(signed_text(PROFILE_INFO, device_key, message_id, sent_at, sealed))
        envelope = {
            "version": 1,
            "message_id": message_id,
            "sent_at": sent_at,
            "sealed": sealed,
            "signature": signature.hex(),
        }
        topics = Topics(header.tenant, header.site, self.shop.appliance.settings.device_id)
        self.broker.retain(topics.profile, orjson.dumps(envelope))
        wait_until(lambda: NAME.encode() in self.phone.get("/p/export.json").data)

    def visit(self) -> None:
        """Show a code at a kiosk, look at everything, order."""
        self.shopper.begin()
        menu = self.scan(self.code())
        assert NAME in menu.text, "else nobody was recognised"
        why = decision(menu)
        self.shopper.tap(f"/kiosk/why/{why}?view=menu")
        for path in (f"why/{why}/details", "standing", "suggestions", f"item/{LIKED}", "invite"):
            self.shopper.tap(f"/kiosk/{path}")
        for row in ("kiosk-tastes", "kiosk-new", "kiosk-strip"):
            self.shopper.send("/kiosk/rows", row=row)
        self.shopper.tell("/kiosk/seen", {"decision": why})
        self.shopper.add("latte", decision=why, slot="1")
        self.shopper.tap("/kiosk/review")
        self.shopper.tap("/kiosk/nudge")

    def scan(self, text: str) -> TestResponse:
        """Hold a code before the hand scanner, and look at the menu."""
        self.shopper.tell("/kiosk/scan", {"screen": "kiosk-1", "text": text})
        return self.shopper.tap("/kiosk/menu")

    def open_page(self) -> None:
        """Open the phone's page another time, and take everything along."""
        key = self.phone.phone.day_key(self.clock())
        self.codes.append(proof(key, self.clock(), system_chance(4)))
        self.hard.add("proof", self.codes[-1])
        self.phone.tell("/p/prove", {"code": self.codes[-1]})
        self._cookie(self.phone.client, PHONE_COOKIE, "/p")
        for path in ("", "me", "export.json", "export.html", "receipt.json", "link", "offers"):
            self.phone.get(f"/p/{path}")

    def come_near(self) -> None:
        """Walk up with the beacon on, and tap."""
        self.shopper.send("/kiosk/end")
        self.phone.get("/p/")
        self.phone.post("/p/demo/near")
        wait_until(lambda: self.parts.recognise.is_invited("kiosk-1"))
        self.phone.get("/p/")
        self.phone.post("/p/here", screen="kiosk-1")
        self.listen()

    def be_seen_by(self, camera_code: str) -> None:
        """Hold a code before the camera's own process."""
        self.shop.stage.hold(camera_code)
        wait_until(lambda: self.parts.presences.at("kiosk-1") is not None)
        self.listen()

    def meet_staff(self) -> None:
        """Be looked at by the team: enrol a tablet, sign in, open the card."""
        store = self.shop.appliance.store
        demo_staff(store, PIN)
        code = TeamOffice(store).offer_tablet("counter").code
        self.hard.add("tablet code", code)
        team = PhoneBrowser(self.tablet)
        team.get("/tablet/sign-in")
        team.post("/tablet/enrol", code=code)
        self._cookie(self.tablet, TABLET, "/tablet")
        team.get("/tablet/sign-in")
        team.post("/tablet/sign-in", user_id="amira", pin=f"{PIN[:-1]}4")
        team.post("/tablet/sign-in", user_id="amira", pin=PIN)
        self._cookie(self.tablet, SESSION, "/tablet")
        presence = self.parts.presences.at("kiosk-1")
        assert presence is not None
        assert NAME in team.get(f"/tablet/customer/{presence.presence_id}").text
        for path in ("now", f"customer/{presence.presence_id}/lives", "guide"):
            team.get(f"/tablet/{path}")

    def code(self) -> str:
        """Return the phone's next code."""
        text = self.phone.phone.k1(self.clock(), system_chance)
        self.codes.append(text)
        self.hard.add("K1 text", text)
        return text

    def break_model(self) -> None:
        """Let the model fail at its next decision."""
        serve = self.shop.appliance.services.serve
        rankers = serve._rankers  # type: ignore[attr-defined] # its own, behind a protocol
        whole = rankers.now()
        rankers.serve(replace(whole, scoring=replace(whole.scoring, ranker=BrokenRanker())))

    def _add_keys(self) -> None:
        phone, now = self.phone.phone, self.clock()
        self.hard.add("beacon key", phone.beacon_key)
        self.hard.add("pseudonym", pseudonym_of(phone.beacon_key))
        for day in range(-1, 9):
            at = now + timedelta(days=day)
            self.hard.add("day key", phone.day_key(at))
        for interval in range(-2, 4):
            at = now + timedelta(seconds=300 * interval)
            self.hard.add("rolling id", rolling_id(phone.day_key(at), interval_of(at)))
            frame = phone.frame(at)
            for text in (uuid_of(frame), *uuid_spellings(frame)):
                self.hard.add("beacon", text)

    def _cookie(self, client: FlaskClient, name: str, path: str) -> None:
        cookie = client.get_cookie(name, domain="localhost", path=path)
        assert cookie is not None, name
        self.hard.add(f"cookie {name}", cookie.value)


@contextmanager
def canary_shop(folder: Path) -> Iterator[CanaryShop]:
    """Open the shop for the customer, with two kiosks and a broker that central listens at."""
    kiosks = [{"id": name, "surface": surface} for name, surface in KIOSKS]
    boards = [{"id": name, "surface": "signage", "board": board} for name, board in BOARDS]
    with ExitStack() as stack:
        broker = stack.enter_context(running_broker(folder))
        central = stack.enter_context(listening(broker, "instore/#"))
        overrides = {
            "mqtt.host": "127.0.0.1",
            "mqtt.port": broker.port,
            "recognition.central_key": CENTRAL.public_key().public_bytes_raw().hex(),
            "recognition.central_sign_key": SIGNER.public_key().public_bytes_raw().hex(),
            "screens": [*kiosks, *boards],
            "outbox.reserve_mib": 0,  # else a full disk would not fail what the mishaps need failed
        }
        disk = folder / "disk"
        is_small = stack.enter_context(small_disk(disk, DISK_MIB))
        data = disk / "data"
        shop = stack.enter_context(demo_shop(data, shop=canary_site(), **overrides))
        found = CanaryShop(shop, broker, central, data, disk if is_small else None)
        hub = parts_of(shop.appliance.app).hub
        for name in SCREENS:
            follower = stack.enter_context(hub.subscribed(name))
            assert follower is not None
            found.followers.append(follower)
        yield found
