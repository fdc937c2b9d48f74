"""The story: a good model goes everywhere, a bad one stops at the first shop, the line is cut.

It ends with counts: what devices acknowledged to shoppers is in PostgreSQL, each id once.
"""

import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import orjson
import urllib3

from edge.central.demo.central import Central
from edge.central.demo.counts import DeviceCount, count, dead_letters
from edge.central.demo.models import POISON, bad_model, good_model
from edge.central.demo.narrator import Narrator
from edge.central.demo.rollouts import Watching, is_true
from edge.central.demo.shoppers import Shoppers
from edge.central.demo.shops import STATION, Device
from edge.central.fleet.devices.shown import fleet_shown
from edge.central.fleet.ops_options import looking
from edge.core.chance import Chance
from edge.core.clock import system_clock
from edge.core.errors import UnavailableError

PLAIN: Final = (("cappuccino",), ("latte", "croissant"), ("tea-earl-grey", "scone-cranberry"))
NOTHING: Final[tuple[tuple[str, ...], ...]] = ((),)
GOOD: Final = "1.1.0"
BAD: Final = "1.2.0"


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast shoppers come, and how long the line is cut."""

    pause_s: float = 0.4
    outage_s: float = 20.0


class Story:
    """Tells it, part by part."""

    def __init__(
        self,
        central: Central,
        devices: Sequence[Device],
        narrator: Narrator,
        pace: Pace,
        chance: Chance,
    ) -> None:
        self._central = central
        self._devices = devices
        self._narrator = narrator
        self._pace = pace
        self._watching = Watching(central, devices, narrator, system_clock)
        self._shoppers = {
            one.about.name: Shoppers(
                one.url,
                (one.about.placement, one.about.screen),
                # The basket that the bad model does not survive is an everyday one.
                (*PLAIN, POISON) if one.about.profile == "kiosk" else NOTHING,
                chance,
                pace.pause_s,
            )
            for one in devices
        }

    def open_doors(self) -> None:
        """Let shoppers in, and wait until central hears of all devices."""
        for shoppers in self._shoppers.values():
            shoppers.start()
        took_s = self._central.programs.wait_until(
            lambda: is_true(self._all_online), "central sees three devices online", 90
        )
        self._narrator.say(
            f"shoppers come in; central saw all three devices online in {took_s:.0f} s"
        )

    def good_release(self) -> None:
        """Bring a good model to everybody."""
        self._publish(GOOD, good=True)
        rollout_id = self._watching.begin(GOOD, STATION)
        found = self._watching.to_its_end(rollout_id)
        if found["stage"] != "complete":
            msg = f"wanted {rollout_id} complete, got {found['stage']}: {found['why']}"
            raise UnavailableError(msg)
        self._serve_all(f"ranker-{GOOD}")

    def bad_release(self) -> None:
        """Publish a bad model, and see it stop and go back."""
        self._publish(BAD, good=False)
        before = {name: one.counter.unanswered for name, one in self._shoppers.items()}
        rollout_id = self._watching.begin(BAD, STATION)
        found = self._watching.to_its_end(rollout_id)
        if found["stage"] != "aborted":
            msg = f"wanted {rollout_id} aborted, got {found['stage']}"
            raise UnavailableError(msg)
        for device in self._devices:
            ended = device.program.ended if device.program else []
            lost = self._shoppers[device.about.name].counter.unanswered - before[device.about.name]
            if ended:
                how = ", ".join(map(_how, ended))
                self._narrator.say(
                    f"{device.about.name} died {len(ended)} times ({how}), was started again each "
                    f"time, and gave the model up by itself; {lost} requests got no answer"
                )
        offered = self._watching.offered[rollout_id]
        self._narrator.say(f"{offered} of {len(self._devices)} devices was offered {BAD}")
        self._serve_all(f"ranker-{GOOD}")

    def outage(self) -> None:
        """Kill the broker for a while; shops go on."""
        before = self._acknowledged()
        self._central.kill_broker()
        self._narrator.say(
            f"broker killed (SIGKILL); it stays away for {self._pace.outage_s:.0f} s"
        )
        until = time.monotonic() + self._pace.outage_s
        self._central.programs.wait_until(
            lambda: time.monotonic() >= until, "the line is back", 3600
        )
        then = self._acknowledged()
        made = sum(map(len, then.values())) - sum(map(len, before.values()))
        waiting = self._waiting()
        self._narrator.say(f"meanwhile devices acknowledged {made} more events; {waiting} wait")
        self._central.revive_broker()
        self._narrator.say("broker back, with what it had written down at most 10 s before its end")
        database = self._central.settings.database
        took_s = self._central.programs.wait_until(
            lambda: all(one.found == one.acknowledged for one in count(database, then)),
            "central has what waited",
            240,
        )
        self._narrator.say(
            f"what waited, and what the broker had lost, is at central: {took_s:.0f} s"
        )

    def counts(self) -> bool:
        """Close the doors, wait for the last event, count; return whether all agrees."""
        for shoppers in self._shoppers.values():
            shoppers.stop()
        acknowledged = self._acknowledged()
        database = self._central.settings.database
        counted: Sequence[DeviceCount] = ()

        def is_whole() -> bool:
            nonlocal counted
            counted = count(database, acknowledged)
            return all(one.agrees for one in counted)

        try:
            took_s = self._central.programs.wait_until(is_whole, "counts agree", 120)
            self._narrator.say(f"doors closed; the last event was at central after {took_s:.0f} s")
        except UnavailableError:
            self._narrator.say("doors closed; counts do not agree after 120 s")
        self._show(counted, dead_letters(database))
        return all(one.agrees for one in counted)

    def _show(self, counted: Sequence[DeviceCount], dead: int) -> None:
        columns = ("device", "#visits", "#acknowledged", "#found by id", "#twice", "#all rows")
        rows = [
            (
                one.device,
                self._shoppers[one.device].counter.visits,
                one.acknowledged,
                one.found,
                one.found - one.ids + one.rows - one.row_ids,
                one.rows,
                one.missing,
                "agrees" if one.agrees else "DIFFERS",
            )
            for one in counted
        ]
        self._narrator.table((*columns, "#numbers missing", ""), rows)
        self._narrator.say(f"{dead} dead letters")

    def _publish(self, version: str, *, good: bool) -> None:
        make = good_model if good else bad_model
        folder = make(self._central.folder / f"model-{version}", version)
        self._central.sign(folder, version)
        self._narrator.say(f"model {version}: signed by two of three keepers, published")

    def _serve_all(self, release_id: str) -> None:
        def is_so() -> bool:
            return set(self._watching.serving().values()) == {release_id}

        self._watching.look_now()
        self._central.programs.wait_until(is_so, f"every device serves {release_id}", 180)
        self._narrator.say(f"every device serves {release_id}")

    def _all_online(self) -> bool:
        with looking(self._central.settings) as cur:
            return bool(fleet_shown(cur)["online"] == len(self._devices))

    def _acknowledged(self) -> Mapping[str, frozenset[str]]:
        return {name: frozenset(one.counter.acknowledged) for name, one in self._shoppers.items()}

    def _waiting(self) -> int:
        found = 0
        for device in self._devices:
            answer = urllib3.request("GET", f"{device.url}/api/v1/health", timeout=5.0)
            found += int(orjson.loads(answer.data)["figures"]["outbox_events"])
        return found


def _how(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit {code}"
