"""Are the arms as large as they were drawn? If not, the comparison is void, whatever it says.

Two tests: the e-value may be looked at continuously (it exceeds 1/alpha in at most ``alpha`` of
cases, ever), chi-square once. A rule that looks daily with chi-square at .01 calls 9.5 % of sound
experiments broken; the e-value .15 %.

Source: decisioning.md 7; Lindon and Malek, "Anytime-Valid Inference For Multinomial Count Data"
(2022).
"""

import math
from collections.abc import Sequence
from typing import Final

ALPHA: Final = 0.001
_CONCENTRATION: Final = 10_000.0
"""How near to the planned shares a mismatch is expected: about a percent, as real ones are."""


def e_value(counts: Sequence[int], shares: Sequence[float]) -> float:
    """Return the evidence against the planned ``shares``; 1 is none, 1000 is enough to act.

    Raises:
        ValueError: The shares do not fit the counts, or do not sum to 1.
    """
    _check(counts, shares)
    prior = [share * _CONCENTRATION for share in shares]
    # Dirichlet-multinomial over multinomial; the orderings cancel.
    log_e = math.lgamma(_CONCENTRATION) - math.lgamma(_CONCENTRATION + sum(counts))
    for count, alpha, share in zip(counts, prior, shares, strict=True):
        log_e += math.lgamma(alpha + count) - math.lgamma(alpha) - count * math.log(share)
    return math.exp(min(log_e, 700.0))


def is_mismatch(counts: Sequence[int], shares: Sequence[float], alpha: float = ALPHA) -> bool:
    """Say whether the arms are not as they were drawn; may be asked at every look."""
    return e_value(counts, shares) >= 1 / alpha


def chi_square(counts: Sequence[int], shares: Sequence[float]) -> float:
    """Return Pearson's statistic of ``counts`` against the planned ``shares``.

    Raises:
        ValueError: The shares do not fit the counts, or do not sum to 1.
    """
    _check(counts, shares)
    total = sum(counts)
    return sum(
        (count - total * share) ** 2 / (total * share)
        for count, share in zip(counts, shares, strict=True)
        if total
    )


def p_of_two(counts: tuple[int, int], shares: tuple[float, float] = (0.5, 0.5)) -> float:
    """Return the p-value of chi-square for two arms, for a single look."""
    return math.erfc(math.sqrt(chi_square(counts, shares) / 2))


def _check(counts: Sequence[int], shares: Sequence[float]) -> None:
    if len(counts) != len(shares) or min(shares, default=0) <= 0 or min(counts, default=-1) < 0:
        msg = f"wanted one positive share for each of {len(counts)} counts, got {list(shares)}"
        raise ValueError(msg)
    if not math.isclose(sum(shares), 1.0, abs_tol=1e-9):
        msg = f"wanted shares that sum to 1, got {sum(shares)}"
        raise ValueError(msg)
