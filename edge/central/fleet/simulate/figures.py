"""What a simulation says, as numbers."""

import statistics
from collections.abc import Sequence
from typing import Any

from edge.central.fleet.simulate.simulation import Outcome


def figures(outcome: Outcome) -> dict[str, Any]:
    """Return one run's figures; times in hours since the rollout began."""
    setup = outcome.setup
    stopped = outcome.stopped_at_min
    return {
        "kind": setup.kind.value,
        "seed": setup.seed,
        "shops": setup.shops,
        "canary": setup.canary,
        "ended": outcome.moments[-1].stage.value,
        "why": outcome.why,
        "exposed": outcome.exposed,
        "exposed_share": outcome.exposed / setup.shops,
        "target": outcome.target,
        "is_within_target": stopped is not None and outcome.exposed <= outcome.target,
        "first_exposed_h": outcome.first_exposed_min / 60,
        "stopped_h": None if stopped is None else stopped / 60,
        "to_stop_h": None if stopped is None else (stopped - outcome.first_exposed_min) / 60,
        "back_h": None if outcome.back_at_min is None else outcome.back_at_min / 60,
        "stages": [
            {"at_h": one.at_min / 60, "stage": one.stage.value, "share": one.share}
            for one in outcome.moments
        ],
    }


def summary(found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return what several seeds of one kind have in common."""
    exposed = [one["exposed"] for one in found]
    to_stop = [one["to_stop_h"] for one in found if one["to_stop_h"] is not None]
    return {
        "kind": found[0]["kind"],
        "seeds": len(found),
        "stopped": len(to_stop),
        "exposed_median": statistics.median(exposed),
        "exposed_most": max(exposed),
        "target_most": max(one["target"] for one in found),
        "within_target": sum(one["is_within_target"] for one in found),
        "to_stop_h_median": statistics.median(to_stop) if to_stop else None,
        "to_stop_h_most": max(to_stop) if to_stop else None,
    }
