"""The appliance's update client behind the command line that ``tuf-conformance`` drives.

    client_under_test.py --metadata-dir DIR init ROOT
    client_under_test.py --metadata-dir DIR --metadata-url URL refresh
    client_under_test.py --metadata-dir DIR --metadata-url URL --target-dir DIR
        --target-base-url URL --target-name PATH [--target-name PATH …] download

The suite's metadata lies at .../metadata/ and its targets at .../targets/, as ours do.
The tests beside this keep the suite's main ideas in our own words. To run the suite itself: a copy of
theupdateframework/tuf-conformance outside this repository, an environment with what its
``pyproject.toml`` depends on, Debian's ``faketime``, and in that copy

    pytest tuf_conformance --entrypoint "$HERE/.venv-dev/bin/python $HERE/tests/conformance/client_under_test.py"

There is no list of expected failures beside this file: none is expected.
"""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from edge.core.clock import system_clock
from edge.core.errors import EdgeError
from edge.update.clock_floor import ClockFloor
from edge.update.download import Download
from edge.update.pace import LinePace
from edge.update.trusted import Trusted

PINNED = "pinned_root"
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def main(arguments: list[str]) -> int:
    """Run one command; return the exit code."""
    asked = _parser().parse_args(arguments)
    metadata = Path(asked.metadata_dir)
    if asked.command == "init":
        (metadata / PINNED).write_bytes(Path(asked.trusted_root).read_bytes())
        return 0
    client = _client(metadata, asked.metadata_url)
    try:
        client.refresh()
        for name in asked.target_name:
            _download(client, name, Path(asked.target_dir))
    except EdgeError as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1
    finally:
        client.close()
    return 0


def _download(client: Trusted, name: str, folder: Path) -> None:
    target = client.find(name)
    if target is None:
        msg = f"wanted {name}, got nothing signed by that name"
        raise EdgeError(msg)
    client.bring(target, folder / quote(name, safe=""), lambda: True)


def _client(metadata: Path, metadata_url: str) -> Trusted:
    return Trusted(
        metadata=metadata,
        root=(metadata / PINNED).read_bytes(),
        sources=(metadata_url.rstrip("/").removesuffix("/metadata"),),
        clock=system_clock,
        # The suite also replays repositories of years ago.
        floor=ClockFloor(
            file=metadata / "clock_floor", built_at=LONG_AGO, timesync_file=metadata / "none"
        ),
        download=Download(pace=LinePace(0)),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="The update client, for tuf-conformance")
    parser.add_argument("--metadata-dir", required=True)
    parser.add_argument("--metadata-url", default="")
    parser.add_argument("--target-name", action="append", default=[])
    parser.add_argument("--target-dir", default=".")
    parser.add_argument("--target-base-url", default="")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("init").add_argument("trusted_root")
    commands.add_parser("refresh")
    commands.add_parser("download")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
