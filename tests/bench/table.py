"""The one table: on the screen, as Markdown for the README, as JSON, and as a plot."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

import matplotlib as mpl
from matplotlib import pyplot as plt
from rich.console import Console
from rich.table import Table

from tests.bench.row import Row

HEADER = ("", "this code", "floor", "ratio", "budget", "kept")


COLOURS: Final = {True: "#3d6b4f", False: "#b3261e", None: "#9aa0a6"}
"""Bars that keep their budget, that break it, and that have none."""


def show(rows: Sequence[Row], title: str) -> None:
    """Print the table."""
    table = Table(title=title, title_justify="left")
    for number, name in enumerate(HEADER):
        table.add_column(name, justify="left" if number == 0 else "right")
    group = ""
    for row in rows:
        if row.group != group:
            group = row.group
            table.add_section()
            table.add_row(f"[bold]{group}[/bold]")
        table.add_row(*cells(row))
    Console(width=130).print(table)


def cells(row: Row) -> tuple[str, ...]:
    """Return a row as text."""
    floor = f"{_number(row.floor)} {row.unit} ({row.floor_name})" if row.floor else ""
    ratio = f"{_number(row.ratio)}x" if row.ratio is not None else ""
    sign = "≥" if row.more_is_better else "≤"
    unit = "x" if row.floor else f" {row.unit}"
    budget = f"{sign} {_number(row.budget)}{unit}" if row.budget is not None else ""
    kept = {True: "yes", False: "NO", None: ""}[row.is_within]
    return row.name, f"{_number(row.ours)} {row.unit}", floor, ratio, budget, kept


def write(rows: Sequence[Row], title: str, about: dict[str, object], folder: Path) -> None:
    """Write ``bench.json``, ``bench.md`` and ``bench.svg`` into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    found = [{**asdict(row), "ratio": row.ratio, "is_within": row.is_within} for row in rows]
    (folder / "bench.json").write_text(json.dumps({**about, "rows": found}, indent=1) + "\n")
    (folder / "bench.md").write_text(markdown(rows, title), "utf-8")
    _plot(rows, title, folder / "bench.svg")


def markdown(rows: Sequence[Row], title: str) -> str:
    """Return the table as the README shows it."""
    lines = [title, "", "| " + " | ".join(HEADER) + " |", "|---|" + "--:|" * 5]
    group = ""
    for row in rows:
        if row.group != group:
            group = row.group
            lines.append(f"| **{group}** |" + " |" * 5)
        lines.append("| " + " | ".join(cells(row)) + " |")
    return "\n".join(lines) + "\n"


def _plot(rows: Sequence[Row], title: str, path: Path) -> None:
    """Draw each ratio beside its budget, on a logarithmic scale."""
    shown = [row for row in rows if row.ratio is not None][::-1]
    with mpl.rc_context({"svg.hashsalt": "bench", "svg.fonttype": "none"}):
        figure, axes = plt.subplots(figsize=(9, 0.42 * len(shown) + 2.0))
        colours = [COLOURS[row.is_within] for row in shown]
        places = range(len(shown))
        axes.barh(places, [row.ratio or 0.0 for row in shown], color=colours)
        for place, row in zip(places, shown, strict=True):
            if row.budget is not None:
                axes.plot([row.budget] * 2, [place - 0.45, place + 0.45], color="black", lw=2)
            axes.text(row.ratio or 0.0, place, f" {_number(row.ratio)}x", va="center", fontsize=8)
        names = [f"{row.group}: {row.name}\nagainst {row.floor_name}" for row in shown]
        axes.set_yticks(places, names, fontsize=7)
        axes.set_xscale("log")
        axes.set_xlabel("times the floor (black mark: budget)")
        figure.suptitle(title.replace("; ", "\n"), fontsize=8, x=0.02, ha="left")
        figure.tight_layout()
        figure.savefig(path, metadata={"Date": None})
        plt.close(figure)


def _number(value: float | None) -> str:
    if value is None:
        return ""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}".rstrip("0").rstrip(".")
