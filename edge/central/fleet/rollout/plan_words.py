"""A rollout's plan in words, for whoever is to approve it at a terminal."""

from collections.abc import Mapping
from typing import Any

from edge.central.fleet.rollout.plan import Plan
from edge.central.postgres import Cursor


def plan_words(plan: Mapping[str, Any]) -> dict[str, str]:
    """Return what approving the plan of ``rollout_shown`` would let happen, line by line."""
    gate = plan["gate"]
    margin = gate["take_rate_margin"]
    return {
        "package": plan["release"]["target"],
        "canary": ", ".join(plan["canary"]),
        "waves": ", ".join(f"{100 * share:g} %" for share in plan["waves"]),
        "rest after the canary": f"{plan['bake_minutes']} minutes",
        "a wave lasts at least": f"{plan['wave_minutes']} minutes",
        "ranked beside before": f"{plan['shadow_requests']} requests",
        "a device's own trial": f"{plan['trial_minutes']} minutes",
        "must have finished": f"{gate['finished']} devices, or {100 * gate['finished_share']:g} %",
        "may end badly": f"{100 * gate['bad_share']:g} %, at least {gate['bad']}",
        "fewer takes allowed": "any" if margin is None else f"{100 * margin:g} %",
        "when more do": gate["on_failure"],
        "overdue after": f"{plan['finish_within_hours']} hours online",
    }


def unheard(cur: Cursor, plan: Plan) -> tuple[str, ...]:
    """Return the shops of the canary that no device was ever heard from, such as misspelled ones."""
    rows = cur.execute(
        "SELECT DISTINCT site FROM device WHERE site = ANY(%s)", (sorted(plan.canary),)
    ).fetchall()
    return tuple(sorted(plan.canary - {site for (site,) in rows}))
