"""The figures of a replay, beside what any shop could do without the appliance."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.table import Table

from edge.app.tickets import baselines
from edge.app.tickets.file import Ticket
from edge.app.tickets.of_shop import ShopTickets
from edge.app.tickets.run import TOP, Asked, Case, Quality, quality, quantile


@dataclass(frozen=True, slots=True)
class Run:
    """What was asked, and how long all of it took."""

    completion: Sequence[Asked]
    strip: Sequence[Asked]
    seconds: float
    callers: int


@dataclass(frozen=True, slots=True)
class Report:
    """What a replay measured."""

    service: Quality
    popular: Quality
    naive_bayes: Quality
    as_shown: Quality
    as_shown_with_basket: Quality
    tickets: int
    first_day: str
    last_day: str
    new_items: int
    decisions: int
    decisions_per_s: float
    callers: int
    latency_p50_ms: float
    latency_p99_ms: float
    strip: str  # the placement measured as shown
    empty_share: float  # of its rows
    explored_share: float  # of the products in them
    degraded_share: float  # of all decisions


def report(tickets: ShopTickets, run: Run) -> Report:
    """Return the figures of ``run`` over the last of ``tickets``."""
    every = [*run.completion, *run.strip]
    popular, bayes = _baseline_places(tickets.first, [asked.case for asked in run.completion])
    waits_ms = [asked.seconds * 1000 for asked in every]
    shown = sum(asked.shown for asked in run.strip)
    first_day, last_day = tickets.days
    return Report(
        service=quality([asked.place for asked in run.completion]),
        popular=quality(popular),
        naive_bayes=quality(bayes),
        as_shown=quality([asked.place for asked in run.strip]),
        as_shown_with_basket=quality([asked.place for asked in run.strip if asked.case.basket]),
        tickets=len(tickets.last),
        first_day=first_day,
        last_day=last_day,
        new_items=tickets.new_items,
        decisions=len(every),
        decisions_per_s=len(every) / run.seconds,
        callers=run.callers,
        latency_p50_ms=quantile(waits_ms, 0.50),
        latency_p99_ms=quantile(waits_ms, 0.99),
        strip=run.strip[0].case.placement,
        empty_share=sum(asked.shown == 0 for asked in run.strip) / len(run.strip),
        explored_share=sum(asked.explored for asked in run.strip) / max(1, shown),
        degraded_share=sum(asked.is_degraded for asked in every) / len(every),
    )


def table(found: Report) -> Table:
    """Return the figures as a person reads them."""
    caption = (
        f"{found.decisions_per_s:.0f} decisions/s with {found.callers} callers on this machine, "
        f"latency p50 {found.latency_p50_ms:.1f} ms, p99 {found.latency_p99_ms:.1f} ms\n"
        f"{found.strip}: {found.explored_share:.1%} of the products shown were explored, "
        f"{found.empty_share:.1%} of the rows were empty{_why_empty(found)}\n"
        f"{found.degraded_share:.1%} of the decisions were degraded\n"
        f"left out: {found.new_items} sales of products never sold before {found.first_day}"
    )
    title = (
        f"{found.tickets} tickets, {found.first_day} to {found.last_day}: "
        f"{found.decisions} decisions"
    )
    rows = Table(title=title, caption=caption, caption_justify="left")
    rows.add_column("")
    for name in ("cases", "HR@1", "HR@3", "HR@5", "MRR@10"):
        rows.add_column(name, justify="right")
    for name, row in (
        ("completion: popular", found.popular),
        ("completion: naive Bayes lift", found.naive_bayes),
        ("completion: this service", found.service),
        (f"as shown: {found.strip}, every item", found.as_shown),
        (f"as shown: {found.strip}, with a basket", found.as_shown_with_basket),
    ):
        figures = (row.hr_1, row.hr_3, row.hr_5, row.mrr_10)
        rows.add_row(name, str(row.cases), *(f"{figure:.3f}" for figure in figures))
    return rows


def _why_empty(found: Report) -> str:
    if found.empty_share < 1:
        return ""
    return " (a kiosk sells only products with a price and allergens; see `edge site check`)"


def _baseline_places(
    first: Sequence[Ticket], cases: Sequence[Case]
) -> tuple[list[int | None], list[int | None]]:
    learnt = baselines.learn(first)
    popular: list[int | None] = []
    bayes: list[int | None] = []
    for case in cases:
        rankings = learnt.rankings(case.basket, case.at.hour, TOP)
        for found, ranking in zip((popular, bayes), rankings, strict=True):
            found.append(ranking.index(case.wanted) + 1 if case.wanted in ranking else None)
    return popular, bayes
