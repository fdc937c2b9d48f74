"""`make bench`: the table of figures, by CPU time, medians and ratios.

Absolute times tell of the machine; the ratios tell of the code. Nothing here is a test: a
figure outside its budget is printed as such and fails nothing.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console

from tests.bench import (
    codes,
    decisions,
    http,
    offers,
    people,
    policies,
    resources,
    storage,
    streams,
    table,
    tastes,
    tokens,
    updates,
)
from tests.bench.cpu import machine, noise_ms
from tests.bench.row import Row

PARTS: dict[str, Callable[[], Iterator[Row]]] = {
    "codes": codes.rows,
    "decisions": decisions.rows,
    "http": http.rows,
    "offers": offers.rows,
    "people": people.rows,
    "policies": policies.rows,
    "storage": storage.rows,
    "streams": streams.rows,
    "resources": resources.rows,
    "tastes": tastes.rows,
    "tokens": tokens.rows,
    "updates": updates.rows,
}

QUIET = 3.0
"""A 99th percentile of a fixed piece of work above so many times its median is a neighbour's."""


def main() -> None:
    """Measure, print the table, and write it down."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--out", type=Path, help="folder for bench.json, bench.md and bench.svg")
    parser.add_argument("--only", choices=sorted(PARTS), action="append", help="measure this part")
    given = parser.parse_args()
    console = Console(stderr=True)
    began = time.perf_counter()
    before = noise_ms()
    rows: list[Row] = []
    for name in given.only or PARTS:
        with console.status(f"measuring {name}"):
            rows += PARTS[name]()
    after = noise_ms()
    title = (
        f"{machine()}, Python {sys.version.split()[0]}; load {os.getloadavg()[0]:.1f}; a fixed "
        f"{before[0]:.1f} ms of work took p99 {before[1]:.1f} ms before and {after[1]:.1f} ms after"
    )
    if max(before[1], after[1]) > QUIET * before[0]:
        title += "; OTHERS WERE RUNNING: wall times and percentiles tell of them, not of this code"
    about: dict[str, object] = {
        "machine": machine(),
        "load": os.getloadavg()[0],
        "noise_p50_p99_ms": [before, after],
        "seconds": time.perf_counter() - began,
    }
    table.show(rows, title)
    folder = given.out or Path(tempfile.mkdtemp(prefix="bench-"))
    table.write(rows, title, about, folder)
    console.print(f"{time.perf_counter() - began:.0f} s; written to {folder}")


if __name__ == "__main__":
    main()
