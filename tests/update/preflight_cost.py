"""What a trial costs by number of items: figures, not a test.

``python -m tests.update.preflight_cost`` prints them; the limits of ``edge/update/limits.py`` rest
on them. Made-up weights; CPU time and memory are the child's own, wall time is the caller's.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Final

from edge.update.preflight import Preflight
from models.training.export import write_folder
from tests.fakes.small_model import CONTRACT_FILE, small_package

SIZES: Final = (54, 512, 5_000, 50_000)


def main() -> None:
    preflight = Preflight(CONTRACT_FILE)
    print_row("items", "wall s", "CPU s", "rank ms", "base ms", "RSS MiB", "addresses MiB")
    for size in SIZES:
        with TemporaryDirectory() as made:
            folder = Path(made) / "package"
            write_folder(small_package(size, neighbours=0 if size <= 512 else 64), folder)
            began_s = monotonic()
            found = preflight(folder)
            wall_s = monotonic() - began_s
        figures = found.figures
        print_row(
            f"{size:,}",
            f"{wall_s:.2f}",
            f"{figures['cpu_s']:.2f}",
            f"{figures.get('rank_p95_ms', 0):.3f}",
            f"{figures.get('base_p95_ms', 0):.3f}",
            f"{figures['rss_bytes'] / 2**20:.0f}",
            f"{figures['addresses_bytes'] / 2**20:.0f}" + ("" if found.is_good else found.detail),
        )


def print_row(*cells: str) -> None:
    sys.stdout.write("".join(f"{cell:>14}" for cell in cells) + "\n")


if __name__ == "__main__":
    main()
