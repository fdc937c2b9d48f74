"""Two shops, central, and an attacker in the first shop: what an attack must not disturb.

``kiosk-b`` is away, with messages waiting for it; ``kiosk-c``, of the same shop, is there. Central's
``ops`` and ``bridge-1`` listen. ``undisturbed`` then looks at all of them: whatever the attacker
brought in would have been seen by one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from edge.central.fleet.provision.acl import Enrolled
from edge.sync.tls import Tls
from edge.wire.topics import CentralTopics, Topics
from tests.fakes.bare_client import BareClient, Wanted, Will, pump_until
from tests.fakes.certificates import TENANT, TlsBroker

SHARE: Final = "cdp-0123456789abcdef"
ATTACKER: Final = Enrolled("kiosk-a", "shop-a", "stable")
AWAY: Final = Enrolled("kiosk-b", "shop-b", "early")
THERE: Final = Enrolled("kiosk-c", "shop-b", "early")
EVERYBODY: Final = (ATTACKER, AWAY, THERE)
A: Final = Topics(TENANT, "shop-a", "kiosk-a")
B: Final = Topics(TENANT, "shop-b", "kiosk-b")
C: Final = Topics(TENANT, "shop-b", "kiosk-c")
CENTRAL: Final = CentralTopics(TENANT, SHARE)
_DAY_S: Final = 86_400
_WAITING: Final = (b"command", b"context", b"doorbell")


@dataclass(slots=True)
class Scene:
    """Everybody at one broker."""

    broker: TlsBroker
    ops: BareClient
    bridge: BareClient
    there: BareClient
    _attackers: list[BareClient] = field(default_factory=list)
    _after: int = 0

    def away(self) -> None:
        """Let ``kiosk-b`` leave a session with three messages waiting, and forget what came."""
        victim = self._client("kiosk-b", clean=True, expiry_s=_DAY_S)
        assert victim.connect() == 0
        _listen(victim, B)
        victim.leave()
        self.ops.publish(B.commands, b"command")
        self.ops.publish(B.contexts[0], b"context")
        self.ops.publish(B.doorbell("early"), b"doorbell")
        self._expect(self.there, [b"context", b"doorbell"])
        for witness in (self.ops, self.bridge, self.there):
            witness.received.clear()

    def attacker(
        self, name: str = "kiosk-a", *, files: Tls | None = None, will: Will | None = None
    ) -> BareClient:
        """Return the attacker's client, not yet connected; its certificate is its own."""
        wanted = Wanted(name, files or self.broker.fleet.client("kiosk-a"), clean=True, will=will)
        self._attackers.append(BareClient(self.broker.port, wanted))
        return self._attackers[-1]

    def stranger(self, wanted: Wanted) -> BareClient:
        """Return a client that is nobody, not yet connected."""
        wanted.ca_file = str(self.broker.fleet.server().ca_file)
        self._attackers.append(BareClient(self.broker.port, wanted))
        return self._attackers[-1]

    def undisturbed(self) -> None:
        """Assert that nobody saw, lost or heard anything; the day goes on."""
        self._after += 1
        last = f"last {self._after}".encode()
        self.ops.publish(B.commands, b"secret")
        self.ops.publish(C.commands, last)
        self.ops.publish(C.contexts[0], b"news")
        assert self.there.publish(C.events("e"), last) == 0
        assert self.there.publish(C.status, last) == 0
        assert self.there.publish(C.lan("stock"), b"three left") == 0
        self._expect(self.there, [last, b"news", b"three left"])
        self._expect(self.bridge, [last])
        self._expect(self.ops, [last])
        self._attackers_heard_nothing(last)
        self._victim_has_everything()

    def close(self) -> None:
        """Let everybody leave."""
        self._drop_attackers()
        for client in (self.ops, self.bridge, self.there):
            client.leave()

    def _attackers_heard_nothing(self, last: bytes) -> None:
        self.ops.publish(A.commands, last)
        for attacker in self._attackers:
            if attacker.reason == 0 and not attacker.is_lost:
                if attacker.wanted.client_id == "kiosk-a":
                    attacker.subscribe(A.commands)
                    self.ops.publish(A.commands, last)
                    pump_until(lambda one=attacker: last in one.payloads(), (attacker,))  # type: ignore[misc]
                else:
                    attacker.subscribe("fence/nobody")
                strange = [one for one in attacker.received if one[0] != A.commands]
                assert strange == [], f"the attacker heard {strange}"
        self._drop_attackers()

    def _victim_has_everything(self) -> None:
        victim = self._client("kiosk-b", clean=False, expiry_s=_DAY_S)
        assert victim.connect() == 0
        assert victim.has_session, "the victim's session is gone"
        _listen(victim, B)  # whatever was retained would come now
        _listen(self.there, C)
        self.ops.publish(B.commands, b"end")
        self.ops.publish(C.commands, b"end")
        self._expect(victim, [*_WAITING, b"secret", b"news", b"three left", b"end"])
        self._expect(self.there, [b"end"])
        victim.leave()

    def _expect(self, client: BareClient, payloads: list[bytes]) -> None:
        """Assert that exactly ``payloads`` come; what came before the last has come as well."""
        pump_until(lambda: payloads[-1] in client.payloads() or client.is_lost, (client,))
        assert not client.is_lost, f"{client.wanted.client_id} was disconnected"
        found = client.payloads()
        assert found == payloads, f"{client.wanted.client_id} got {found}, not {payloads}"
        client.received.clear()

    def _client(self, name: str, *, clean: bool, expiry_s: int) -> BareClient:
        files = self.broker.fleet.client(name)
        return BareClient(self.broker.port, Wanted(name, files, clean=clean, expiry_s=expiry_s))

    def _drop_attackers(self) -> None:
        for attacker in self._attackers:
            attacker.leave()
        self._attackers.clear()


@contextmanager
def scene_at(broker: TlsBroker) -> Iterator[Scene]:
    """Put everybody at ``broker`` for the length of a ``with``."""
    ops, bridge, there = (
        BareClient(broker.port, Wanted(name, broker.fleet.client(name), clean=True))
        for name in ("ops", "bridge-1", "kiosk-c")
    )
    scene = Scene(broker, ops, bridge, there)
    try:
        for client in (ops, bridge, there):
            assert client.connect() == 0
        for states in CENTRAL.states:
            scene.ops.subscribe(states)
        scene.bridge.subscribe(CENTRAL.events)
        _listen(scene.there, C)
        yield scene
    finally:
        scene.close()


def _listen(client: BareClient, topics: Topics) -> None:
    for topic in (
        topics.commands.removesuffix("cmd") + "#",
        topics.contexts[0],
        topics.doorbell("early"),
        topics.lan_of_all("stock"),
    ):
        client.subscribe(topic)
