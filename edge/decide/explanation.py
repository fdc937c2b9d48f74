"""Say what a recorded decision did, from the record alone.

The same values feed ``edge explain``, the ops page and the API, so that they cannot tell
different stories.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from edge.catalog.site import Site
from edge.core.errors import ContractError
from edge.decide.candidates import Candidates
from edge.decide.record import replay, slate_bytes

MOST_CANDIDATES = 20


def explain(recorded: bytes, candidates: bytes, site: Site | None) -> Mapping[str, object]:
    """Return the facts of a decision in reading order.

    Args:
        recorded: The JSON body.
        candidates: The candidates' bytes.
        site: The catalog the decision was made with, or None when it is not at hand; then
            candidates have no names and the decision cannot be replayed.
    """
    facts: dict[str, Any] = orjson.loads(recorded)
    found = Candidates.from_bytes(candidates, tuple(facts["part_names"]))
    knows = site is not None and site.digest == facts["catalog"]
    return {
        "decision_id": facts["decision_id"],
        "at": facts["at"],
        "local_at": facts["local_at"],
        "site": facts["site"],
        "device": facts["device"],
        "screen": facts["screen"],
        "surface": facts["surface"],
        "visit": facts["visit"],
        "placement": facts["placement"],
        "ranker": facts["slate"]["ranker"],
        "model": facts["model"],
        "degraded": facts["slate"]["degraded"],
        "catalog": facts["catalog"],
        "context": {
            "daypart": facts["daypart"],
            "weather": facts["weather"],
            "trend_items": facts["trend_items"],
            "basket": facts["basket"],
            "fewer": facts["fewer"],
            "answers": facts["answers"],
        },
        "shown": facts["slate"]["shown"],
        "draws": facts["draws"],
        "exploration": {
            "gamma": facts["exploration"][0],
            "floor": facts["exploration"][1],
            "allowed": facts["may_explore"],
            "calibrated": facts["calibration"] is not None,
        },
        "stages": {
            "version": facts["v"],
            "policy": facts.get("policy"),
            "assignment": facts.get("assignment"),
            "contacts": facts.get("contacts"),
            "order": facts.get("order", "score"),
            "values": _values(facts),
            "moved_up": facts.get("moved_up", []),
            "learner": facts.get("learner"),
            "forecast_per_week": _forecasts(facts, site if knows else None),
        },
        "weights": facts.get("weights"),  # of what a customer told us, where it was used
        "suppressed": facts["suppressed"],
        "candidate_count": len(found),
        "candidates": _candidates(found, site if knows else None),
        "replay": _replayed(recorded, candidates, site),
    }


def _values(facts: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Return what the value of each shown product was made of, where the row was ordered by it."""
    found: dict[str, list[float]] = facts.get("values", {})
    return {
        sku: {"take": take, "worth_minor": worth, "priority": priority, "pressure": pressure}
        for sku, (take, worth, priority, pressure) in found.items()
    }


def _forecasts(facts: Mapping[str, Any], site: Site | None) -> dict[str, int]:
    """Return what the owners of the offers shown expect to be taken in a week."""
    if site is None:
        return {}
    offers = (site.offer(one["offer"]) for one in facts["slate"]["shown"])
    return {
        one.offer: one.value.forecast_per_week
        for one in offers
        if one is not None and one.value.forecast_per_week is not None
    }


def _candidates(found: Candidates, site: Site | None) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for rank, place in enumerate(found.places[:MOST_CANDIDATES].tolist()):
        parts = dict(zip(found.part_names, found.parts[rank].tolist(), strict=True))
        sku = site.products[place].sku if site else f"#{place}"
        rows.append({"sku": sku, "score": float(found.score[rank]), "parts": parts})
    return rows


def _replayed(recorded: bytes, candidates: bytes, site: Site | None) -> str:
    """Say whether deciding again gives the same slate, byte for byte."""
    if site is None:
        return "not possible: its catalog is not at hand"
    try:
        again = slate_bytes(replay(recorded, candidates, site))
    except ContractError as error:
        return f"not possible: {error}"
    written = orjson.dumps(orjson.loads(recorded)["slate"], option=orjson.OPT_SORT_KEYS)
    return "identical" if again == written else "DIFFERENT: please report this decision"
