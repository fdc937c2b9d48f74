"""Publishing takes in what enough keepers signed, and refuses what clients could not go on with."""

import copy
import shutil
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge.central.fleet.releases.holding import holdings
from edge.central.fleet.releases.package_file import Label, config_package, model_package
from edge.central.fleet.releases.repository_state import AnyMetadata
from edge.central.fleet.releases.sign import add_package, changes, renew, sign_pending, withdraw
from edge.central.fleet.releases.tuf_api import Metadata, Role, TargetFile, Targets
from edge.core.clock import SettableClock, system_clock
from edge.core.errors import RequestContractError, TrustError, UnavailableError
from edge.wire.releases import target_path
from edge.wire.rollout import Release, RolloutDocument, rollout_path
from tests.fakes.repository import SignedRepository
from tests.fakes.tuf_client import TufClient

FACTORY = Path(__file__).parents[4] / "models/factory"
PATH = "models/ranker/1.0.0/ranker-1.0.0.tar"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with ranker 1.0.0, made once and copied for each test."""
    signed = SignedRepository(tmp_path_factory.mktemp("made") / "signed")
    signed.make()
    signed.publish_model(FACTORY, "1.0.0")
    return signed.folder


@pytest.fixture
def signed(made: Path, tmp_path: Path) -> SignedRepository:
    return SignedRepository(shutil.copytree(made, tmp_path / "signed"))


def fetch(signed: SignedRepository, *paths: str) -> dict[str, bytes]:
    return TufClient(signed.served, signed.root, signed.folder / "client").fetch(*paths)


def files(signed: SignedRepository) -> dict[str, bytes]:
    paths = (path for path in signed.served.rglob("*") if path.is_file())
    return {str(path.relative_to(signed.served)): path.read_bytes() for path in paths}


def package(version: str) -> str:
    return target_path("model", "ranker", version)


# ---- signing in stages -------------------------------------------------------------------


def test_one_keeper_prepares_two_sign_one_after_the_other_and_then_it_is_published(
    signed: SignedRepository,
) -> None:
    add_package(signed.desk, model_package(FACTORY, Label("ranker", "1.1.0")))
    (line,) = sign_pending(signed.desk, [])
    assert (line.role, line.version, line.missing) == ("models", 3, 2)
    (line,) = sign_pending(signed.desk, signed.keepers[:1])
    assert line.missing == 1
    with pytest.raises(TrustError, match="wanted 2 signatures, got 1"):
        signed.repository.publish(signed.pending)
    (line,) = sign_pending(signed.desk, signed.keepers[2:])
    assert line.to_text() == "models version 3: 2 signed, enough"
    assert signed.repository.publish(signed.pending) == ("models",)
    assert fetch(signed, package("1.1.0")).keys() == {package("1.1.0")}


def test_the_same_keeper_signing_twice_is_still_one(signed: SignedRepository) -> None:
    renew(signed.desk, "models")
    sign_pending(signed.desk, signed.keepers[:1])
    (line,) = sign_pending(signed.desk, signed.keepers[:1])
    assert line.missing == 1


def test_a_keeper_reads_what_would_change_before_signing(signed: SignedRepository) -> None:
    add_package(signed.desk, model_package(FACTORY, Label("ranker", "1.1.0")))
    withdraw(signed.desk, PATH)
    lines = list(changes(signed.desk))
    assert lines[0].startswith("models version 3, holds until")
    assert lines[1].startswith(f"  + {package('1.1.0')}: ")
    assert lines[2] == f"  - {PATH}"


def test_what_is_changed_after_a_signature_has_to_be_signed_again(
    signed: SignedRepository,
) -> None:
    add_package(signed.desk, model_package(FACTORY, Label("ranker", "1.1.0")))
    sign_pending(signed.desk, signed.keepers[:2])
    add_package(signed.desk, model_package(FACTORY, Label("ranker", "1.2.0")))
    (line,) = sign_pending(signed.desk, [])
    assert line.missing == 2


def test_a_version_is_never_used_for_other_bytes(signed: SignedRepository, tmp_path: Path) -> None:
    with pytest.raises(RequestContractError, match="new version"):
        add_package(
            signed.desk, model_package(FACTORY, Label("ranker", "1.0.0", minimum_version="1.0.0"))
        )
    again = add_package(signed.desk, model_package(FACTORY, Label("ranker", "1.0.0")))
    assert again == PATH


def test_what_is_published_leaves_the_folder_and_is_not_published_twice(
    signed: SignedRepository,
) -> None:
    renew(signed.desk, "models")
    signed.sign_and_publish()
    before = files(signed)
    assert signed.repository.publish(signed.pending) == ()
    assert files(signed) == before


def test_every_kind_of_package_goes_to_its_own_role(
    signed: SignedRepository, tmp_path: Path
) -> None:
    settings = tmp_path / "kiosk.toml"
    settings.write_text("[update]\npoll_minutes = 10\n")
    path = signed.publish_package(config_package(settings, Label("kiosk", "1.0.0")))
    assert path == "config/kiosk/1.0.0/kiosk-1.0.0.tar"
    state = signed.repository.state()
    assert path in state.targets["config"].signed.targets
    assert fetch(signed, path).keys() == {path}


# ---- refusals ----------------------------------------------------------------------------


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
    with pytest.raises(TrustError, match="snapshot was signed by 0/1"):
        signed.sign_and_publish()
    assert files(signed) == before


# ---- rollouts ----------------------------------------------------------------------------


def test_a_rollout_reaches_clients_and_only_grows(signed: SignedRepository) -> None:
    signed.set_rollout(stable=signed.release("1.0.0"))
    first = fetch(signed, rollout_path("ranker"))
    signed.set_rollout(stable=signed.release("1.0.0"), halted=True)
    assert fetch(signed, rollout_path("ranker")) != first
    older = RolloutDocument(name="ranker", version=1, issued_at=system_clock())
    with pytest.raises(RequestContractError, match="above 2, got 1"):
        signed.repository.publish_rollout(older)


def test_publishing_the_same_document_again_changes_nothing(signed: SignedRepository) -> None:
    document = signed.set_rollout(stable=signed.release("1.0.0"))
    before = files(signed)
    signed.repository.publish_rollout(document)
    assert files(signed) == before


@pytest.mark.parametrize(
    ("release", "why"),
    [
        (Release(release_id="r-2", target=package("2.0.0"), version="2.0.0"), "that was signed"),
        (Release(release_id="r-1", target=PATH, version="1.0.1"), "wanted ranker 1.0.1"),
        (Release(release_id="r-1", target=rollout_path("ranker"), version="1.0.0"), "was signed"),
    ],
)
def test_a_rollout_chooses_only_among_what_was_signed(
    signed: SignedRepository, release: Release, why: str
) -> None:
    with pytest.raises(RequestContractError, match=why):
        signed.set_rollout(stable=release)


def test_a_rollout_of_one_name_does_not_choose_another_s_package(signed: SignedRepository) -> None:
    with pytest.raises(RequestContractError, match="got the package of ranker"):
        signed.set_rollout(stable=signed.release("1.0.0"), name="forecast")


def test_a_rollout_does_not_choose_what_is_not_there(signed: SignedRepository) -> None:
    signed.file_of(PATH).write_bytes(b"other")
    with pytest.raises(RequestContractError, match="wanted the bytes"):
        signed.set_rollout(stable=signed.release("1.0.0"))


def test_a_package_that_a_rollout_speaks_of_is_not_withdrawn(signed: SignedRepository) -> None:
    signed.set_rollout(stable=signed.release("1.0.0"))
    withdraw(signed.desk, PATH)
    with pytest.raises(TrustError, match="end the rollout first"):
        signed.sign_and_publish()
    signed.set_rollout()
    signed.sign_and_publish()
    assert fetch(signed, PATH) == {}
    with pytest.raises(RequestContractError, match="which is none"):
        withdraw(signed.desk, PATH)


def test_a_lost_rollout_document_is_said_to_be_lost(signed: SignedRepository) -> None:
    signed.set_rollout(stable=signed.release("1.0.0"))
    signed.rollout_file().unlink()
    with pytest.raises(UnavailableError, match="rollouts/ranker"):
        signed.set_rollout()


def test_two_writers_wait_for_each_other(signed: SignedRepository) -> None:
    names = [f"name-{number}" for number in range(6)]

    def publish(name: str) -> None:
        other = SignedRepository(signed.folder)  # as another process would: nothing is shared
        for version in (1, 2, 3):
            document = RolloutDocument(name=name, version=version, issued_at=system_clock())
            other.repository.publish_rollout(document)

    before = signed.repository.state().timestamp.signed.version
    threads = [threading.Thread(target=publish, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    state = signed.repository.state()
    state.check()
    assert state.timestamp.signed.version == before + 18
    paths = [rollout_path(name) for name in names]
    assert fetch(signed, *paths).keys() == set(paths)


# ---- refreshing --------------------------------------------------------------------------


def test_refreshing_signs_once_a_day_and_nothing_in_between(
    tmp_path: Path,
) -> None:
    clock = SettableClock(datetime(2026, 3, 1, tzinfo=UTC))
    signed = SignedRepository(tmp_path, clock)
    signed.make()
    before = files(signed)
    clock.advance(timedelta(hours=23))
    assert signed.repository.refresh_online() == ()
    assert files(signed) == before
    clock.advance(timedelta(hours=1))
    assert set(signed.repository.refresh_online()) == {"rollouts", "snapshot", "timestamp"}
    assert signed.repository.refresh_online() == ()
    state = signed.repository.state()
    for role in ("rollouts", "snapshot", "timestamp"):
        assert state.of(role).signed.version == 2
        assert state.of(role).signed.expires == clock() + timedelta(days=14)


def test_refreshing_goes_on_when_an_offline_role_has_expired_and_says_so_in_time(
    tmp_path: Path,
) -> None:
    clock = SettableClock(datetime(2026, 3, 1, tzinfo=UTC))
    signed = SignedRepository(tmp_path, clock)
    signed.make()
    clock.advance(timedelta(days=59))
    assert not any(
        one.is_short
        for one in holdings(signed.repository.state(), clock())
        if not one.role.is_online
    )
    clock.advance(timedelta(days=1))
    short = {one.role.name for one in holdings(signed.repository.state(), clock()) if one.is_short}
    assert {"models", "content", "config", "agent"} <= short
    assert not {"root", "targets"} & short
    clock.advance(timedelta(days=40))
    assert signed.repository.refresh_online()
    lines = [one.to_text() for one in holdings(signed.repository.state(), clock())]
    assert any("models" in line and "EXPIRED" in line for line in lines)
    assert any("targets" in line and "80 days" in line for line in lines)


def test_a_renewed_role_holds_its_whole_life_again(tmp_path: Path) -> None:
    clock = SettableClock(datetime(2026, 3, 1, tzinfo=UTC))
    signed = SignedRepository(tmp_path, clock)
    signed.make()
    clock.advance(timedelta(days=80))
    for role in ("models", "targets", "root"):
        renew(signed.desk, role)
    signed.sign_and_publish()
    held = {one.role.name: one.left for one in holdings(signed.repository.state(), clock())}
    assert held["models"] == timedelta(days=90)
    assert held["targets"] == timedelta(days=180)
    assert held["root"] == timedelta(days=365)


# ---- trust -------------------------------------------------------------------------------


def test_a_copy_of_the_repository_that_was_tampered_with_is_not_worked_with(
    signed: SignedRepository,
) -> None:
    path = signed.served / "metadata" / "2.models.json"
    path.write_bytes(path.read_bytes().replace(b'"min_agent":"0.1.0"', b'"min_agent":"0.0.1"'))
    with pytest.raises(TrustError, match="models"):
        signed.repository.state().check()


def test_a_file_that_is_no_metadata_is_refused(signed: SignedRepository) -> None:
    (signed.served / "metadata" / "timestamp.json").write_bytes(b"<html>")
    with pytest.raises(TrustError, match="signed metadata"):
        signed.repository.state()


def test_what_a_device_is_given_at_enrolment_is_the_newest_root(signed: SignedRepository) -> None:
    renew(signed.desk, "root")
    signed.sign_and_publish()
    newest = signed.repository.trusted_root()
    assert newest != signed.root
    assert TufClient(signed.served, newest, signed.folder / "new").fetch(PATH).keys() == {PATH}
