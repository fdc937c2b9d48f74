"""Commands reach the whole appliance: over a real broker, answered by what is really there."""

import logging
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from edge.app.wiring import Appliance
from edge.wire.command import CommandName
from edge.wire.command_result import CommandResult, read_result
from edge.wire.topics import Topics
from tests.fakes.appliance import LUNCH_AT, appliance
from tests.fakes.broker import Central, listening, running_broker, wait_until
from tests.fakes.central_commands import CentralCommands

RESULTS = "instore/v1/+/d/+/up/res/+"


def topics(built: Appliance) -> Topics:
    header = built.services.site().header
    return Topics(header.tenant, header.site, built.settings.device_id)


def has_answers(central: Central, count: int) -> bool:
    return len(answers(central)) == count


def answers(central: Central) -> list[CommandResult]:
    return [read_result(payload) for _, _, _, payload in central.messages()]


@pytest.mark.broker
def test_each_command_is_carried_out_by_the_appliance_and_answered(tmp_path: Path) -> None:
    looked: list[str] = []
    key: dict[str, Any] = {"mqtt.command_key": CentralCommands().public.hex()}
    with (
        running_broker(tmp_path) as broker,
        listening(broker, RESULTS, "ops") as ops,
        appliance(tmp_path / "data", broker_port=broker.port, **key) as built,
    ):
        central = CentralCommands(topics(built), LUNCH_AT - timedelta(minutes=1))
        built.doorbell.look = lambda: looked.append("now")
        logging.getLogger("edge.shop").warning("the log's last line")
        built.delivery.start()
        wait_until(lambda: built.delivery.status().state == "connected", "it is connected")
        names: tuple[CommandName, ...] = (
            *("identify", "log-tail", "refresh", "restart-ui", "support-bundle", "retry"),
        )
        for number, name in enumerate(names, start=1):
            broker.retain(central.topics.commands, central.make(name))
            wait_until(partial(has_answers, ops, number), f"{name} is answered")

        said = {result.name: result for result in answers(ops)}
        assert {result.outcome for result in said.values()} == {"done"}
        assert said["identify"].data["pages"] == 0
        assert any("the log's last line" in line for line in said["log-tail"].data["lines"])
        assert said["support-bundle"].data["is_serving"] is True
        assert "delivery" in {part["part"] for part in said["support-bundle"].data["parts"]}
        assert looked == ["now"]


@pytest.mark.broker
def test_without_centrals_key_no_command_is_heard_but_the_doorbell_is(tmp_path: Path) -> None:
    with (
        running_broker(tmp_path) as broker,
        appliance(tmp_path / "data", broker_port=broker.port) as built,
    ):
        central = CentralCommands(topics(built), LUNCH_AT)
        broker.retain(central.topics.commands, central.make("refresh"))
        for topic in (*central.topics.configs, central.topics.doorbell("stable")):
            broker.retain(topic, b'{"version":7}')
        built.delivery.start()
        wait_until(lambda: built.doorbell.is_rung, "somebody rang")

        assert built.store.commands.last_seq() == 0
