"""Draw a card's plots as small SVG files that are the same for the same model."""

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from models.training.fit import HISTORY
from models.training.recipe import Trained

BLUE: Final = "#2b6cb0"
GREY: Final = "#8a8f98"
SIZES: Final = (1, 2, 3, 4)
"""Basket sizes with a bar of their own; the last takes all larger ones."""


def draw_all(trained: Trained) -> dict[str, bytes]:
    """Return the plots of a card by file name."""
    return {
        "by_basket_size.svg": _drawn(lambda axes: _by_basket_size(axes, trained)),
        "calibration.svg": _drawn(lambda axes: _calibration(axes, trained)),
        "by_hour.svg": _drawn(lambda axes: _by_hour(axes, trained)),
        "weights.svg": _drawn(lambda axes: _weights(axes, trained)),
    }


def bars(values: Mapping[str, Sequence[float]], label: str) -> bytes:
    """Return a bar for each name: the mean of its values, with their standard deviation."""

    def draw(axes: Axes) -> None:
        names = list(values)
        means = [float(np.mean(values[name])) for name in names]
        spread = [float(np.std(values[name])) for name in names]
        axes.barh(names, means, xerr=spread, color=BLUE)
        axes.invert_yaxis()
        axes.set_xlabel(label)

    return _drawn(draw)


def _drawn(draw: Callable[[Axes], None]) -> bytes:
    # A fixed salt and no date: the same model gives the same bytes.
    with mpl.rc_context({"svg.hashsalt": "card", "svg.fonttype": "none", "font.size": 9}):
        figure = Figure(figsize=(5.6, 3.1), layout="constrained")
        axes = figure.add_subplot()
        axes.spines[["top", "right"]].set_visible(False)
        draw(axes)
        drawn = io.StringIO()
        figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
    lines = (line.rstrip() for line in drawn.getvalue().splitlines())
    return ("\n".join(lines) + "\n").encode()


def _by_basket_size(axes: Axes, trained: Trained) -> None:
    models = [trained.quality[0], trained.quality[1], trained.quality[2]]
    for i, (quality, colour) in enumerate(zip(models, (GREY, "#7fb2e5", BLUE), strict=True)):
        size = np.minimum(quality.completion.basket_size, SIZES[-1])
        hits = quality.completion.rank <= 3
        share = [float(hits[size == s].mean()) if (size == s).any() else 0.0 for s in SIZES]
        axes.bar(
            np.arange(len(SIZES)) + (i - 1) * 0.27, share, 0.25, color=colour, label=quality.name
        )
    counts = np.bincount(np.minimum(models[0].completion.basket_size, SIZES[-1]), minlength=5)
    names = [f"{s}{'+' if s == SIZES[-1] else ''}\n(n = {counts[s]})" for s in SIZES]
    axes.set_xticks(np.arange(len(SIZES)), names)
    axes.set_xlabel("items already in the basket")
    axes.set_ylabel("HR@3, test days")
    axes.legend(frameon=False)


def _calibration(axes: Axes, trained: Trained) -> None:
    found = trained.reliability
    predicted = found.predicted if found else ()
    observed = found.observed if found else ()
    top = max((*predicted, *observed, 0.01)) * 1.05
    axes.plot([0, top], [0, top], color=GREY, linewidth=1)
    axes.plot(predicted, observed, "o", color=BLUE)
    axes.set_xlabel("p(take) predicted, tenths of all candidates")
    axes.set_ylabel("share taken, test days")


def _by_hour(axes: Axes, trained: Trained) -> None:
    train = trained.split.train
    open_hours = np.unique(train.hour)
    for item, name in enumerate(trained.model.items[:6]):
        odds = trained.model.context[:24, item][open_hours]
        axes.plot(open_hours, odds, marker=".", label=name)
    axes.axhline(0, color=GREY, linewidth=1)
    axes.set_xlabel("local hour")
    axes.set_ylabel("log-odds to the item's usual")
    axes.legend(frameon=False, fontsize=7, ncols=2)


def _weights(axes: Axes, trained: Trained) -> None:
    lift = trained.model.affinity.lift
    values = lift[np.abs(lift) > 1e-6]
    axes.hist(values, bins=40, color=BLUE)
    axes.axvline(0, color=GREY, linewidth=1)
    days = np.array([0.0, HISTORY.half_life_days])
    worth = HISTORY.weight * np.log1p(np.exp2(-days / HISTORY.half_life_days) / HISTORY.saturation)
    axes.set_xlabel(
        f"basket lift of a pair (a purchase today counts {worth[0]:.2f}, "
        f"after {days[1]:.0f} days {worth[1]:.2f})"
    )
    axes.set_ylabel("pairs")
