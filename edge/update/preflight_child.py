"""The process that tries a model before the service opens it: files in, a verdict out.

Started by ``preflight`` as ``python -I -m edge.update.preflight_child FOLDER CONTRACT`` with an
empty environment. It shuts itself off from everything but the package's folder, so that a model
that takes it over has nothing to read and nowhere to go, and may use so much memory and so much
CPU time. It writes steps and a verdict (``verdict``) and ends.
"""

import os
import re
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Final

from edge.confine.confinement import ALL, confine
from edge.core.errors import ModelContractError
from edge.recommend.contract import read_contract
from edge.update.limits import CHILD, MAX_RSS_BYTES
from edge.update.package import NAMES, longest
from edge.update.preflight_steps import Trial, try_package
from edge.update.verdict import (
    Reason,
    RefusedError,
    Verdict,
    refusal,
    step_line,
    verdict_line,
)

_STANDARD_OUTPUT: Final = 1
_STANDARD_ERROR: Final = 2
_MEMORY: Final = re.compile(rb"^(VmPeak|VmHWM):\s+(\d+) kB$", re.MULTILINE)
_FIGURES: Final = {b"VmPeak": "addresses_bytes", b"VmHWM": "rss_bytes"}


def run(folder: Path, contract_file: Path, report: int) -> None:
    """Shut this process off, try the package in ``folder``, write steps and verdict to ``report``."""
    contract = read_contract(contract_file.read_text("utf-8"))
    # Opened before no file can be opened. (The kernel's rusage counts the parent's memory, too.)
    with Path("/proc/self/status").open("rb", buffering=0) as status:
        shut = confine((folder,), CHILD)
        missing = [each for each in ALL if each not in shut]
        trial = Trial({}, contract, lambda step: _write(report, step_line(step)))
        found = _tried(trial, folder, status)
    if found.is_good and missing:
        words = f"this kernel does not shut it off from {', '.join(missing)}"
        found = replace(found, detail=words)
    _write(report, verdict_line(found))


def _tried(trial: Trial, folder: Path, status: BinaryIO) -> Verdict:
    try:
        trial.files = _files(folder)
        try_package(trial)
        trial.figures |= _memory(status)
        if trial.figures["rss_bytes"] > MAX_RSS_BYTES:
            msg = f"wanted at most {MAX_RSS_BYTES} bytes in memory, got {trial.figures['rss_bytes']:.0f}"
            raise RefusedError(Reason.MEMORY, msg)
    except RefusedError as error:
        found = refusal(error.reason, *error.breaches)
    except ModelContractError as error:
        found = refusal(Reason.LOAD, str(error))
    except MemoryError:
        found = refusal(Reason.MEMORY, f"wanted at most {CHILD.memory_bytes} bytes, it needs more")
    else:
        found = Verdict(True)
    figures = trial.figures | _memory(status) | {"cpu_s": round(time.process_time(), 3)}
    return replace(found, figures=figures)


def _files(folder: Path) -> dict[str, bytes]:
    files = {}
    for name in NAMES:
        try:
            with (folder / name).open("rb") as file:
                files[name] = file.read(longest(name) + 1)
        except OSError as error:
            msg = f"wanted a model package, cannot read {name}: {error.strerror}"
            raise RefusedError(Reason.LOAD, msg) from error
        if len(files[name]) > longest(name):
            msg = f"{name}: wanted at most {longest(name)} bytes, got more"
            raise RefusedError(Reason.STATIC, msg)
    return files


def _memory(status: BinaryIO) -> dict[str, float]:
    status.seek(0)
    return {_FIGURES[key]: int(kib) * 1024.0 for key, kib in _MEMORY.findall(status.read(8_192))}


def _write(to: int, line: bytes) -> None:
    os.write(to, line)


def main() -> None:
    """Run as a process of its own."""
    report = os.dup(_STANDARD_OUTPUT)
    os.dup2(_STANDARD_ERROR, _STANDARD_OUTPUT)  # what a library prints is not the report
    try:
        run(Path(sys.argv[1]), Path(sys.argv[2]), report)
    except BrokenPipeError:
        sys.exit(0)  # the service is gone


if __name__ == "__main__":
    main()
