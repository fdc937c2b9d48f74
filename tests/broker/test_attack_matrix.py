"""What a device may not do to another shop, tried against the delivered broker files.

Each row of decided.md 50: it is denied, and the other shop's devices notice nothing: their sessions
live, what waits for them is complete, and nothing that was not meant for them arrives. The same rows
run against a broker without these files, where every one of them must be noticed.
"""

import ssl
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

import pytest
from cryptography import x509

from edge.app.shipped import shipped
from edge.central.fleet.provision.acl import Enrolled
from edge.central.fleet.provision.authority import (
    Authority,
    Revoked,
    certificate_pem,
    key_pem,
)
from edge.central.fleet.provision.broker_files import CENTRAL as CENTRAL_CONF
from edge.central.fleet.provision.certificate import DEVICE_LASTS, Leaf, leaf_certificate, new_key
from edge.core.clock import system_clock
from edge.core.errors import RequestContractError
from edge.sync.tls import Tls
from tests.fakes.bare_client import DENIED, REFUSED, UNHEARD, BareClient, Wanted, Will, pump_until
from tests.fakes.broker_scene import EVERYBODY, SHARE, A, B, C, Scene, scene_at
from tests.fakes.certificates import Fleet, TlsBroker, tls_broker

pytestmark = pytest.mark.broker

Attack = Callable[[Scene], None]
REVOKED: Final = "kiosk-x"


def _publish(*topics: str, retain: bool = False) -> Attack:
    def attack(scene: Scene) -> None:
        attacker = _connected(scene)
        for topic in topics:
            assert attacker.publish(topic, b"forged", retain=retain) == DENIED, topic

    return attack


def _subscribe(*filters: str) -> Attack:
    def attack(scene: Scene) -> None:
        attacker = _connected(scene)
        for topic in filters:
            attacker.subscribe(topic)  # "granted" says nothing; scene.undisturbed looks

    return attack


def _will(scene: Scene) -> None:
    attacker = scene.attacker(will=Will(B.status, b"forged"))
    attacker.connect()
    attacker.drop()
    # The broker handles one after the other: when this one's will is out, so was the first.
    fence = scene.attacker(will=Will(A.status, b"own will"))
    assert fence.connect() == 0
    fence.drop()
    pump_until(lambda: scene.ops.received != [], (scene.ops,))
    assert scene.ops.received == [(A.status, b"own will")]
    scene.ops.received.clear()


def _with_client_id(client_id: str) -> Attack:
    def attack(scene: Scene) -> None:
        attacker = scene.attacker(client_id)
        if attacker.connect() == 0:  # under its own name, whatever it asked to be
            attacker.subscribe(B.commands)
            attacker.subscribe(C.commands)

    return attack


def _named(name: str) -> Attack:
    """The authority's key signs a name that the authority refuses; what would the broker say?"""

    def attack(scene: Scene) -> None:
        _sign(scene.broker, scene.broker.fleet.authority, name)
        attacker = scene.attacker(files=_files(scene.broker, name))
        if attacker.connect() != 0:
            return
        attacker.wanted.client_id = name
        for below in (B.events("e"), B.status, f"{B.status}/x", B.commands):
            assert attacker.publish(below, b"forged") != 0, below
        root = f"instore/v1/harbour/d/{name}"
        if not set(name) & set("+#"):
            for below in ("up/status", "up/ev/e", "up/release", "up/res/1"):
                assert attacker.publish(f"{root}/{below}", b"forged") != 0, below
            attacker.subscribe(f"{root}/down/#")
        attacker.subscribe("instore/v1/harbour/d/+/down/#")

    return attack


def _revoked(scene: Scene) -> None:
    assert scene.attacker(files=_files(scene.broker, REVOKED)).connect() == REFUSED


def _without_certificate(scene: Scene) -> None:
    assert scene.stranger(Wanted("kiosk-a")).connect() != 0
    assert scene.stranger(Wanted("kiosk-b")).connect() != 0


def _rogue(scene: Scene) -> None:
    folder = scene.broker.fleet.folder / "rogue"
    authority = (
        Authority.open(folder)
        if folder.exists()
        else Authority.make(folder, "harbour", system_clock())
    )
    _sign(scene.broker, authority, "kiosk-b")
    assert scene.attacker(files=_files(scene.broker, "kiosk-b")).connect() == REFUSED


def _old_tls(scene: Scene) -> None:
    attacker = scene.attacker()
    attacker.wanted.newest_tls = ssl.TLSVersion.TLSv1_2
    assert attacker.connect() == REFUSED


def _too_long(scene: Scene) -> None:
    attacker = _connected(scene)
    assert attacker.publish(A.events("e"), bytes(1_100_000)) == REFUSED


ROWS: Final[dict[str, Attack]] = {
    "publishes to its up": _publish(B.events("t"), B.status, B.release, B.result("1")),
    "publishes to its down": _publish(B.commands, B.config, B.profile, B.erase, B.contexts[1]),
    "publishes to its site's down": _publish(B.contexts[0]),
    "publishes to its own site's down": _publish(A.contexts[0]),
    "publishes to its ring": _publish(B.doorbell("early"), A.doorbell("stable")),
    "publishes to its site's lan": _publish(B.lan("stock"), f"{B.lan('stock')}/x"),
    "publishes below topics": _publish(f"{A.events('e')}/x", "x", "$SYS/broker/version"),
    "retains on its down": _publish(B.commands, B.contexts[0], retain=True),
    "leaves a will on its up": _will,
    "subscribes to #": _subscribe("#"),
    "subscribes to instore/#": _subscribe("instore/#"),
    "subscribes to +/+/+/+/+/#": _subscribe("+/+/+/+/+/#"),
    "subscribes to its down": _subscribe(B.commands, B.contexts[0], B.doorbell("early")),
    "subscribes to its lan": _subscribe(B.lan_of_all("stock"), B.lan_of_all("+")),
    "shares its down": _subscribe(f"$share/g/{B.commands}", f"$share/g/{C.contexts[0]}"),
    "shares all events by a wrong name": _subscribe("$share/cdp/instore/v1/harbour/d/+/up/ev/#"),
    "subscribes to $SYS/#": _subscribe("$SYS/#"),
    "takes its client id while it is away": _with_client_id("kiosk-b"),
    "takes its client id while it is there": _with_client_id("kiosk-c"),
    "takes central's client id": _with_client_id("bridge-1"),
    "is named kiosk-b/up": _named("kiosk-b/up"),
    "is named kiosk-b/up/ev": _named("kiosk-b/up/ev"),
    "is named kiosk-b/down": _named("kiosk-b/down"),
    "is named +": _named("+"),
    "is named #": _named("#"),
    "is revoked": _revoked,
    "has no certificate": _without_certificate,
    "has another authority's certificate": _rogue,
    "speaks an old TLS": _old_tls,
    "sends too much": _too_long,
}


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    return Fleet.make(tmp_path_factory.mktemp("fleet"))


@pytest.fixture(scope="module")
def broker(fleet: Fleet) -> Iterator[TlsBroker]:
    """A broker with the delivered files."""
    with tls_broker(fleet, devices=EVERYBODY) as running:
        revoked = _sign(running, fleet.authority, REVOKED)
        running.write_revoked([Revoked(revoked.serial_number, system_clock())])
        running.hang_up()  # as central does, while shops are connected
        yield running


@pytest.fixture
def scene(broker: TlsBroker) -> Iterator[Scene]:
    """Everybody at the broker with the delivered files."""
    with scene_at(broker) as made:
        yield made


@pytest.fixture
def careless(fleet: Fleet) -> Iterator[Scene]:
    """Everybody at a broker that encrypts, and checks nothing."""
    with tls_broker(fleet) as broker:
        _sign(broker, fleet.authority, REVOKED)
        _restart_with(broker, _open())
        with scene_at(broker) as made:
            yield made


@pytest.mark.parametrize("row", ROWS)
def test_a_device_cannot_disturb_another_shop_when_it(scene: Scene, row: str) -> None:
    scene.away()
    ROWS[row](scene)
    scene.undisturbed()


@pytest.mark.parametrize("row", ROWS)
def test_the_matrix_would_notice_when_a_device(careless: Scene, row: str) -> None:
    careless.away()
    with pytest.raises(AssertionError):
        _attack_and_look(careless, ROWS[row])


def test_without_the_client_id_from_the_certificate_a_takeover_destroys_what_waits(
    fleet: Fleet,
) -> None:
    with tls_broker(fleet, devices=EVERYBODY) as broker:
        _restart_with(broker, _without("use_username_as_clientid"))
        with scene_at(broker) as scene:
            scene.away()
            assert scene.attacker("kiosk-b").connect() == 0
            with pytest.raises(AssertionError, match="session is gone"):
                scene.undisturbed()


def test_whoever_knew_the_name_of_centrals_share_could_make_events_vanish(scene: Scene) -> None:
    """Why the name is secret: Mosquitto 2.0 grants it to anybody and drops their share."""
    thief = _connected(scene)
    thief.subscribe(f"$share/{SHARE}/instore/v1/harbour/d/+/up/ev/#")
    for number in range(4):
        assert scene.there.publish(C.events("e"), str(number).encode()) == 0
    thief.leave()
    assert scene.there.publish(C.events("e"), b"end") == 0
    pump_until(lambda: b"end" in scene.bridge.payloads(), (scene.bridge,))
    assert len(scene.bridge.received) == 3
    scene.bridge.received.clear()


@pytest.mark.parametrize("name", ["kiosk-b/up", "a+b", "a#b", "Kiosk", "ab", "a" * 33, "ops", ""])
def test_the_authority_signs_no_name_that_could_mean_more(fleet: Fleet, name: str) -> None:
    with pytest.raises(RequestContractError, match="choose another"):
        fleet.authority.device(name, new_key().public_key(), system_clock())


def test_a_device_says_and_hears_all_of_its_own(scene: Scene) -> None:
    own = _connected(scene)
    for topic in (A.commands, A.config, *A.contexts, A.doorbell("stable"), A.lan_of_all("stock")):
        own.subscribe(topic)
    for topic in (*map(A.events, "ctem"), A.status, A.release, A.result("1"), A.lan("stock")):
        assert own.publish(topic, b"own") == 0, topic
    for topic in (A.commands, A.config, *A.contexts, A.doorbell("stable")):
        assert scene.ops.publish(topic, b"down") == 0, topic
    pump_until(lambda: len(own.received) == 6, (own,))
    pump_until(lambda: len(scene.bridge.received) == 4, (scene.bridge,))
    pump_until(lambda: len(scene.ops.received) == 3, (scene.ops,))
    own.leave()
    scene.ops.received.clear()
    scene.bridge.received.clear()


def test_devices_of_a_shop_hear_each_other_and_speak_for_themselves_only(scene: Scene) -> None:
    other = BareClient(
        scene.broker.port, Wanted("kiosk-b", scene.broker.fleet.client("kiosk-b"), clean=True)
    )
    assert other.connect() == 0
    other.subscribe(B.lan_of_all("stock"))
    assert scene.there.publish(C.lan("stock"), b"three left") == 0
    assert scene.there.publish(B.lan("stock"), b"forged") == DENIED
    pump_until(lambda: other.received != [], (other,))
    assert other.received == [(C.lan("stock"), b"three left")]
    other.leave()


def test_a_revoked_device_is_silenced_also_on_a_connection_it_still_has(fleet: Fleet) -> None:
    with tls_broker(fleet, devices=EVERYBODY) as broker, scene_at(broker) as scene:
        own = _connected(scene)
        own.subscribe(A.commands)
        assert own.publish(A.status) == 0
        broker.write_acl([replace(EVERYBODY[0], is_revoked=True), *EVERYBODY[1:]])
        broker.hang_up()
        pump_until(lambda: own.publish(A.status) == DENIED, (own,))
        scene.ops.publish(A.commands, b"secret")
        own.subscribe("fence")
        assert own.received == []
        own.leave()


def test_enrolling_somebody_disturbs_nobody_who_is_there(scene: Scene) -> None:
    scene.away()
    scene.broker.write_acl([*EVERYBODY, Enrolled("kiosk-d", "shop-d", "stable")])
    scene.broker.hang_up()
    new = BareClient(
        scene.broker.port, Wanted("kiosk-d", scene.broker.fleet.client("kiosk-d"), clean=True)
    )
    assert new.connect() == 0
    topic = "instore/v1/harbour/site/shop-d/lan/stock/kiosk-d"
    pump_until(lambda: new.publish(topic) == UNHEARD, (new,))
    new.leave()
    assert not scene.there.is_lost
    assert scene.there.publish(C.status, b"still here") == 0
    scene.ops.received.clear()


def _attack_and_look(scene: Scene, attack: Attack) -> None:
    attack(scene)
    scene.undisturbed()


def _connected(scene: Scene) -> BareClient:
    attacker = scene.attacker()
    assert attacker.connect() == 0
    return attacker


def _sign(broker: TlsBroker, authority: Authority, name: str) -> x509.Certificate:
    """Make the files for a name that nobody checked."""
    files = _files(broker, name)
    key = new_key()
    made = leaf_certificate(
        Leaf(name, key.public_key(), DEVICE_LASTS),
        authority.certificate,
        authority._key,
        system_clock(),
    )
    files.key_file.write_bytes(key_pem(key))
    files.cert_file.write_bytes(certificate_pem(made))
    return made


def _files(broker: TlsBroker, name: str) -> Tls:
    folder = broker.place.folder / name.replace("/", "_")
    folder.mkdir(exist_ok=True)
    return Tls(broker.fleet.server().ca_file, folder / "x.crt", folder / "x.key")


def _restart_with(broker: TlsBroker, template: str) -> None:
    broker.stop()
    broker.configure(template)
    broker.start()


def _without(*names: str) -> str:
    lines = shipped(CENTRAL_CONF).read_text("utf-8").splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(names))


def _open() -> str:
    """Return what somebody in a hurry would write: TLS, and nothing about who it is."""
    careless = _without(
        *("use_", "require_", "allow_", "acl_file", "crlfile", "tls_version", "max_packet")
    )
    return careless + "allow_anonymous true\ntls_version tlsv1.2\nmax_packet_size 2000000\n"
