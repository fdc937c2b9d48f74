"""Real shops with a real central between them: Mosquitto, the bridge, central ops, PostgreSQL."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from edge.app.recognition.runtime import Recognising
from edge.app.wiring import Appliance
from edge.central.bridge.command_options import plan_of
from edge.central.bridge.service import run
from edge.central.bridge.taken import Pace
from edge.central.fleet.devices.link import LinkParts
from edge.central.fleet.devices.watch import Watch, WatchParts
from edge.core.chance import system_chance
from edge.core.clock import SettableClock
from edge.identity.day_keys import pseudonym_of
from edge.identity.proof import proof
from edge.identity.simulated_phone import SimulatedPhone
from edge.sync.mqtt import BrokerAddress
from edge.web.recognition_ports import CustomerScanned
from edge.wire.topics import CentralTopics
from tests.fakes.appliance import appliance, site
from tests.fakes.broker import Broker, wait_until
from tests.fakes.central_customers import CentralCustomers
from tests.fakes.phone_browser import PhoneBrowser, code_shown
from tests.fakes.shopper import Shopper


@dataclass
class Shop:
    """One appliance of one shop, with its delivery running."""

    built: Appliance
    clock: SettableClock

    @property
    def parts(self) -> Recognising:
        assert self.built.recognising is not None
        self.built.recognising.known.tick()
        return self.built.recognising

    def enrol(self, *purposes: str) -> PhoneBrowser:
        """Somebody comes to the kiosk, types its characters on their phone, and says yes."""
        shopper = Shopper(self.built.app.test_client())
        shopper.begin()
        phone = PhoneBrowser(self.built.app.test_client())
        phone.type_code(code_shown(shopper.tap("/kiosk/pair?screen=kiosk-1")))
        assert phone.answer(*purposes).get_json() == {"next": "/p/"}
        shopper.send("/kiosk/end")
        self.parts.from_central.report()
        return phone

    def open_page(self, phone: SimulatedPhone) -> PhoneBrowser:
        """Open the phone's page here, where it never enrolled: it proves that it holds the key."""
        self.parts  # noqa: B018 # the tables are up to date
        browser = PhoneBrowser(self.built.app.test_client(), phone)
        made = proof(phone.day_key(self.clock()), self.clock(), system_chance(4))
        assert browser.tell("/p/prove", {"code": made}).status_code == 200
        browser.get("/p/me")
        return browser

    def recognises(self, phone: SimulatedPhone) -> bool:
        """Hold the phone's K1 code to the kiosk."""
        self.clock.advance(timedelta(seconds=15))
        scan = self.parts.recognise.scanned("kiosk-1", phone.k1(self.clock(), system_chance))
        self.parts.recognise.leave("kiosk-1")
        return isinstance(scan, CustomerScanned)

    def order(self, phone: SimulatedPhone, sku: str) -> None:
        """Be recognised at the kiosk, and order."""
        self.clock.advance(timedelta(seconds=15))
        shopper = Shopper(self.built.app.test_client())
        shopper.begin()
        self.parts  # noqa: B018
        text = phone.k1(self.clock(), system_chance)
        shopper.tell("/kiosk/scan", {"screen": "kiosk-1", "text": text})
        shopper.add(sku)
        shopper.send("/kiosk/order")
        shopper.send("/kiosk/end")

    def decided(self, phone: SimulatedPhone, placement: str = "kiosk-usual") -> list[str]:
        """Present the phone's code to a till, and have it ask for a row; return its products."""
        self.clock.advance(timedelta(seconds=15))
        self.parts  # noqa: B018 # the tables are up to date
        till = self.built.app.test_client()
        text = phone.k1(self.clock(), system_chance)
        asked = {"screen": "till-1", "text": text}
        presence = till.post("/api/v1/scan", json=asked).get_json()["presence"]
        asked = {"screen": "till-1", "placement": placement, "presence": presence}
        slate = till.post("/api/v1/decide", json=asked).get_json()
        self.parts.recognise.leave("till-1")
        assert slate["recognised"] is (presence is not None)
        return [item["sku"] for item in slate["items"]]

    def knows(self, phone: SimulatedPhone) -> bool:
        """Say whether the device knows whose key this is."""
        return self.parts.known.customer_of(pseudonym_of(phone.beacon_key)) is not None

    def purposes(self, phone: SimulatedPhone) -> set[str]:
        """What they allow here."""
        known = self.parts.known
        customer_id = known.customer_of(pseudonym_of(phone.beacon_key))
        return set() if customer_id is None else {one.value for one in known.purposes(customer_id)}

    def bought(self, phone: SimulatedPhone) -> list[str]:
        """What they bought, as this device knows."""
        customer_id = self.parts.known.customer_of(pseudonym_of(phone.beacon_key))
        assert customer_id is not None
        profile = self.built.store.people.profile(customer_id)
        return [] if profile is None else [one.sku for one in profile.purchases]


@dataclass
class ShopsWithCentral:
    """Central, and the shops that are open."""

    folder: Path
    broker: Broker
    central: CentralCustomers
    clock: SettableClock
    stack: ExitStack = field(default_factory=ExitStack)

    @contextmanager
    def open(self, name: str) -> Iterator[Shop]:
        """Open the shop ``name``, with the data it had when it was open last."""
        header = site().header
        shop = site().model_copy(update={"header": header.model_copy(update={"site": name})})
        keys = self.central.central.settings()
        overrides = {one: keys[one] for one in keys if one.startswith("recognition.")}
        with appliance(
            self.folder / name,
            clock=self.clock,
            shop=shop,
            broker_port=self.broker.port,
            device_id=f"{name}-1",
            **overrides,
        ) as built:
            built.delivery.start()
            wait_until(lambda: built.delivery.status().state == "connected", "it is connected")
            yield Shop(built, self.clock)

    @contextmanager
    def bridge(self) -> Iterator[None]:
        """Run the bridge and central ops for the length of a ``with``."""
        stopped = threading.Event()
        plan = plan_of(self.central.settings, "bridge-1", None)
        address = BrokerAddress("127.0.0.1", self.broker.port, "bridge-1")
        plan = replace(plan, address=address, pace=Pace(longest_pause_s=0.5))
        topics = CentralTopics(self.central.settings.tenant)
        link = LinkParts(
            BrokerAddress("127.0.0.1", self.broker.port, "ops"), topics, self.clock, system_chance
        )
        watch = Watch(WatchParts(self.central.settings.database, link))
        threads = [
            threading.Thread(target=run, args=(plan, self.clock, system_chance, stopped)),
            threading.Thread(target=watch.run, args=(stopped.is_set,)),
        ]
        for thread in threads:
            thread.start()
        try:
            wait_until(lambda: watch.is_listening, "central ops listens")
            yield
        finally:
            stopped.set()
            for thread in threads:
                thread.join(20)
