"""A till's export made up by rule: small, and with patterns that a model must find.

Mornings sell coffee and afternoons tea; jam goes with toast; nobody in it is real.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import numpy as np

HEADER = "day,clock,receipt,branch,article"
DESCRIPTION = """
name = "small_till"
title = "A made-up till"
fictitious = true
files = ["till.csv"]
time_zone = "Europe/London"
currency = "GBP"

[columns]
ticket = ["branch", "receipt"]
site = "branch"
item = "article"
date = "day"
time = "clock"
"""


def till_lines(days: int = 30, tickets_a_day: int = 24) -> list[str]:
    """The rows of the export, without the header."""
    rng = np.random.default_rng(3)
    lines = []
    receipt = 0
    for day in range(days):
        for i in range(tickets_a_day):
            receipt += 1
            second = 8 * 3600 + int(36_000 / tickets_a_day * i)
            when = f"{date(2026, 1, 5) + timedelta(days=day)},{_clock(second)}"
            articles = _ticket(rng, second < 13 * 3600)
            lines += [f"{when},{receipt},A,{article}" for article in articles]
    return lines


def write_till(
    folder: Path, lines: list[str] | None = None, description: str = DESCRIPTION
) -> Path:
    """Write the export and its description; return the description's path."""
    text = "\n".join([HEADER, *(till_lines() if lines is None else lines)]) + "\n"
    (folder / "till.csv").write_text(text, encoding="utf-8")
    path = folder / "till.toml"
    path.write_text(description, encoding="utf-8")
    return path


@contextmanager
def no_progress(what: str, steps: int) -> Iterator[Callable[[], None]]:
    del what, steps
    yield lambda: None


def _ticket(rng: np.random.Generator, morning: bool) -> list[str]:
    drink = "coffee" if (rng.random() < 0.85) == morning else "tea"
    if rng.random() < 0.45:
        return [drink]
    food = str(rng.choice(["toast", "cake", "bun", "pie"], p=[0.4, 0.3, 0.2, 0.1]))
    jam = ["jam"] if food == "toast" and rng.random() < 0.8 else []
    rare = ["honey"] if rng.random() < 0.05 else []
    return [drink, food, *jam, *rare]


def _clock(second: int) -> str:
    return f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
