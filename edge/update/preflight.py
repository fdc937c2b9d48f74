"""Try a model in a process of its own, and turn whatever becomes of it into a verdict.

This side never opens a graph. The child may end well, crash, hang, run out of memory or write
nonsense: each is an answer about the model, none reaches the service.
"""

import os
import selectors
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.core.errors import ModelContractError, UnavailableError
from edge.update.limits import CHILD, MAX_REPORT_BYTES, NICENESS, WALL_S
from edge.update.verdict import Reason, Verdict, read_report, refusal

COMMAND: Final = (sys.executable, "-I", "-B", "-m", "edge.update.preflight_child")
"""Isolated: neither the working folder nor the environment says what is imported."""
ENVIRONMENT: Final = {
    # Nothing of the service's own environment, where a key may be.
    "MALLOC_ARENA_MAX": "2",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
_PIECE_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True)
class _End:
    """How the process ended: what it wrote, and the code, negative for a signal."""

    written: bytes
    code: int
    is_late: bool = False
    is_loud: bool = False


class Preflight:
    """Tries packages, one process each.

    Args:
        contract: The file ``models/contract.toml``.
        command: What to start; folder and contract follow.
        wall_s: How long it may take.
    """

    def __init__(
        self, contract: Path, *, command: tuple[str, ...] = COMMAND, wall_s: float = WALL_S
    ) -> None:
        self._contract = contract.resolve()
        self._command = command
        self._wall_s = wall_s

    def __call__(self, folder: Path) -> Verdict:
        """Return what the child found about the package in ``folder``, or what became of it.

        Raises:
            UnavailableError: No process can be started now; it says nothing about the model.
        """
        end = self._ended(folder.resolve())
        try:
            step, said = read_report(end.written)
        except ModelContractError as error:
            step, said = "report", None
            if end.code == 0:
                return refusal(Reason.CRASH, f"the process that tries models: {error}")
        if end.is_late:
            return refusal(
                Reason.TIMEOUT, f"wanted an end within {self._wall_s:g} s, not in {step}"
            )
        if end.is_loud:
            return refusal(Reason.CRASH, f"wanted a short report, got more than that in {step}")
        if said is not None and end.code == 0:
            return said
        return _killed(step, end.code)

    def _ended(self, folder: Path) -> _End:
        command = (*self._command, str(folder), str(self._contract))
        try:
            process = subprocess.Popen(  # noqa: S603 - our own module, no shell
                command,
                env=ENVIRONMENT,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # a Ctrl-C is for the service
            )
        except OSError as error:
            msg = f"wanted a process that tries a model, could not start it: {error.strerror}"
            raise UnavailableError(msg) from error
        with process:
            try:
                os.setpriority(os.PRIO_PROCESS, process.pid, NICENESS)
                return self._heard(process)
            finally:
                process.kill()

    def _heard(self, process: "subprocess.Popen[bytes]") -> _End:
        assert process.stdout is not None
        until_s = time.monotonic() + self._wall_s
        written = b""
        pipe = process.stdout.fileno()
        with selectors.DefaultSelector() as waiting:
            waiting.register(pipe, selectors.EVENT_READ)
            while len(written) <= MAX_REPORT_BYTES:
                if not waiting.select(max(0.0, until_s - time.monotonic())):
                    return _End(written, 0, is_late=True)
                piece = os.read(pipe, _PIECE_BYTES)
                if not piece:
                    return self._closed(process, written, until_s)
                written += piece
        return _End(b"", 0, is_loud=True)

    def _closed(self, process: "subprocess.Popen[bytes]", written: bytes, until_s: float) -> _End:
        """Return the end of a process that wrote its last; it may still have to end."""
        try:
            code = process.wait(max(0.0, until_s - time.monotonic()))
        except subprocess.TimeoutExpired:
            return _End(written, 0, is_late=True)
        return _End(written, code)


def _killed(step: str, code: int) -> Verdict:
    if code == -signal.SIGXCPU:
        return refusal(
            Reason.TIMEOUT, f"wanted at most {CHILD.cpu_s} s of CPU time, got more in {step}"
        )
    if code == -signal.SIGKILL:  # ours comes after its end only; so it was the kernel
        return refusal(Reason.MEMORY, f"ended by the kernel in {step}, as when memory runs out")
    if code < 0:
        return refusal(Reason.CRASH, f"ended by {signal.Signals(-code).name} in {step}")
    return refusal(Reason.CRASH, f"ended with code {code} and no verdict in {step}")
