"""Publishing refuses what clients could not go on with, although enough keepers signed it."""

import copy
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from edge.central.fleet.releases.repository_state import AnyMetadata
from edge.central.fleet.releases.sign import renew, sign_pending
from edge.central.fleet.releases.tuf_api import Metadata, Role, TargetFile, Targets
from edge.core.clock import system_clock
from edge.core.errors import RequestContractError, TrustError
from edge.wire.releases import target_path
from tests.fakes.published import PATH, files, package
from tests.fakes.repository import SignedRepository


def pending_models(signed: SignedRepository) -> AnyMetadata:
    return Metadata(copy.deepcopy(signed.desk.next_of("models").signed))


def skipped(signed: SignedRepository, models: AnyMetadata) -> None:
    models.signed.version += 1


def expired(signed: SignedRepository, models: AnyMetadata) -> None:
    models.signed.expires = system_clock() - timedelta(seconds=1)


def too_long(signed: SignedRepository, models: AnyMetadata) -> None:
    models.signed.expires = system_clock() + timedelta(days=100)


def without_bytes(signed: SignedRepository, models: AnyMetadata) -> None:
    target = copy.deepcopy(models.signed.targets[PATH])
    target.path = package("7.0.0")
    target.unrecognized_fields["custom"]["version"] = "7.0.0"
    models.signed.targets[package("7.0.0")] = target


def elsewhere(signed: SignedRepository, models: AnyMetadata) -> None:
    target = copy.deepcopy(models.signed.targets[PATH])
    target.path = "models/ranker/6.0.0/ranker-6.0.0.tar"
    models.signed.targets[target.path] = target


def climbing(signed: SignedRepository, models: AnyMetadata) -> None:
    target = copy.deepcopy(models.signed.targets[PATH])
    target.path = "models/../../up.tar"
    models.signed.targets[target.path] = target


def of_another_kind(signed: SignedRepository, models: AnyMetadata) -> None:
    path = target_path("config", "kiosk", "1.0.0")
    target = TargetFile.from_data(path, b"x", ["sha256"])
    facts = models.signed.targets[PATH].custom | {
        "kind": "config",
        "name": "kiosk",
        "version": "1.0.0",
    }
    target.unrecognized_fields["custom"] = facts
    signed.pending.put_target(path, b"x")
    models.signed.targets[path] = target


def changed(signed: SignedRepository, models: AnyMetadata) -> None:
    models.signed.targets[PATH].unrecognized_fields["custom"]["min_agent"] = "9.0.0"


def without_facts(signed: SignedRepository, models: AnyMetadata) -> None:
    del models.signed.targets[PATH].unrecognized_fields["custom"]


def delegating(signed: SignedRepository, models: AnyMetadata) -> None:
    delegations = signed.repository.state().targets["targets"].signed.delegations
    models.signed.delegations = copy.deepcopy(delegations)


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (skipped, "wanted version 3, got 4"),
        (expired, "wanted an expiry to come"),
        (too_long, "within 90 days"),
        (without_bytes, "wanted the bytes that were signed"),
        (elsewhere, "got it at models/ranker/6"),
        (climbing, r"got it at models/\.\./"),
        (of_another_kind, "got the kind config"),
        (changed, "wanted what was published before"),
        (without_facts, "wanted signed facts"),
        (delegating, "no delegations below"),
    ],
)
def test_what_would_break_clients_is_refused_although_enough_signed_it(
    signed: SignedRepository, spoil: Callable[[SignedRepository, AnyMetadata], None], why: str
) -> None:
    before = files(signed)
    models = pending_models(signed)
    spoil(signed, models)
    signed.pending.put("models", models)
    sign_pending(signed.desk, signed.keepers[:2])
    with pytest.raises(TrustError, match=why):
        signed.repository.publish(signed.pending)
    assert files(signed) == before


def test_a_wider_path_for_a_role_is_refused(signed: SignedRepository) -> None:
    targets = signed.desk.next_of("targets")
    targets.signed.delegations.roles["rollouts"].paths.append("models/*/*/*")
    signed.pending.put("targets", targets)
    sign_pending(signed.desk, signed.keepers[:2])
    with pytest.raises(TrustError, match="roles and paths"):
        signed.repository.publish(signed.pending)


def test_targets_that_name_packages_themselves_are_refused(signed: SignedRepository) -> None:
    targets = signed.desk.next_of("targets")
    targets.signed.targets["x"] = TargetFile.from_data("x", b"x", ["sha256"])
    signed.pending.put("targets", targets)
    sign_pending(signed.desk, signed.keepers[:2])
    with pytest.raises(TrustError, match="delegations only"):
        signed.repository.publish(signed.pending)


def test_a_root_without_consistent_snapshots_or_with_too_few_keys_is_refused(
    signed: SignedRepository,
) -> None:
    root = signed.desk.next_of("root")
    root.signed.consistent_snapshot = False
    root.signed.roles["targets"] = Role(root.signed.roles["targets"].keyids[:1], 2)
    signed.pending.put("root", root)
    sign_pending(signed.desk, signed.keepers[:2])
    with pytest.raises(TrustError, match=r"(?s)consistent snapshots.*2 different keys for targets"):
        signed.repository.publish(signed.pending)


def test_a_root_in_which_one_key_counts_under_two_names_is_refused(
    signed: SignedRepository,
) -> None:
    root = signed.desk.next_of("root").signed
    role = root.roles["targets"]
    twin = copy.deepcopy(root.keys[role.keyids[0]])
    twin.keyid = "f" * 64
    root.keys[twin.keyid] = twin
    root.roles["targets"] = Role([*role.keyids, twin.keyid], role.threshold)
    signed.pending.put("root", Metadata(root))
    sign_pending(signed.desk, signed.keepers[:2])
    with pytest.raises(TrustError, match="2 different keys for targets, got 3"):
        signed.repository.publish(signed.pending)


def test_metadata_of_another_role_is_refused(signed: SignedRepository) -> None:
    metadata = Metadata(Targets(version=2, expires=system_clock() + timedelta(days=1)))
    signed.pending.put("root", metadata)
    with pytest.raises(TrustError, match="got that of targets"):
        signed.repository.publish(signed.pending)


def test_targets_that_delegate_nothing_are_refused(signed: SignedRepository) -> None:
    targets = signed.desk.next_of("targets")
    targets.signed.delegations = None
    signed.pending.put("targets", targets)
    renew(signed.desk, "models")
    with pytest.raises(TrustError, match="who signs models"):
        sign_pending(signed.desk, signed.keepers[:2])


def test_the_first_publication_needs_the_whole_ceremony(tmp_path: Path) -> None:
    signed = SignedRepository(tmp_path)
    with pytest.raises(TrustError, match="root: wanted its first version"):
        signed.repository.publish(signed.pending)
    with pytest.raises(RequestContractError, match="got none"):
        signed.repository.state()


def test_without_the_online_key_nothing_is_published(signed: SignedRepository) -> None:
    next(signed.online.folder.glob("snapshot-*.pem")).unlink()
    renew(signed.desk, "models")
    before = files(signed)
    with pytest.raises(TrustError, match=r"wanted a key of snapshot.*keys\.online"):
        signed.sign_and_publish()
    assert files(signed) == before
