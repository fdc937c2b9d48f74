"""``edge bridge`` as a person at a shell has it."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from edge.central.bridge.carrying import Carrying, Graveyard
from edge.central.bridge.command import bridge
from edge.central.bridge.command_options import plan_of
from edge.central.bridge.postgres_sink import PostgresSink
from edge.central.bridge.reading import Incoming
from edge.central.bridge.tables import opened
from edge.central.postgres import Connection, connect
from edge.central.settings import CentralSettings
from edge.core.clock import SettableClock, system_clock
from edge.core.errors import EdgeError, SettingsContractError
from edge.wire.lanes import Lane
from edge.wire.topics import CentralTopics
from tests.fakes.bridge import Devices
from tests.fakes.broker import free_port, running_broker, wait_until
from tests.fakes.device_events import NOON, TENANT, Sender
from tests.fakes.postgres import PostgresServer

SENDER = Sender()


@pytest.fixture
def config(tmp_path: Path, database: str) -> Path:
    path = tmp_path / "central.toml"
    path.write_text(
        f'tenant = "{TENANT}"\ndatabase = "{database}"\nrepository = "x"\n'
        f'[mqtt]\ntls = "none"\nport = {free_port()}\n'
    )
    return path


def asked(*command: object) -> Result:
    result = CliRunner().invoke(bridge, [str(word) for word in command])
    assert result.exception is None or isinstance(result.exception, EdgeError), result.output
    return result


def test_what_has_come_and_what_is_missing_is_said(
    config: Path, sink: PostgresSink, con: Connection
) -> None:
    sink.write(SENDER.arrived([1, 2, 5]))
    sink.write(Sender(device="kiosk-02", lane=Lane.TRANSACTION).arrived([1]))

    found = json.loads(asked("stat", "--config", config, "--json").output)
    gaps = json.loads(asked("stat", "--config", config, "--json", "--gaps").output)

    assert (found["events"], found["dead_letters"], found["platform_behind"]) == (4, 0, None)
    assert len(found["streams"]) == 2
    (stream,) = gaps["streams"]
    assert stream["device"] == "kiosk-01"
    assert (stream["contiguous"], stream["missing"], stream["unexplained"]) == (2, 2, 2)
    assert "4 events" in asked("stat", "--config", config).output


def test_dead_letters_are_listed_shown_tried_again_and_dropped(
    config: Path, sink: PostgresSink, con: Connection, database: str
) -> None:
    graveyard = Graveyard(database)
    carrying = Carrying(CentralTopics(TENANT), sink, graveyard, SettableClock(NOON))
    later_fine = Incoming(SENDER.topic, SENDER.body(1))
    carrying.carry([Incoming(SENDER.topic, b"{broken")])
    graveyard.close()
    con.execute(
        "INSERT INTO dead_letter(at, target, tenant, device, topic, encoding, why, payload, digest)"
        " VALUES (now(), 'bridge', 'demo', 'kiosk-01', %s, '', 'too new', %s, 'x')",
        (later_fine.topic, later_fine.payload),
    )

    newer, broken = json.loads(asked("dead", "list", "--config", config, "--json").output)
    assert broken["device"] == "kiosk-01"
    assert "wanted JSON" in broken["why"]
    assert "too new" in asked("dead", "list", "--config", config).output
    assert "{broken" in asked("dead", "show", "--config", config, broken["number"]).output

    numbers = (newer["number"], broken["number"])
    assert "1 of 2" in asked("dead", "retry", "--config", config, *numbers).output
    assert con.execute("SELECT count(*) FROM event").fetchone() == (1,)
    assert "1 of 1" in asked("dead", "drop", "--config", config, broken["number"]).output
    assert json.loads(asked("dead", "list", "--config", config, "--json").output) == []
    missing = asked("dead", "show", "--config", config, broken["number"])
    assert "got none of this number" in str(missing.exception)


def test_secrets_are_read_from_files_and_are_in_no_text(tmp_path: Path, config: Path) -> None:
    (tmp_path / "share").write_text("secret-share\n")
    (tmp_path / "key").write_text("secret-key\n")
    config.write_text(
        config.read_text()
        + f'share_file = "{tmp_path}/share"\n[platform]\nurl = "http://127.0.0.1:1/"\n'
        f'write_key_file = "{tmp_path}/key"\n'
    )
    plan = plan_of(CentralSettings.read(config), "bridge-1", None)

    assert plan.topics.events.startswith("$share/secret-share/")
    assert plan.platform is not None
    assert plan.platform.write_key == "secret-key"
    assert "secret" not in repr(plan)
    (tmp_path / "key").write_text("")
    with pytest.raises(SettingsContractError, match="empty file"):
        plan_of(CentralSettings.read(config), "bridge-1", None)
    (tmp_path / "share").unlink()
    with pytest.raises(SettingsContractError, match=r"mqtt\.share_file"):
        plan_of(CentralSettings.read(config), "bridge-1", None)


@pytest.mark.broker
def test_the_command_carries_events_tells_figures_and_ends_in_order(
    tmp_path: Path, database: str, con: Connection
) -> None:
    port = free_port()
    with running_broker(tmp_path) as broker:
        config = tmp_path / "central.toml"
        config.write_text(
            f'tenant = "{TENANT}"\ndatabase = "{database}"\nrepository = "x"\n'
            f'[mqtt]\ntls = "none"\nport = {broker.port}\n'
        )
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "edge.app.main", "bridge", "run"),
                *("--config", str(config), "--worker", "bridge-7", "--metrics-port", str(port)),
            ],
            env={**os.environ, "PYTHONWARNINGS": "error"},
        )
        devices = Devices(broker)

        def is_written() -> bool:
            devices.publish([SENDER.message([1, 2])])
            return con.execute("SELECT count(*) FROM event").fetchone() == (2,)

        try:
            wait_until(is_written, "events are written", 20)
            devices.publish([Incoming(SENDER.topic, b"?")])
            wait_until(lambda: 'dead_letters_total{worker="bridge-7"} 1.0' in figures(port), "dead")
            text = figures(port)
        finally:
            devices.close()
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
    assert 'bridge_written_total{worker="bridge-7"} 2.0' in text
    assert 'bridge_connected{worker="bridge-7"} 1.0' in text
    names = ("received", "repeats", "batch_messages_sum", "commit_seconds_sum", "lag_seconds_sum")
    assert all(f"bridge_{name}" in text for name in names)
    assert "kiosk-01" not in text


def figures(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        return str(answer.read().decode())


def test_a_dead_letter_steers_no_terminal_and_breaks_no_list(
    config: Path, sink: PostgresSink, database: str
) -> None:
    evil = b"\x1b]0;owned\x07\x1b[2J\r[red] all is well"
    graveyard = Graveyard(database)
    carrying = Carrying(CentralTopics(TENANT), sink, graveyard, SettableClock(NOON))
    carrying.carry([Incoming(SENDER.topic, evil, "[/red]\x1b[2J")])
    graveyard.close()
    (found,) = json.loads(asked("dead", "list", "--config", config, "--json").output)

    listed = asked("dead", "list", "--config", config)
    shown = asked("dead", "show", "--config", config, found["number"])
    assert (listed.exit_code, shown.exit_code) == (0, 0)
    assert not set(listed.output + shown.output) & {"\x1b", "\x07", "\r"}
    assert "[/red]" in listed.output
    assert "all is well" in shown.output


def test_what_would_go_is_said_and_goes_only_when_asked(
    config: Path, bridge_database: str, postgres_server: PostgresServer
) -> None:
    url = postgres_server.url()  # one of its own: the command reads the real clock
    config.write_text(config.read_text().replace(bridge_database, url))
    past = system_clock() - timedelta(days=100)
    opened(url, system_clock).close()
    with closing(PostgresSink(url)) as sink, connect(url) as con:
        con.autocommit = True
        health = Sender(schema="health", lane=Lane.METRICS, at=past).arrived([1, 2])
        sink.write([one._replace(received_at=past) for one in health])

        dry = asked("retain", "--config", config, "--dry-run")
        assert dry.output.splitlines()[0] == "this would go:"
        assert "2  events out of days that stay" in dry.output
        assert con.execute("SELECT count(*) FROM event").fetchone() == (2,)

        done = asked("retain", "--config", config)
        assert done.output.splitlines()[1:3] == dry.output.splitlines()[1:3]
        assert con.execute("SELECT count(*) FROM event").fetchone() == (0,)
        again = asked("retain", "--config", config).output
        assert all(line.split()[0] == "0" for line in again.splitlines()[1:])
