"""The ceremony and the exchange of keys: devices follow, and a revoked key is worth nothing."""

from pathlib import Path

import pytest
from tuf.api.exceptions import UnsignedMetadataError

from edge.central.fleet.releases.ceremony import first_metadata, make_keys, replace_key
from edge.central.fleet.releases.key_folder import KeyFolder
from edge.central.fleet.releases.sign import changes, sign_pending, standing
from edge.central.fleet.releases.signing_roles import OFFLINE, ONLINE
from edge.core.errors import RequestContractError, TrustError
from tests.fakes.repository import SignedRepository
from tests.fakes.tuf_client import TufClient

FACTORY = Path(__file__).parents[4] / "models/factory"
PATH = "models/ranker/1.0.0/ranker-1.0.0.tar"


@pytest.fixture
def signed(tmp_path: Path) -> SignedRepository:
    found = SignedRepository(tmp_path / "signed")
    found.make()
    found.publish_model(FACTORY, "1.0.0")
    return found


def client(signed: SignedRepository) -> TufClient:
    return TufClient(signed.served, signed.root, signed.folder / "client")


def test_two_of_three_keepers_and_one_online_key_sign_each_role(signed: SignedRepository) -> None:
    state = signed.repository.state()
    root = state.root.signed
    who = {name: (role.threshold, len(role.keyids)) for name, role in root.roles.items()}
    assert who == {"root": (2, 3), "targets": (2, 3), "snapshot": (1, 1), "timestamp": (1, 1)}
    delegations = state.targets["targets"].signed.delegations
    assert delegations is not None
    assert delegations.roles is not None
    who = {name: (role.threshold, len(role.keyids)) for name, role in delegations.roles.items()}
    packages = dict.fromkeys(("models", "content", "config", "agent"), (2, 3))
    assert who == packages | {"rollouts": (1, 1)}
    assert all(role.terminating for role in delegations.roles.values())


def test_the_ceremony_needs_only_the_public_halves_of_the_online_keys(tmp_path: Path) -> None:
    server, carried = KeyFolder(tmp_path / "server"), KeyFolder(tmp_path / "carried")
    make_keys(server, online=True)
    carried.folder.mkdir()
    for path in server.folder.glob("*.pub"):
        (carried.folder / path.name).write_bytes(path.read_bytes())
    signed = SignedRepository(tmp_path / "signed")
    for keeper in signed.keepers:
        make_keys(keeper, online=False)
    first_metadata(signed.desk, signed.keepers, carried, package_threshold=1)
    assert all(not line.missing for line in sign_pending(signed.desk, signed.keepers[:2]))
    assert not list(carried.folder.glob("*.pem"))


def test_the_ceremony_is_held_once_and_with_enough_keepers(signed: SignedRepository) -> None:
    with pytest.raises(RequestContractError, match="nothing published"):
        first_metadata(signed.desk, signed.keepers, signed.online, package_threshold=2)
    empty = SignedRepository(signed.folder / "other")
    with pytest.raises(RequestContractError, match="at least 2 keepers, got 1"):
        first_metadata(empty.desk, signed.keepers[:1], signed.online, package_threshold=2)
    with pytest.raises(RequestContractError, match="of its own in every folder"):
        first_metadata(empty.desk, [signed.keepers[0]] * 2, signed.online, package_threshold=2)


@pytest.mark.parametrize("role", ["timestamp", "snapshot"])
def test_devices_follow_the_exchange_of_an_online_key(signed: SignedRepository, role: str) -> None:
    device = client(signed)
    device.fetch(PATH)
    old = signed.online.public(role)[0].keyid
    replace_key(signed.desk, role, old[:8], signed.online.make(role))
    signed.sign_and_publish()
    assert device.fetch(PATH).keys() == {PATH}
    (signed.online.folder / f"{role}-{old[:8]}.pem").unlink()
    signed.set_rollout()
    assert device.fetch(PATH).keys() == {PATH}


def test_devices_follow_when_the_stolen_online_key_is_not_used_again(
    signed: SignedRepository,
) -> None:
    device = client(signed)
    device.fetch(PATH)
    old = signed.online.public("timestamp")[0].keyid
    replace_key(signed.desk, "timestamp", old, signed.online.make("timestamp"))
    (signed.online.folder / f"timestamp-{old[:8]}.pem").unlink()
    before = (signed.served / "metadata/timestamp.json").read_bytes()
    signed.sign_and_publish()
    assert device.fetch(PATH).keys() == {PATH}
    (signed.served / "metadata/timestamp.json").write_bytes(before)  # what the thief can sign
    enrolled_later = TufClient(signed.served, signed.root, signed.folder / "later")
    with pytest.raises(UnsignedMetadataError):
        enrolled_later.fetch(PATH)


def test_devices_follow_the_exchange_of_the_rollouts_key(signed: SignedRepository) -> None:
    signed.set_rollout(stable=signed.release("1.0.0"))
    old = signed.online.public("rollouts")[0].keyid
    replace_key(signed.desk, "rollouts", old, signed.online.make("rollouts"))
    signed.sign_and_publish()
    assert client(signed).fetch("rollouts/ranker.json")
    signed.set_rollout(halted=True)
    assert old not in signed.repository.state().targets["rollouts"].signatures


@pytest.mark.parametrize("role", ["models", "targets", "root"])
def test_a_lost_stick_is_replaced_by_the_other_two_keepers(
    signed: SignedRepository, role: str
) -> None:
    device = client(signed)
    device.fetch(PATH)
    lost, *left = signed.keepers
    new = KeyFolder(signed.folder / "keys" / "d")
    replace_key(signed.desk, role, lost.public(role)[0].keyid, new.make(role))
    assert any(line.startswith(f"  {role}: + key") for line in changes(signed.desk))
    assert all(not line.missing for line in sign_pending(signed.desk, left))
    signed.repository.publish(signed.pending)
    assert device.fetch(PATH).keys() == {PATH}
    pending = signed.desk.next_of(role)
    signed.pending.put(role, pending)
    sign_pending(signed.desk, [lost, left[0]])  # the lost stick's word does not count any more
    with pytest.raises(TrustError, match="wanted 2 signatures, got 1"):
        signed.repository.publish(signed.pending)
    sign_pending(signed.desk, [new])
    assert signed.repository.publish(signed.pending) == (role,)


def test_a_whole_stick_is_replaced_at_once(signed: SignedRepository) -> None:
    device = client(signed)
    device.fetch(PATH)
    lost, *left = signed.keepers
    new = KeyFolder(signed.folder / "keys" / "d")
    for role in OFFLINE:
        old = lost.public(role.name)[0].keyid
        replace_key(signed.desk, role.name, old, new.make(role.name))
    assert all(not line.missing for line in sign_pending(signed.desk, left))
    signed.repository.publish(signed.pending)
    assert device.fetch(PATH).keys() == {PATH}
    assert client(signed).fetch(PATH).keys() == {PATH}


def test_a_taken_server_is_replaced_and_devices_follow(signed: SignedRepository) -> None:
    signed.set_rollout(stable=signed.release("1.0.0"))
    device = client(signed)
    device.fetch(PATH)
    for role in ONLINE:
        (old,) = signed.online.public(role.name)
        replace_key(signed.desk, role.name, old.keyid, signed.online.make(role.name))
        (signed.online.folder / f"{role.name}-{old.keyid[:8]}.pem").unlink()
    signed.sign_and_publish()
    assert device.fetch(PATH, "rollouts/ranker.json").keys() == {PATH, "rollouts/ranker.json"}
    assert TufClient(signed.served, signed.root, signed.folder / "later").fetch(PATH)


def test_what_lost_its_signature_with_a_key_becomes_pending_too(signed: SignedRepository) -> None:
    signer = signed.keepers[0]  # 1.0.0 was signed by the first two
    new = KeyFolder(signed.folder / "keys" / "d")
    replace_key(signed.desk, "models", signer.public("models")[0].keyid, new.make("models"))
    assert {line.role for line in standing(signed.desk)} == {"targets", "models"}


def test_a_key_is_named_well_enough(signed: SignedRepository) -> None:
    new = signed.online.make("timestamp")
    with pytest.raises(RequestContractError, match="fits 0"):
        replace_key(signed.desk, "timestamp", "nothing", new)
    with pytest.raises(RequestContractError, match="one of the roles"):
        replace_key(signed.desk, "boss", "0", new)
