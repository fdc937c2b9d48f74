"""Write a model's card: data, figures on the test days, limits. Markdown with SVG plots."""

from datetime import date, timedelta

import numpy as np

from models.training.evaluate import Completion
from models.training.plots import draw_all
from models.training.prepare import Tickets
from models.training.recipe import Exported, Quality, Trained

FICTITIOUS = (
    "> **The data is fictitious.** These tickets were made up for a data course; nobody bought "
    "any of this. The model makes a demo move. It is no evidence that anything works in a shop."
)


def card_files(
    name: str, trained: Trained, exported: Exported, evidence: Trained | None
) -> dict[str, bytes]:
    """Return ``NAME.md`` and its plots by path, relative to the folder of the card."""
    plots = draw_all(trained)
    text = _card(name, trained, exported, evidence)
    return {f"{name}.md": text.encode()} | {f"{name}/{file}": plots[file] for file in plots}


def quality_table(qualities: tuple[Quality, ...]) -> str:
    """Return the figures of the test days as a Markdown table."""
    rows = [
        "| on the test days | HR@1 | HR@3 | HR@5 | MRR@10 | board R@5 |",
        "|---|---|---|---|---|---|",
    ]
    for quality in qualities:
        found = quality.completion
        figures = (found.hr(1), found.hr(3), found.hr(5), found.mrr(), quality.board_recall)
        rows.append(f"| {quality.name} | " + " | ".join(f"{x:.3f}" for x in figures) + " |")
    return "\n".join(rows)


def _card(name: str, trained: Trained, exported: Exported, evidence: Trained | None) -> str:
    parts = [
        f"# Model card: {name}",
        FICTITIOUS if trained.dataset.fictitious else "",
        _facts(trained, exported),
        "## Figures",
        _figures(trained),
        f"![HR@3 by items in the basket]({name}/by_basket_size.svg)",
        "" if evidence is None else _evidence(evidence),
        "## How sure p(take) is",
        _calibration(trained),
        f"![Predicted and observed shares]({name}/calibration.svg)",
        "## What it is made of",
        _settings(trained),
        f"![Log-odds by hour]({name}/by_hour.svg)",
        f"![Basket lifts]({name}/weights.svg)",
        "## Limits",
        _limits(trained),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _facts(trained: Trained, exported: Exported) -> str:
    split, dataset = trained.split, trained.dataset
    size = sum(len(content) for content in exported.files.values())
    return "\n".join(
        (
            "| | |",
            "|---|---|",
            f"| model | `{exported.identity.model_id}`, version {exported.identity.version} |",
            f"| data | {dataset.title}. {dataset.about} |",
            f"| trained on | {_span(split.train)} |",
            f"| of which validation | {_span(split.validation)} |",
            f"| tested on | {_span(split.test)} |",
            f"| items | {len(trained.model.items)}, those sold on the training days |",
            "| people | none: no customer is in the data, and none in the model |",
            (
                f"| package | {size / 1000:.0f} kB; graphs equal the trained model to "
                f"{exported.parity:.0e} |"
            ),
        )
    )


def _figures(trained: Trained) -> str:
    return "\n\n".join(
        (
            quality_table(trained.quality),
            (
                f"*Completion* (HR, MRR): {len(trained.quality[0].completion.rank)} held-out items of "
                "tickets with two or more; the model sees the rest of the ticket and its local time. "
                "*Board*: the model sees the time alone. Settings were chosen on the validation days, "
                "the model was then fitted on all training days; items the training days never sold "
                "are left out. *Popular* knows only what sold; *naive Bayes lift* adds the hour and "
                "sums log-lifts, untuned. The standard error of HR@3 is "
                f"{_standard_error(trained.quality[2].completion):.3f}; the models are compared on the "
                "same items."
            ),
            _context_gain(trained),
        )
    )


def _context_gain(trained: Trained) -> str:
    popular, ours = trained.quality[0].board_recall, trained.quality[2].board_recall
    return (
        f"Without a basket, hour, weekday and recent sales together add "
        f"{100 * (ours / popular - 1):.1f} % to what popularity alone reaches (board R@5 "
        f"{popular:.3f} to {ours:.3f})."
    )


def _evidence(evidence: Trained) -> str:
    return "\n\n".join(
        (
            f"### The same recipe on real tickets: {evidence.dataset.title}",
            (
                f"{evidence.dataset.about} Trained on {_span(evidence.split.train)}, tested on "
                f"{_span(evidence.split.test)}."
            ),
            quality_table(evidence.quality),
            _context_gain(evidence),
            (
                "The recipe was developed with these tickets at hand. Its form and settings were "
                "chosen on the training days, but the test figures of simpler forms had been seen."
            ),
        )
    )


def _calibration(trained: Trained) -> str:
    if trained.calibration is None or trained.reliability is None:
        return "p(take) could not be fitted on these tickets; the package says so."
    a, b = trained.calibration
    return (
        f"p(take) = sigmoid({a:.3f} · score {b:+.3f}), fitted on the validation days. On the test "
        "days the predicted and the observed share differ by "
        f"{trained.reliability.error:.4f} on average over tenths of all candidates. *Take* means: "
        "was on the ticket. Nobody had been shown a recommendation, so what showing one changes "
        "is not known from this data."
    )


def _settings(trained: Trained) -> str:
    s = trained.tuned.settings
    trend = (
        "fitted on the validation tickets that had one"
        if s.trend_fitted
        else "**not fitted**: too few validation tickets had a trend"
    )
    return "\n".join(
        (
            "score = moment + trend + history + basket; each part is 0 for an average item.",
            "",
            (
                f"- *moment*: share of sales, half-life {s.half_life_days:g} days; hours shrunk by "
                f"{s.hour_prior:g} sales, weekdays by {s.weekday_prior:g} (inf: unused). Season is "
                "encoded and has no weight: the data does not span a year."
            ),
            (
                f"- *trend*: weight {s.trend_weight:g}, {trend}. A trend needs 20 orders in half an hour; "
                f"{100 * trained.trend_share:.1f} % of test tickets had one."
            ),
            (
                "- *history*: weight 0.8, half-life 30 days, by rule. **Not fitted**: the data knows "
                "no customers."
            ),
            (
                f"- *basket*: log-lift of pairs shrunk by {s.lift_prior:g} tickets, over "
                f"(basket size)^{s.size_power:g}, weight {s.basket_weight:g}; refined with penalty "
                f"{s.refine_penalty:g} (inf: not), no pair changes its sign."
            ),
        )
    )


def _limits(trained: Trained) -> str:
    lines = [
        (
            "- Without a customer, hour and weekday add only 2 to 4 % on real tills. The basket so far "
            "and a person's own history carry the rest."
        ),
        "- Tickets show what was bought, not what was wanted, looked at or sold out.",
        (
            "- An item that the training days never sold is not in the model; the appliance shows it "
            "by its own rules."
        ),
        "- No weather, price or promotion is an input.",
        "- Menus change: train again from the shop's own tickets, weekly if the menu moves.",
    ]
    if trained.dataset.fictitious:
        lines.insert(0, "- The tickets are made up: hours and pairs are those of their author.")
    return "\n".join(lines)


def _span(tickets: Tickets) -> str:
    days = np.unique(tickets.day)
    first, last = (date(1970, 1, 1) + timedelta(days=int(day)) for day in (days[0], days[-1]))
    return f"{len(tickets):,} tickets on {len(days)} days, {first} to {last}"


def _standard_error(found: Completion) -> float:
    share = found.hr(3)
    return float(np.sqrt(share * (1 - share) / max(len(found.rank), 1)))
