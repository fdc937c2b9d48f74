"""How strongly a phone is heard that somebody carries to a screen and away again."""

from dataclasses import dataclass
from typing import Final

from edge.core.chance import Chance

FAR_DBM: Final = -88
NOISE_DB: Final = 3.0


@dataclass(frozen=True, slots=True)
class Walk:
    """Far away, up to the screen, standing there, away; and so on. All in seconds.

    ``near_dbm`` is the strength at the screen; without a pace the phone lies there.
    """

    near_dbm: float
    approach_s: float = 5.0
    stay_s: float = 20.0
    away_s: float = 10.0
    is_walking: bool = True

    def dbm_at(self, elapsed_s: float, chance: Chance) -> int:
        """Return one packet's strength: where they are then, and the radio's own noise."""
        noise = (chance(1)[0] / 255 * 2 - 1) * NOISE_DB
        return round(self._steady_dbm(elapsed_s) + noise)

    def _steady_dbm(self, elapsed_s: float) -> float:
        if not self.is_walking:
            return self.near_dbm
        round_s = 2 * self.approach_s + self.stay_s + self.away_s
        since_s = elapsed_s % round_s
        nearness = min(
            since_s / self.approach_s,
            1.0,
            max(0.0, (2 * self.approach_s + self.stay_s - since_s) / self.approach_s),
        )
        return FAR_DBM + nearness * (self.near_dbm - FAR_DBM)
