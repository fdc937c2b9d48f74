"""How a trial is judged: what was seen of the new model while it served.

Pure: the same figures give the same verdict. Health comes first, the shop's own result last,
and only where both models served at the same time in the same shop.

Source: fleet.md 7; decisioning.md 7 (guardrails as non-inferiority, always-valid intervals, the
mismatch of arms as a gate).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from pydantic import BaseModel, ConfigDict

from edge.experiment.sequential import Rule, Sample, falls_below, rises_above
from edge.experiment.srm import is_mismatch

MOST_STARTS: Final = 2
"""Starts of the process without a good run in between; one more, and the trial is over."""
MOST_CRASHES: Final = 5
"""Starts after a run that did not end well, in the whole trial, good runs in between or not."""
GOOD_RUN: Final = timedelta(minutes=10)
LEAST_SAMPLES: Final = 200
"""Answers of either model from which their 99th percentiles are compared."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a trial may not exceed."""

    slower: float = 3.0  # times the p99 of the model before, in processor time
    allowed_us: float = 10_000.0  # a p99 below this is fast enough, however fast the other was
    hang_s: float = 5.0  # one answer that takes longer is none
    silent_s: float = 600.0  # nothing was answered for so long, its own questions included
    take_margin: float = 0.005  # of the share of visits that take something
    order_margin_s: float = 5.0  # of the mean time from the first row to the order
    sure: Rule = field(default_factory=Rule)


class Arm(BaseModel):
    """Visits that one of the two models served; sums only, no visit can be told from them."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    visits: int = 0
    takes: int = 0
    orders: int = 0
    order_s: float = 0.0
    order_s2: float = 0.0

    @property
    def taking(self) -> Sample:
        """Visits, and how many took something that was proposed."""
        return Sample.of_takes(self.visits, self.takes)

    @property
    def ordering(self) -> Sample:
        """Seconds from the first row to the order."""
        return Sample(self.orders, self.order_s, self.order_s2)


class Arms(BaseModel):
    """Both models in one shop at one time."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    old: Arm = Arm()
    new: Arm = Arm()
    share: float = 0.5  # of visits that were drawn for the new one


@dataclass(frozen=True, slots=True)
class Health:
    """What was seen of a trial since this process began to serve with it."""

    answers: int = 0
    broke: str = ""
    p99_us: float = 0.0
    samples: int = 0
    before_p99_us: float = 0.0
    before_samples: int = 0
    hangs_s: float = 0.0
    silent_s: float = 0.0
    arms: Arms = field(default_factory=Arms)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a trial is over; ``reason`` is a code of ``ReleaseState.reason``."""

    reason: str
    detail: str


def judge(health: Health, limits: Limits) -> Fault | None:
    """Return why the trial has to end, or None while nothing speaks against the model."""
    if health.broke:
        return Fault("error_rate", health.broke)
    if health.hangs_s > limits.hang_s:
        return Fault("watchdog", f"an answer is out for {health.hangs_s:.0f} s")
    if health.silent_s > limits.silent_s:
        return Fault("heartbeat", f"no answer for {health.silent_s:.0f} s")
    if is_slow(health, limits):
        return Fault("latency", f"p99 {health.p99_us:.0f} us, before {health.before_p99_us:.0f} us")
    return judge_business(health.arms, limits)


def is_slow(health: Health, limits: Limits) -> bool:
    """Say whether the model takes far more processor time than the one before."""
    if min(health.samples, health.before_samples) < LEAST_SAMPLES:
        # Without a comparison only what is slow by any measure is.
        return health.samples >= LEAST_SAMPLES and health.p99_us > 5 * limits.allowed_us
    allowed = max(limits.allowed_us, limits.slower * health.before_p99_us)
    return health.p99_us > allowed


def judge_business(arms: Arms, limits: Limits) -> Fault | None:
    """Return why the shop's own result ends the trial; None also when arms are not as drawn."""
    old, new = arms.old, arms.new
    if is_mismatch((old.visits, new.visits), (1 - arms.share, arms.share)):
        return None  # visits went missing in one arm: a comparison would compare that
    if falls_below(old.taking, new.taking, limits.take_margin, limits.sure):
        return Fault("business", f"takes {_share(new)} of visits, before {_share(old)}")
    if rises_above(old.ordering, new.ordering, limits.order_margin_s, limits.sure):
        seconds = f"{new.ordering.mean:.0f} s, before {old.ordering.mean:.0f} s"
        return Fault("business", f"orders take {seconds}")
    return None


def figures(health: Health) -> Mapping[str, float]:
    """Return what central is told about a trial: sums, from which it can judge a whole wave."""
    arms = health.arms
    return {
        "answers": float(health.answers),
        "p99_us": health.p99_us,
        "before_p99_us": health.before_p99_us,
        "visits_old": float(arms.old.visits),
        "visits_new": float(arms.new.visits),
        "takes_old": float(arms.old.takes),
        "takes_new": float(arms.new.takes),
        "orders_old": float(arms.old.orders),
        "orders_new": float(arms.new.orders),
        "order_s_old": arms.old.ordering.mean,
        "order_s_new": arms.new.ordering.mean,
        "arms_mismatch": float(
            is_mismatch((arms.old.visits, arms.new.visits), (1 - arms.share, arms.share))
        ),
    }


def _share(arm: Arm) -> str:
    return f"{arm.taking.mean:.1%}"
