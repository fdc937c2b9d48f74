"""All policies in their order, and the first one that leaves a candidate out.

It fails closed: where a policy cannot answer, the candidate is left out, and the log says which
policy it was, without a value.
"""

import logging
from typing import Final

from edge.catalog.policy_rules import PolicyRules
from edge.policy import caps, decay, distance, private_channel
from edge.policy.scene import Considered, Policy, Scene, Suppression
from edge.policy.sins import (
    boudoir,
    breaking_bonds,
    category_jumping,
    digging_too_deep,
    helicoptering,
    moral_hazards,
    overcrowding,
)

POLICY_FAILED: Final = "policy_failed"

RULES: Final[tuple[tuple[str, Policy], ...]] = tuple(
    (one.NAME, one.judge)
    for one in (
        private_channel,
        boudoir,
        moral_hazards,
        breaking_bonds,
        digging_too_deep,
        decay,
        distance,
        helicoptering,
        overcrowding,
        category_jumping,
        caps,
    )
)
"""What may never stand on a screen first, then what a person allowed, then what is enough."""

_ABOUT_FACTS: Final = frozenset({digging_too_deep.NAME, decay.NAME, distance.NAME})
_WITHOUT_FACTS: Final = tuple(one for one in RULES if one[0] not in _ABOUT_FACTS)
"""What can object to a candidate that rests on nothing: most of them do, in every decision."""

_log = logging.getLogger(__name__)


def suppression(considered: Considered, scene: Scene, rules: PolicyRules) -> Suppression | None:
    """Return the first policy's reason to leave the candidate out, or None."""
    for name, judge in RULES if considered.rests_on else _WITHOUT_FACTS:
        try:
            found = judge(considered, scene, rules)
        except Exception as error:  # noqa: BLE001 - a policy without an answer forbids
            return failed(name, error)
        if found is not None:
            return found
    return None


def failed(name: str, error: Exception) -> Suppression:
    """Return that a policy could not answer, and say so in the log."""
    _log.error("policy %s could not answer (%s): left out", name, type(error).__name__)
    return Suppression(POLICY_FAILED, name)
