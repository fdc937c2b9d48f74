"""Write a decision down, and decide it again from what was written.

Two pieces: a JSON body with the facts, and the candidates' own bytes (scores are recorded, so
a replay does not depend on the processor). A shopper's allergen filter (decided.md 35), and
what a recognised customer bought, starred or muted, are in neither: such a decision keeps only
the candidates that were shown, and a draw as it fell.
"""

from collections.abc import Mapping
from dataclasses import astuple, dataclass, replace
from typing import Any, Final

import numpy as np
import orjson

from edge.catalog.placement import Placement
from edge.catalog.site import Site
from edge.core.chance import draws
from edge.core.errors import ContractError
from edge.decide.arrange import VERSION, Arrangement, Exploration, arrange
from edge.decide.candidates import Candidates
from edge.decide.decide import Decision
from edge.decide.moved_up import stamped
from edge.decide.slots import Pick
from edge.decide.templates import NOTHING_OWN, Sayable
from edge.decide.values import Shown, Slate
from edge.decide.wishes import SURPRISE_PART, WEIGHTS, WISHES_PART
from edge.experiment.assignment import UNASSIGNED
from edge.experiment.attribution import may_teach
from edge.policy.recognition import PUBLICITY

READABLE: Final = (1, VERSION)
"""Versions that a replay understands."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a decision was made."""

    site_id: str
    device_id: str
    surface: str


def slate_bytes(slate: Slate) -> bytes:
    """Return the slate as canonical JSON: sorted keys, no spaces."""
    return orjson.dumps(_slate(slate), option=orjson.OPT_SORT_KEYS)


def body(decision: Decision, place: Place) -> bytes:
    """Return the JSON of everything but the candidates' numbers."""
    given, context = decision.arrangement, decision.shelf.context
    kept = _recordable(decision)
    told = {WISHES_PART, SURPRISE_PART}
    weather = context.weather
    return orjson.dumps(
        {
            "v": VERSION,
            "decision_id": given.decision_id,
            "at": context.at,
            "local_at": context.local_at,
            "site": place.site_id,
            "device": place.device_id,
            "screen": decision.asked.screen_id,
            "surface": place.surface,
            "visit": decision.asked.visit_id,
            "catalog": decision.shelf.bundle.site.digest,
            "placement": given.placement.id,
            "model": decision.shelf.bundle.ranker.digest,
            "daypart": context.daypart_id,
            "weather": weather and {"temp_c": weather.temp_c, "is_wet": weather.is_wet},
            "trend_items": len(context.trend),
            "basket": decision.asked.basket,
            "fewer": sorted(decision.asked.fewer),
            "answers": [sorted(answer) for answer in decision.asked.answers],
            "suppressed": decision.suppressed,
            "part_names": given.candidates.part_names,
            "offers": {sku: offer.offer for sku, offer in kept.offers.items()},
            "fallback": kept.fallback,
            "calibration": given.calibration,
            "exploration": [given.exploration.gamma, given.exploration.floor],
            "may_explore": kept.may_explore,
            "drawn": kept.drawn,
            "settled": kept.is_settled,
            "met": sorted(kept.sayable.met),
            **_of_state(decision),
            "weights": dict(WEIGHTS) if told & set(kept.candidates.part_names) else None,
            "picks": [[p.slot, p.by, p.sku, p.value, p.share] for p in kept.picks],
            "draws": draws(given.decision_id, 1),
            "slate": _slate(decision.slate),
        }
    )


def candidate_bytes(decision: Decision) -> bytes:
    """Return the candidates to keep beside the body."""
    return _recordable(decision).candidates.to_bytes()


def _recordable(decision: Decision) -> Arrangement:
    """Return what of the arrangement may be kept: all, or what was shown.

    What was shown is kept in its order, so a replay still holds. Whether a slot might have been
    drawn is not kept then, only what was: one cause among several would be the allergen filter.
    """
    given = decision.arrangement
    if not decision.keeps_only_shown:
        return given
    shown = {one.sku: one for one in decision.slate.shown}
    wild = next((one for one in shown.values() if one.is_explored), None)
    rank_of = {
        given.products[place].sku: rank
        for rank, place in enumerate(given.candidates.places.tolist())
    }
    ranks = [rank_of[sku] for sku in shown if sku in rank_of and not _is_filler(shown[sku])]
    return replace(
        given,
        candidates=given.candidates.only(np.array(ranks, dtype=np.int64)),
        offers={sku: offer for sku, offer in given.offers.items() if sku in shown},
        fallback=tuple(sku for sku in given.fallback if sku in shown),
        may_explore=wild is not None,
        drawn=(wild.sku, wild.propensity) if wild else None,
        picks=tuple(one for one in given.picks if one.sku in shown),
        is_settled=True,
    )


def _is_filler(one: Shown) -> bool:
    """Return whether it is the placement's fallback, which no candidate stands for."""
    return not one.parts


def _of_state(decision: Decision) -> dict[str, object]:
    """Return what the decision was told beforehand, as counts and names, never of a person.

    While allergens are filtered nothing of the visit is kept: the record belongs to nobody.
    """
    given, state = decision.arrangement, decision.state
    bundle = decision.shelf.bundle
    is_of_visit = not decision.asked.avoid
    terms = {one.sku: decision.terms.get(one.sku) for one in decision.slate.shown}
    return {
        "policy": bundle.policy_digest,
        "assignment": (state.assignment if is_of_visit else UNASSIGNED).written(),
        "contacts": {
            "visit": sum(state.contacts.of_visit.values()) if is_of_visit else 0,
            "board": sum(len(seen) for seen in state.contacts.of_board.values()),
        },
        "order": given.placement.order,
        "values": {sku: astuple(one) for sku, one in terms.items() if one is not None},
        "moved_up": sorted(one.sku for one in decision.slate.shown if one.is_moved_up),
        "learner": state.learner.version if given.adjusted and state.learner else None,
        "adjusted": [] if decision.keeps_only_shown else _adjusted(given),
        # Which draws nothing is ever learned from: they judge what was learned.
        "is_analysis": not may_teach(given.decision_id, _slice(bundle.site)),
    }


def catalog_of(recorded: bytes) -> str:
    """Return the digest of the catalog a recorded decision was made with."""
    return str(orjson.loads(recorded)["catalog"])


def replay(recorded: bytes, candidates: bytes, site: Site) -> Slate:
    """Arrange the recorded candidates again, and return the slate that comes out.

    Raises:
        ContractError: The record is of another version, or of another catalog than ``site``.
    """
    facts: dict[str, Any] = orjson.loads(recorded)
    if facts["v"] not in READABLE or facts["catalog"] != site.digest:
        msg = (
            f"wanted a record of version 1 to {VERSION} and catalog {site.digest[:12]}, "
            f"got version {facts['v']} and catalog {facts['catalog'][:12]}"
        )
        raise ContractError(msg)
    written = facts["slate"]
    return Slate(
        decision_id=facts["decision_id"],
        placement_id=facts["placement"],
        shown=stamped(arrange(_arrangement(facts, candidates, site)), facts.get("moved_up", ())),
        ranker=written["ranker"],
        degraded=written["degraded"],
        suppressed=written["suppressed"],
    )


def _arrangement(facts: Mapping[str, Any], candidates: bytes, site: Site) -> Arrangement:
    placement = site.placement(facts["placement"])
    if placement is None:
        msg = f"wanted a placement of {site.header.site}, got {facts['placement']!r}"
        raise ContractError(msg)
    by_id = {offer.offer: offer for offer in site.offers}
    gamma, floor = facts["exploration"]
    calibration, drawn = facts["calibration"], facts.get("drawn")
    return Arrangement(
        decision_id=facts["decision_id"],
        placement=placement,
        products=site.products,
        candidates=Candidates.from_bytes(candidates, tuple(facts["part_names"])),
        offers={sku: by_id[offer] for sku, offer in facts["offers"].items()},
        fallback=tuple(facts["fallback"]),
        calibration=None if calibration is None else (calibration[0], calibration[1]),
        exploration=Exploration(gamma=gamma, floor=floor),
        may_explore=facts["may_explore"],
        drawn=None if drawn is None else (drawn[0], drawn[1]),
        picks=tuple(Pick(*one) for one in facts.get("picks", ())),
        is_settled=facts.get("settled", False),
        adjusted=_adjustments(facts, candidates),
        sayable=_sayable(facts, placement, site),
        version=facts["v"],
    )


def _adjusted(given: Arrangement) -> list[float]:
    """Return what was learned of each candidate, in their order."""
    if not given.adjusted:
        return []
    return [given.adjusted.get(place, 0.0) for place in given.candidates.places.tolist()]


def _adjustments(facts: Mapping[str, Any], candidates: bytes) -> Mapping[int, float]:
    written = facts.get("adjusted")
    if not written:
        return {}
    places = Candidates.from_bytes(candidates, tuple(facts["part_names"])).places.tolist()
    return dict(zip(places, written, strict=True))


def _slice(site: Site) -> float:
    return site.experiments.learning.analysis_slice


def _sayable(facts: Mapping[str, Any], placement: Placement, site: Site) -> Sayable:
    if facts["v"] == 1:
        return NOTHING_OWN  # it knew no explanations of the shop's own
    return Sayable(site.explanations, frozenset(facts["met"]), PUBLICITY[placement.surface])


def _slate(slate: Slate) -> dict[str, object]:
    return {
        "decision_id": slate.decision_id,
        "placement": slate.placement_id,
        "ranker": slate.ranker,
        "degraded": slate.degraded,
        "suppressed": slate.suppressed,
        "shown": [_shown(one) for one in slate.shown],
    }


def _shown(one: Shown) -> dict[str, object]:
    return {
        "slot": one.slot,
        "offer": one.offer_id,
        "sku": one.sku,
        "score": one.score,
        "parts": one.parts,
        "reason": one.reason.value,
        "propensity": one.propensity,
        "explored": one.is_explored,
        "sponsored": one.is_sponsored,
        # Only where there is one: what an older version recorded stays the same bytes.
        **({"moved_up": True} if one.is_moved_up else {}),
        **({"explanation": one.explanation} if one.explanation else {}),
    }
