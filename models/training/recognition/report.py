"""The figures of a replay: with and without past orders, and how sure the difference is."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

from rich.table import Table

from edge.app.tickets.client import Answer
from edge.app.tickets.run import quantile
from models.training.recognition.fitted import Chosen
from models.training.recognition.measures import (
    Difference,
    Measures,
    difference,
    mean,
    measured,
)
from models.training.recognition.replay import Asked, Replay


@dataclass(frozen=True, slots=True)
class Compared:
    """The same households unknown and known."""

    households: int
    unknown: Measures
    known: Measures
    gain: dict[str, Difference]


@dataclass(frozen=True, slots=True)
class Speed:
    """How the service answered; a household is a scan and two decisions."""

    callers: int
    decisions_per_s: float
    scan_p50_ms: float
    scan_p99_ms: float
    known_p50_ms: float
    known_p99_ms: float
    unknown_p50_ms: float
    unknown_p99_ms: float


@dataclass(frozen=True, slots=True)
class Report:
    """What a replay measured, and of what."""

    seed: int
    products: int
    of_the_shop: Compared  # products that the shop sells
    whole_baskets: Compared  # every product: what the shop does not sell is a miss
    chosen: Chosen
    speed: Speed
    degraded: int  # decisions
    without_a_service: Measures
    """What the model alone does for the recognised households of ``of_the_shop``."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What was asked with: the shop, the split, and the model."""

    seed: int
    products: int
    callers: int
    chosen: Chosen
    without_a_service: Measures


def report(found: Replay, ground: Ground) -> Report:
    """Return the figures of ``found``."""
    sold = [one for one in found.asked if one.case.target.items]
    answers = [answer for one in found.asked for answer in (one.known, one.unknown)]
    return Report(
        seed=ground.seed,
        products=ground.products,
        of_the_shop=_compared(sold, is_whole=False),
        whole_baskets=_compared(found.asked, is_whole=True),
        chosen=ground.chosen,
        speed=_speed(found, ground.callers),
        degraded=sum(answer.degraded is not None for answer in answers),
        without_a_service=ground.without_a_service,
    )


def table(found: Report) -> Table:
    """Return the figures as a person reads them."""
    speed, chosen = found.speed, found.chosen
    caption = (
        f"weights chosen on {chosen.cases} baskets of validation households: weight "
        f"{chosen.history.weight:g}, half-life {chosen.history.half_life_days:g} days, "
        f"saturation {chosen.history.saturation:g}\n"
        f"there: nDCG@10 unknown {chosen.unknown.ndcg_10:.3f}, by the shipped rule "
        f"{chosen.by_rule.ndcg_10:.3f}, chosen {chosen.validation.ndcg_10:.3f}\n"
        f"the model alone, without a service: R@10 {found.without_a_service.recall_10:.3f}, "
        f"nDCG@10 {found.without_a_service.ndcg_10:.3f}\n"
        f"{speed.decisions_per_s:.0f} recorded decisions/s beside half as many scans, with "
        f"{speed.callers} callers; p50 / p99: scan {speed.scan_p50_ms:.1f} / "
        f"{speed.scan_p99_ms:.1f} ms, decision known {speed.known_p50_ms:.1f} / "
        f"{speed.known_p99_ms:.1f} ms, unknown {speed.unknown_p50_ms:.1f} / "
        f"{speed.unknown_p99_ms:.1f} ms; {found.degraded} degraded"
    )
    title = f"seed {found.seed}, {found.products} products, through the running service"
    rows = Table(title=title, caption=caption, caption_justify="left")
    rows.add_column("")
    for name in ("households", "R@10", "R@20", "nDCG@10", "PHR@10"):
        rows.add_column(name, justify="right")
    for what, compared in (
        ("of the shop", found.of_the_shop),
        ("whole basket", found.whole_baskets),
    ):
        count = str(compared.households)
        rows.add_row(f"{what}, unknown", count, *_three(compared.unknown))
        rows.add_row(f"{what}, recognised", count, *_three(compared.known))
        gains = [compared.gain[name] for name in NAMES]
        rows.add_row("gained", "", *(f"{gain.mean:+.3f}" for gain in gains))
        rows.add_row(
            "95 % of resamples", "", *(f"{gain.low:.3f}…{gain.high:.3f}" for gain in gains)
        )
    return rows


NAMES = tuple(field.name for field in fields(Measures))


def _three(found: Measures) -> list[str]:
    return [f"{getattr(found, name):.3f}" for name in NAMES]


def _compared(asked: Sequence[Asked], *, is_whole: bool) -> Compared:
    def of(one: Asked, answer: Answer) -> Measures:
        target = one.case.target
        size = target.size if is_whole else len(target.items)
        return measured(answer.skus, frozenset(target.items), size)

    unknown = [of(one, one.unknown) for one in asked]
    known = [of(one, one.known) for one in asked]
    gain = {name: difference(unknown, known, name) for name in NAMES}
    return Compared(len(asked), mean(unknown), mean(known), gain)


def _speed(found: Replay, callers: int) -> Speed:
    scans = [one.scan_s * 1000 for one in found.asked]
    known = [one.known.seconds * 1000 for one in found.asked]
    unknown = [one.unknown.seconds * 1000 for one in found.asked]
    return Speed(
        callers=callers,
        decisions_per_s=2 * len(found.asked) / found.seconds,
        scan_p50_ms=quantile(scans, 0.50),
        scan_p99_ms=quantile(scans, 0.99),
        known_p50_ms=quantile(known, 0.50),
        known_p99_ms=quantile(known, 0.99),
        unknown_p50_ms=quantile(unknown, 0.50),
        unknown_p99_ms=quantile(unknown, 0.99),
    )
