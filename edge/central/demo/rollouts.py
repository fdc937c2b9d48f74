"""How the story publishes a model and watches it go through the fleet."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from edge.central.demo.central import APPROVERS, Central
from edge.central.demo.narrator import Narrator
from edge.central.demo.programs import fleet
from edge.central.demo.shops import Device
from edge.central.fleet.devices import commands
from edge.central.fleet.devices.shown import device_shown
from edge.central.fleet.ops_options import looking
from edge.central.fleet.rollout.shown import lines_shown, rollout_shown
from edge.core.clock import Clock
from edge.core.errors import EdgeError, RequestContractError, UnavailableError

AUTHOR, SECOND = APPROVERS
MODEL: Final = "ranker"
_ENDS: Final = frozenset({"complete", "aborted"})
_TOLD: Final = frozenset({"trial", "committed", "rolling_back", "rolled_back", "failed"})


@dataclass(slots=True)
class Watching:
    """One rollout, as far as it was told."""

    central: Central
    devices: Sequence[Device]
    narrator: Narrator
    clock: Clock
    said: set[tuple[object, ...]] = field(default_factory=set)
    offered: dict[str, int] = field(default_factory=dict)
    """How many devices were offered each release, at most."""

    def begin(self, version: str, canary: str) -> str:
        """Write the plan, have two persons approve it, start it; return its id."""
        settings = ("--settings", self.central.settings_file)
        plan = ("--version", version, "--canary", canary, "--waves", "100")
        times = ("--bake-minutes", "0", "--wave-minutes", "0", "--trial-minutes", "1")
        made = self._rollout("create", *settings, "--as", AUTHOR, MODEL, *plan, *times)
        rollout_id, digest = made["rollout_id"], made["plan_digest"]
        self.narrator.say(f"{AUTHOR} wrote the plan of {rollout_id}: {canary} first, then all")
        approve = ("approve", *settings, rollout_id, "--plan", digest[:12], "--as")
        self._rollout(*approve, AUTHOR)
        if not self._is_refused("start", *settings, "--as", AUTHOR, rollout_id):
            msg = "wanted one approval to be too few, the rollout started with it"
            raise UnavailableError(msg)
        self.narrator.say(f"{AUTHOR} approved it and tried to start it: refused, one is too few")
        self._rollout(*approve, SECOND)
        self._rollout("start", *settings, "--as", AUTHOR, rollout_id)
        self.narrator.say(f"{SECOND} approved the same plan ({digest[:12]}…); it started")
        return str(rollout_id)

    def to_its_end(self, rollout_id: str, within_s: float = 420) -> dict[str, Any]:
        """Tell what happens until the rollout is over, and return how it stands then."""
        found: dict[str, Any] = {}

        def is_over() -> bool:
            nonlocal found
            found = self._shown(rollout_id)
            self._tell_rollout(found)
            self._hurry(found["name"])
            members = found["counts"]["all"]["members"]
            self.offered[rollout_id] = max(members, self.offered.get(rollout_id, 0))
            for device in self.devices:
                self._tell_device(device.about.name, rollout_id)
            return found["stage"] in _ENDS

        self.central.programs.wait_until(is_over, f"{rollout_id} is over", within_s)
        return found

    def look_now(self) -> None:
        """Ask every device to look for news at once, with a signed command."""
        with looking(self.central.settings) as cur:
            for device in self.devices:
                asked = commands.Asked(device.about.name, "refresh", {}, AUTHOR)
                commands.ask(cur, asked, self.clock())

    def serving(self) -> dict[str, str]:
        """Return the model that each device says it ranks with."""
        with looking(self.central.settings) as cur:
            found = {one.about.name: device_shown(cur, one.about.name) for one in self.devices}
        return {
            name: next(
                (one["serving"] for one in shown["releases"] if one["name"] == MODEL), "unknown"
            )
            for name, shown in found.items()
        }

    def _tell_rollout(self, found: dict[str, Any]) -> None:
        stage, wave = found["stage"], found["wave"]
        if not self._is_new("rollout", found["rollout_id"], stage, wave):
            return
        words = f"rollout {found['rollout_id']}: {stage}"
        if found["why"]:
            words += f", because {found['why']}"
        self.narrator.say(words)

    def _tell_device(self, name: str, rollout_id: str) -> None:
        with looking(self.central.settings) as cur:
            states = device_shown(cur, name)["releases"]
        for one in states:
            phase, reason = one["phase"], one["reason"]
            is_ours = one["release_id"] == rollout_id and phase in _TOLD
            if is_ours and self._is_new(name, rollout_id, phase, reason):
                why = f" ({reason}: {one['detail']})" if reason else ""
                self.narrator.say(f"  {name}: {phase.replace('_', ' ')}{why}")

    def _hurry(self, name: str) -> None:
        """Have devices look at each new document at once; a doorbell lets them take a minute."""
        with looking(self.central.settings) as cur:
            lines = lines_shown(cur)
        version = next((one["published_version"] for one in lines if one["name"] == name), None)
        if version is not None and self._is_new("document", name, version):
            self.look_now()

    def _is_new(self, *what: object) -> bool:
        is_new = what not in self.said
        self.said.add(what)
        return is_new

    def _shown(self, rollout_id: str) -> dict[str, Any]:
        with looking(self.central.settings) as cur:
            return rollout_shown(cur, rollout_id, self.clock())

    def _rollout(self, *arguments: object) -> dict[str, Any]:
        found: dict[str, Any] = orjson.loads(fleet("rollout", *map(str, arguments), "--json"))
        return found

    def _is_refused(self, *arguments: object) -> bool:
        try:
            fleet("rollout", *map(str, arguments))
        except RequestContractError:
            return True
        return False


def is_true(ask: Callable[[], bool]) -> bool:
    """Ask somebody who may be away just now; no answer is no."""
    try:
        return ask()
    except EdgeError:
        return False
