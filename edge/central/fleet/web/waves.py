"""A rollout's waves as a picture has them: whom each was planned for, and what became of them."""

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from edge.central.fleet.rollout.gate import Counts, Tally
from edge.central.fleet.rollout.state import CANARY_WAVE, Rollout, Stage, State
from edge.central.postgres import Cursor


@dataclass(frozen=True, slots=True)
class Wave:
    """One wave: ``standing`` is done, now, stopped or next."""

    number: int
    share: float
    sites: int
    """Listed ones, of the canary."""
    planned: int
    standing: str
    tally: Tally

    @property
    def offline(self) -> int:
        """Return how many are offered it and cannot be reached."""
        return self.tally.members - self.tally.reachable - self.tally.silent

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON has it, with what the picture needs."""
        return {
            "wave": self.number,
            "share": self.share,
            "sites": self.sites,
            "planned": self.planned,
            "standing": self.standing,
            "offline": self.offline,
            "under_way": self.tally.running + self.tally.waiting,
            "bad": self.tally.bad,
            **asdict(self.tally),
        }


def waves_shown(cur: Cursor, state: State, counts: Counts) -> dict[str, Any]:
    """Return the waves of a rollout, and what they are measured against."""
    row = cur.execute("SELECT count(*) FROM device").fetchone()
    devices = int(row[0]) if row else 0
    rollout = state.rollout
    found, before = [], 0
    for number in range(CANARY_WAVE, len(rollout.plan.waves)):
        tally = counts.by_wave.get(number, Tally())
        planned = tally.members
        if number > rollout.wave or rollout.stage in (Stage.DRAFT, Stage.APPROVED):
            planned = _planned(cur, state, number, devices, before)
        found.append(_wave(rollout, number, planned, tally))
        before += planned
    return {
        "devices": devices,
        "halted": state.line.halted,
        "waves": [one.to_document() for one in found],
        "until": _until(rollout),
    }


def _wave(rollout: Rollout, number: int, planned: int, tally: Tally) -> Wave:
    plan = rollout.plan
    is_canary = number == CANARY_WAVE
    return Wave(
        number=number,
        share=0.0 if is_canary else plan.waves[number],
        sites=len(plan.canary) if is_canary else 0,
        planned=planned,
        standing=_standing(rollout, number),
        tally=tally,
    )


def _standing(rollout: Rollout, number: int) -> str:
    stage = rollout.stage
    if stage in (Stage.DRAFT, Stage.APPROVED) or number > rollout.wave:
        return "next"
    if number < rollout.wave or stage is Stage.COMPLETE or stage is Stage.BAKE:
        return "done"
    return "now" if stage.is_exposing else "stopped"


def _planned(cur: Cursor, state: State, number: int, devices: int, before: int) -> int:
    plan = state.rollout.plan
    if number == CANARY_WAVE:
        row = cur.execute(
            "SELECT count(*) FROM device WHERE site = ANY(%s)", (sorted(plan.canary),)
        ).fetchone()
        return int(row[0]) if row else 0
    return max(0, round(plan.waves[number] * devices) - before)


def _until(rollout: Rollout) -> str | None:
    """Return until when a rest or the least length of a wave lasts."""
    minutes = {
        Stage.BAKE: rollout.plan.bake_minutes,
        Stage.WAVE: rollout.plan.wave_minutes,
    }.get(rollout.stage)
    if not minutes:
        return None
    return (rollout.since + timedelta(minutes=minutes)).isoformat()
