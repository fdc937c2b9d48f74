"""A rollout as a picture: whom the document offered the release, and who served people with it.

The vertical axis is logarithmic, because 20 shops and 100,000 belong into one picture.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from edge.central.fleet.rollout.state import Stage
from edge.central.fleet.simulate.faults import Kind
from edge.central.fleet.simulate.simulation import Outcome

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK: Final = "#1d2733"
QUIET: Final = "#6b7683"
GRID: Final = "#e6e9ed"
ALLOWED: Final = "#dfe7f1"
GOOD: Final = "#1f7a5c"
BAD: Final = "#c2410c"
_TITLES: Final = {
    Kind.NONE: "A good release",
    Kind.CRASH: "A release that crashes",
    Kind.SLOW: "A release that is slow",
    Kind.NAN: "A release that answers with NaN",
    Kind.BUSINESS: "A release that earns less",
}
_LEAST: Final = 0.8  # of a shop: where the logarithm begins
_ROOM: Final = 1.08  # beyond what happened last


def plot(outcomes: Sequence[Outcome], path: Path) -> None:
    """Draw one panel for each outcome into ``path`` (.svg, .png or .pdf)."""
    # Imported only here: half a second, and nobody else at central needs it.
    import matplotlib as mpl  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    with mpl.rc_context({"svg.hashsalt": "instore", "font.size": 9, "font.family": "sans-serif"}):
        height = 0.5 + (3.0 if len(outcomes) == 1 else 1.75 * len(outcomes))
        figure = Figure(figsize=(8.0, height), layout="constrained")
        figure.get_layout_engine().set(h_pad=0.1)  # type: ignore[union-attr, call-arg]
        panels = figure.subplots(len(outcomes), 1, squeeze=False, sharex=True)[:, 0]
        # One axis of time for all: that is what they are compared by.
        end = max(_end_h(outcome) for outcome in outcomes)
        for panel, outcome in zip(panels, outcomes, strict=True):
            _panel(panel, outcome, end)
        panels[-1].set_xlabel("hours since the canary began", color=QUIET, loc="right")
        panels[-1].tick_params(labelbottom=True)
        metadata = {"Date": None} if path.suffix == ".svg" else None
        figure.savefig(path, dpi=160, facecolor="white", metadata=metadata)


def _panel(panel: "Axes", outcome: Outcome, end: float) -> None:
    shops = outcome.setup.shops
    _allowed(panel, outcome, end)
    is_bad = outcome.stopped_at_min is not None
    color = BAD if is_bad else GOOD
    hours = outcome.exposed_at_min / 60
    last = _end_h(outcome) / _ROOM if is_bad else end
    shown = np.concatenate(([hours[0] if len(hours) else 0.0], hours, [last]))
    number = np.concatenate(([_LEAST], np.arange(1, len(hours) + 1), [len(hours)]))
    panel.plot(shown, number, color=color, lw=2.0, solid_capstyle="round", zorder=3)
    if is_bad:
        _stop(panel, outcome, end)
    _frame(panel, shops, end)
    panel.set_title(_TITLES[outcome.setup.kind], loc="left", color=INK, fontsize=11, weight="bold")
    panel.set_title(_words(outcome), loc="right", color=color, fontsize=9)


def _allowed(panel: "Axes", outcome: Outcome, end: float) -> None:
    """Draw whom the document offers it, as a step, with the stages' names."""
    shops, canary = outcome.setup.shops, outcome.setup.canary
    begins, levels = [], []
    for one in outcome.moments:
        if not one.stage.is_out and one.stage is not Stage.COMPLETE:
            break
        begins.append(one.at_min / 60)
        levels.append(max(canary, one.share * shops))
    stopped = outcome.stopped_at_min
    until = end if stopped is None else stopped / 60
    panel.stairs(levels, [*begins, until], fill=True, color=ALLOWED, baseline=_LEAST, zorder=1)
    for one, begin, level in zip(outcome.moments, begins, levels, strict=False):
        if one.stage in {Stage.BAKE, Stage.COMPLETE}:
            continue
        is_first = one.stage is Stage.CANARY
        panel.annotate(
            "canary" if is_first else f"{100 * one.share:g} % of shops",
            (begin, level),
            xytext=(2, 3) if is_first else (-3, -2),
            textcoords="offset points",
            ha="left" if is_first else "right",
            va="bottom" if is_first else "top",
            color=QUIET,
            fontsize=8,
            zorder=4,
        )


def _stop(panel: "Axes", outcome: Outcome, end: float) -> None:
    assert outcome.stopped_at_min is not None
    at = outcome.stopped_at_min / 60
    has_room = at < 0.8 * end
    panel.axvline(at, color=INK, lw=1.0, ls=(0, (3, 2)), zorder=2)
    panel.annotate(
        f"stopped by itself after {_span(outcome.stopped_at_min)}",
        (at, outcome.setup.shops),
        xytext=(5 if has_room else -5, -2),
        textcoords="offset points",
        ha="left" if has_room else "right",
        va="top",
        color=INK,
        fontsize=9,
    )


def _frame(panel: "Axes", shops: int, end: float) -> None:
    panel.set_yscale("log")
    panel.set_ylim(_LEAST, shops * 1.25)
    panel.set_xlim(0, end)
    powers = [10**power for power in range(0, len(str(shops)), 2)]
    ticks = [*(tick for tick in powers if 3 * tick < shops), shops]
    panel.set_yticks(ticks, [f"{tick:,}" if tick < shops else f"{tick:,} shops" for tick in ticks])
    panel.minorticks_off()
    panel.grid(axis="y", color=GRID, lw=0.7)
    panel.set_axisbelow(True)
    panel.tick_params(length=0, colors=QUIET)
    for side in ("top", "right", "left"):
        panel.spines[side].set_visible(False)
    panel.spines["bottom"].set_color(GRID)


def _end_h(outcome: Outcome) -> float:
    last = outcome.back_at_min or outcome.stopped_at_min or outcome.moments[-1].at_min
    return float(last) / 60 * _ROOM


def _words(outcome: Outcome) -> str:
    share = 100 * outcome.exposed / outcome.setup.shops
    who = f"{outcome.exposed:,} of {outcome.setup.shops:,} shops served it ({share:.3g} %)"
    if outcome.stopped_at_min is not None or outcome.moments[-1].stage is not Stage.COMPLETE:
        return who
    return f"{who}, complete after {_span(outcome.moments[-1].at_min)}"


def _span(minutes: Any) -> str:  # noqa: ANN401 - a number, numpy's or ours
    hours, rest = divmod(round(float(minutes)), 60)
    return f"{hours} h {rest:02} min" if hours else f"{rest} min"
