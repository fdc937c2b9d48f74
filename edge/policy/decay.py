"""Facts fade, and go: how much an old fact counts, and when it counts no more.

Sensitive facts and events of somebody's life go fast; nothing stays longer than the hard
retention. ``judge`` is the policy: what is over is not used, also where a profile still has it.

Source: decided.md 36; mission.md 55c, 56c.
"""

from datetime import timedelta
from typing import Final, Literal

from edge.catalog.policy_rules import FactDecay, PolicyRules
from edge.catalog.taxonomy import ABOUT_NOBODY
from edge.policy.scene import Considered, Scene, Suppression
from edge.policy.sins.boudoir import is_intimate

NAME: Final = "fact_decay"

FactKind = Literal["ordinary", "sensitive", "life-event"]


def judge(considered: Considered, scene: Scene, rules: PolicyRules) -> Suppression | None:
    """Return why a fact behind the candidate is over, or None."""
    if not considered.rests_on:
        return None
    kind = kind_of(considered, rules)
    for fact in considered.rests_on:
        if fact.name not in ABOUT_NOBODY and not is_kept(fact.age, kind, rules.fact_decay):
            return Suppression(NAME, f"{fact.name} is over")
    return None


def kind_of(considered: Considered, rules: PolicyRules) -> FactKind:
    """Return how the facts behind a candidate age: what it is about makes them sensitive."""
    is_labelled = considered.offer is not None and considered.offer.sensitivity != "none"
    return "sensitive" if is_labelled or is_intimate(considered, rules) else "ordinary"


def lives(kind: FactKind, decay: FactDecay) -> timedelta:
    """Return how long a fact of ``kind`` may be kept and used."""
    if kind == "sensitive":
        return min(decay.sensitive_ttl, decay.hard_retention)
    if kind == "life-event":
        return min(decay.life_event_ttl, decay.hard_retention)
    return decay.hard_retention


def is_kept(age: timedelta, kind: FactKind, decay: FactDecay) -> bool:
    """Return whether a fact of that age still counts at all."""
    return age < lives(kind, decay)


def weight(age: timedelta, kind: FactKind, decay: FactDecay) -> float:
    """Return how much a fact of that age counts: 1 now, half after a half-life, 0 when over."""
    if not is_kept(age, kind, decay):
        return 0.0
    return float(2.0 ** -(max(age, timedelta(0)) / decay.default_half_life))


def staleness(age: timedelta, decay: FactDecay) -> int:
    """Return 0 to 3: how many half-lives ago it was."""
    return min(3, max(0, age // decay.default_half_life))
