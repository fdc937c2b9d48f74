"""What central ops type, against the real repository, broker and database."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from edge.central.fleet.command import fleet as fleet_group
from edge.central.fleet.server import FleetServer, published_rollouts
from edge.central.postgres import connect
from edge.central.settings import CentralSettings
from edge.core.chance import system_chance
from edge.core.clock import SettableClock, system_clock
from edge.core.errors import EdgeError, RequestContractError, UnavailableError
from edge.wire.releases import Phase, release_states
from edge.wire.rollout import read_document
from edge.wire.status import Birth, online
from edge.wire.topics import Topics
from tests.fakes.bad_models import good_package
from tests.fakes.broker import Broker, listening, running_broker, wait_until
from tests.fakes.fleet import Fleet, state
from tests.fakes.repository import SignedRepository

pytestmark = pytest.mark.broker
DEVICE = Topics("harbour", "shop-0", "shop-0-1")


class Ops:
    """A central with everything but people."""

    def __init__(self, folder: Path, database: str, broker: Broker) -> None:
        self.folder = folder
        self.broker = broker
        self.signed = SignedRepository(folder / "signed")
        self.signed.make()
        self.path = folder / "central.toml"
        self.path.write_text(
            f'tenant = "harbour"\ndatabase = "{database}"\n'
            f'repository = "{self.signed.served}"\n'
            f'[mqtt]\nport = {broker.port}\ntls = "none"\n'
            f'[keys]\nonline = "{self.signed.online.folder}"\n'
        )
        self.settings = CentralSettings.read(self.path)

    def publish(self, version: str, **more: str) -> None:
        package = good_package(self.folder / version, seed=int(version[0]))
        self.signed.publish_model(package, version, **more)

    def run(self, *words: str) -> Result:
        result = CliRunner().invoke(fleet_group, [*words, "--settings", str(self.path)])
        if isinstance(result.exception, EdgeError):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result

    def ask(self, *words: str) -> dict[str, object]:
        found = orjson.loads(self.run(*words, "--json").output)
        assert isinstance(found, dict)
        return found

    def serving(self) -> FleetServer:
        return FleetServer(self.settings, system_clock, system_chance, every_s=0.2)

    def is_published(self, holds: Callable[[bytes], bool]) -> bool:
        files = self.signed.served.glob("targets/rollouts/*ranker.json")
        return any(holds(path.read_bytes()) for path in files)


@pytest.fixture
def ops(tmp_path: Path, fleet_database: str) -> Iterator[Ops]:
    with running_broker(tmp_path) as broker:
        yield Ops(tmp_path, fleet_database, broker)


def create(ops: Ops, version: str, *more: str) -> str:
    waits = ("--bake-minutes", "0", "--wave-minutes", "0")
    made = ops.ask(
        *("rollout", "create", "ranker", "--as", "ada", "--version", version),
        *("--canary", "shop-0", *waits, *more),
    )
    return str(made["plan_digest"])


def test_a_release_goes_from_the_first_word_to_complete(ops: Ops) -> None:
    ops.publish("1.0.0")
    digest = create(ops, "1.0.0")
    rollout_id = "ranker-1.0.0"
    with pytest.raises(RequestContractError, match="to start"):
        ops.run("rollout", "start", rollout_id, "--as", "ada")
    for who in ("ada", "Grace"):
        ops.run("rollout", "approve", rollout_id, "--as", who, "--plan", digest[:8])
    server = ops.serving()
    server.start()
    try:
        ops.broker.retain(
            DEVICE.status, online(Birth("shop-0", "shop-0-1", "0.1.0", "3", "e"), 1, system_clock())
        )
        wait_until(lambda: ops.ask("status")["online"] == 1, "the device is known")
        with listening(ops.broker, "instore/v1/harbour/ring/#", "device") as device:
            ops.run("rollout", "start", rollout_id, "--as", "ada")
            wait_until(device.messages, "the doorbell rings")
        assert ops.is_published(lambda body: read_document(body).candidate is not None)
        more = {"serving": serving("1.0.0"), "release_id": rollout_id}
        said = state("shop-0.1", Phase.COMMITTED, 9, system_clock(), more)
        ops.broker.retain(DEVICE.release, release_states([said]))
        wait_until(
            lambda: ops.ask("rollout", "status", rollout_id)["stage"] == "complete", "it completes"
        )
        wait_until(
            lambda: ops.is_published(lambda body: read_document(body).stable is not None),
            "it is what everybody runs",
        )
    finally:
        server.stop()
    assert "ada, grace" in ops.run("rollout", "list").output
    assert "complete" in ops.run("rollout", "status", rollout_id).output
    assert "committed" in ops.run("device", "shop-0-1").output
    assert "1 devices in 1 sites: 1 online" in ops.run("status", "--devices").output


def test_who_approves_at_a_terminal_reads_the_plan_and_is_told_of_a_canary_nobody_knows(
    ops: Ops,
) -> None:
    ops.publish("1.0.0")
    words = ("--as", "ada", "--version", "1.0.0", "--canary", "shop-0", "--canary", "shpo-1")
    made = ops.run("rollout", "create", "ranker", *words, "--take-rate-margin", "5")
    assert "no device was ever heard from shop-0, shpo-1" in made.output
    read = ops.run("rollout", "status", "ranker-1.0.0").output
    for said in ("shop-0, shpo-1", "1 %, 5 %, 25 %, 100 %", "1440 minutes", "5 %", "abort"):
        assert said in read


def test_a_release_without_a_way_back_is_refused_unless_it_is_meant(ops: Ops) -> None:
    ops.publish("1.0.0")
    ops.publish("2.0.0", minimum_version="2.0.0")
    ops.signed.set_rollout(stable=ops.signed.release("1.0.0"))
    with pytest.raises(RequestContractError, match="taken back"):
        create(ops, "2.0.0")
    create(ops, "2.0.0", "--no-way-back")


def test_a_package_that_nobody_signed_is_refused(ops: Ops) -> None:
    with pytest.raises(RequestContractError, match="signed and published"):
        create(ops, "9.9.9")


def test_a_halt_is_one_word_and_is_published(ops: Ops) -> None:
    ops.publish("1.0.0")
    create(ops, "1.0.0")
    assert "halted: ranker" in ops.run("halt", "--as", "ada", "--why", "fire").output
    server = ops.serving()
    server.start()
    try:
        wait_until(
            lambda: ops.is_published(lambda body: read_document(body).halted), "the halt is out"
        )
    finally:
        server.stop()
    assert "no longer halted: ranker" in ops.run("unhalt", "--as", "ada").output


def test_a_device_is_asked_for_its_log_and_answers(ops: Ops) -> None:
    server = ops.serving()
    server.start()
    try:
        ops.broker.retain(
            DEVICE.status, online(Birth("shop-0", "shop-0-1", "0.1.0", "3", "e"), 1, system_clock())
        )
        wait_until(lambda: ops.ask("status")["online"] == 1, "the device is known")
        with listening(ops.broker, DEVICE.commands, "device") as device:
            answering = threading.Thread(target=answer, args=(ops.broker, device.messages))
            answering.start()
            found = ops.run("logs", "shop-0-1", "--as", "ada", "--lines", "2")
            answering.join()
    finally:
        server.stop()
    assert found.output == "one\ntwo\n"


def test_whoever_asks_without_a_server_is_told_so(ops: Ops) -> None:
    with pytest.raises(RequestContractError, match="wanted a device"):
        ops.run("command", "shop-0-1", "identify", "--as", "ada")
    ops.ask("status")
    Fleet(ops.settings.database, SettableClock(system_clock())).come("shop-0.1")
    with pytest.raises(UnavailableError, match="no server that sends"):
        ops.run("command", "shop-0-1", "identify", "--as", "ada", "--wait", "0")


def answer(broker: Broker, messages: Callable[[], list[tuple[str, bool, str, bytes]]]) -> None:
    wait_until(messages, "the command comes")
    command = orjson.loads(messages()[0][3])["command"]
    body = {"outcome": "done", "data": {"lines": ["one", "two"]}}
    broker.retain(DEVICE.result(command["command_id"]), orjson.dumps(body))


def serving(version: str) -> dict[str, str]:
    return {
        "name": "ranker",
        "version": version,
        "digest": "0" * 64,
        "release_id": f"ranker-{version}",
    }


def test_a_rollout_is_paused_resumed_and_aborted_by_name(ops: Ops) -> None:
    ops.publish("1.0.0")
    digest = create(ops, "1.0.0", "--take-rate-margin", "5", "--on-failure", "pause")
    for who in ("ada", "grace"):
        ops.run("rollout", "approve", "ranker-1.0.0", "--as", who, "--plan", digest)
    stages = []
    for word in ("start", "pause", "resume", "abort"):
        why = ("--why", "lunch") if word in {"pause", "abort"} else ()
        made = ops.ask("rollout", word, "ranker-1.0.0", "--as", "ada", *why)
        stages.append(made["stage"])
    assert stages == ["canary", "paused", "canary", "aborting"]
    log = ops.ask("rollout", "status", "ranker-1.0.0")["log"]
    assert isinstance(log, list)
    assert [(one["who"], one["what"], one["detail"]) for one in log[3:]] == [
        ("ada", "canary", "shop-0"),
        ("ada", "paused", "lunch"),
        ("ada", "resumed", ""),
        ("ada", "aborting", "lunch"),
    ]
    assert "ranker-1.0.0" in str(ops.ask("rollout", "list")["rollouts"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--waves", "50,20"), "waves that grow"),
        (("--waves", "many"), "percentages"),
        (("--trial-minutes", "0"), "trial_minutes"),
    ],
)
def test_a_plan_that_does_not_hold_is_refused_in_words(
    ops: Ops, words: tuple[str, ...], said: str
) -> None:
    with pytest.raises(RequestContractError, match=said):
        create(ops, "1.0.0", *words)


def test_another_plan_than_the_one_that_was_read_is_not_approved(ops: Ops) -> None:
    ops.publish("1.0.0")
    create(ops, "1.0.0")
    with pytest.raises(RequestContractError, match="digest"):
        ops.run("rollout", "approve", "ranker-1.0.0", "--as", "ada", "--plan", "0" * 64)
    with pytest.raises(RequestContractError, match="wanted a rollout"):
        ops.run("rollout", "status", "ranker-9.0.0")


def test_nobody_acts_without_a_name(ops: Ops) -> None:
    for name in ((), ("--as", ""), ("--as", "a b")):
        result = CliRunner().invoke(fleet_group, ["halt", "--settings", str(ops.path), *name])
        assert result.exit_code == 2


def test_a_command_takes_arguments_and_a_device_gets_a_configuration(ops: Ops) -> None:
    fleet = Fleet(ops.settings.database, SettableClock(system_clock()))
    fleet.come("shop-0.1")
    with pytest.raises(UnavailableError):
        ops.run(
            *("command", "shop-0-1", "log-tail", "--as", "ada", "--wait", "0"),
            *("--set", "lines=7", "--set", "all=true", "--set", "of=edge"),
        )
    with connect(ops.settings.database) as con:
        row = con.execute("SELECT arguments, who FROM command").fetchone()
    assert row == ({"lines": 7, "all": True, "of": "edge"}, "ada")
    with pytest.raises(RequestContractError, match="NAME=VALUE"):
        ops.run("command", "shop-0-1", "retry", "--as", "ada", "--set", "lines")
    with pytest.raises(RequestContractError, match="wanted a device"):
        ops.run("device", "shop-9-9")
    ops.signed.publish_files(
        {"settings.toml": b"log_level = 'debug'\n"},
        {"kind": "config", "name": "kiosk", "version": "1.0.0"},
    )
    words = ("config", "shop-0-1", "--as", "ada", "--package", "kiosk", "--version", "1.0.0")
    target = "config/kiosk/1.0.0/kiosk-1.0.0.tar"
    with pytest.raises(RequestContractError, match="which is none, got config/kiosk"):
        ops.run(*words)
    candidate = ops.signed.candidate("1.0.0", name="kiosk", kind="config", share=0.0)
    ops.signed.set_rollout(name="kiosk", candidate=candidate)
    with pytest.raises(RequestContractError, match="which is none"):
        ops.run(*words)
    candidate = candidate.model_copy(update={"sites": frozenset({"shop-0"})})
    ops.signed.set_rollout(name="kiosk", candidate=candidate)
    assert ops.run(*words).output == f"shop-0-1 is to have {target}\n"
    assert ops.ask(*words)["digest"] == str(
        published_rollouts(ops.settings, system_clock).digest(target)
    )


@pytest.mark.parametrize(("kind", "file"), [("content", "site.yaml"), ("config", "settings.toml")])
def test_a_menu_and_settings_are_planned_like_models(ops: Ops, kind: str, file: str) -> None:
    facts = {"kind": kind, "name": "shop-0", "version": "1.0.0"}
    ops.signed.publish_files({file: b"x: 1"}, facts)
    words = ("rollout", "create", "shop-0", "--as", "ada", "--version", "1.0.0")
    ops.run(*words, "--kind", kind, "--canary", "shop-0", "--waves", "100")
    with connect(ops.settings.database) as con:
        row = con.execute("SELECT body->'plan'->'release'->>'target' FROM rollout").fetchone()
    assert row == (f"{kind}/shop-0/1.0.0/shop-0-1.0.0.tar",)
