"""What may be seen by whom: no screen more public than an offer says; sensitive on private ones."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from edge.catalog.policy_rules import PolicyRules
from edge.catalog.taxonomy import Privacy
from edge.policy.scene import Considered, Scene, Suppression

NAME: Final = "private_channel"

MOST_PUBLIC: Final[Mapping[Privacy, int]] = MappingProxyType(
    {"private": 0, "semi-private": 1, "public": 2}
)


def judge(considered: Considered, scene: Scene, rules: PolicyRules) -> Suppression | None:
    """Return why this screen is too public for the candidate, or None."""
    offer = considered.offer
    if offer is None or scene.publicity == 0:
        return None
    if scene.publicity > MOST_PUBLIC[offer.audience_privacy]:
        return Suppression(NAME, f"{offer.audience_privacy} at most")
    if offer.sensitivity != "none":
        return Suppression(NAME, "sensitive")
    return None
