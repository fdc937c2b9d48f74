"""What a trial of a model found, and how the child that tries it says so.

The child writes lines of JSON: a step when it begins one, and a verdict at its end. The parent
believes a verdict only if it is whole and the process ended well; where there is none, the last
step says how far it came.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

from edge.core.errors import ModelContractError

MAX_BREACHES: Final = 30
MAX_DETAIL: Final = 300
"""Characters; as long as ``ReleaseState.detail`` may be."""


class Reason(StrEnum):
    """Why a model is not taken, as the code that central sees."""

    STATIC = "static"  # the graph is not made of what a ranker is made of
    LOAD = "load"  # it does not load, or breaks the contract
    GOLDEN = "golden"  # it answers otherwise than in training, or shows what it must not
    NAN = "nan"  # an answer is no number
    LATENCY = "latency"
    MEMORY = "memory"
    TIMEOUT = "timeout"
    CRASH = "crash"
    CATALOG = "catalog"  # made for other products
    ABI = "abi"  # made for other software


class RefusedError(ModelContractError):
    """A model is not taken; ``reason`` is the code, the message the words."""

    def __init__(self, reason: Reason, *breaches: str) -> None:
        super().__init__("; ".join(breaches))
        self.reason = reason
        self.breaches = breaches


@dataclass(frozen=True, slots=True)
class Verdict:
    """The end of a trial."""

    is_good: bool
    reason: str = ""
    """A ``Reason``, or empty."""
    detail: str = ""
    figures: Mapping[str, float] = field(default_factory=dict)
    breaches: tuple[str, ...] = ()
    """All that was found, one by one, for whoever made the model; ``detail`` is cut."""


def refusal(reason: Reason, *breaches: str) -> Verdict:
    """Return a verdict against a model, its words no longer than central takes."""
    plain = tuple(_plain(breach) for breach in breaches[:MAX_BREACHES])
    return Verdict(False, reason.value, "; ".join(plain)[:MAX_DETAIL], breaches=plain)


def _plain(words: str) -> str:
    return "".join(mark if mark.isprintable() else " " for mark in words[:MAX_DETAIL])


def step_line(step: str) -> bytes:
    """Return what the child writes when it begins ``step``."""
    return json.dumps({"step": step}).encode() + b"\n"


def verdict_line(verdict: Verdict) -> bytes:
    """Return what the child writes at its end."""
    said = {
        "is_good": verdict.is_good,
        "reason": verdict.reason,
        "detail": verdict.detail,
        "figures": dict(verdict.figures),
        "breaches": list(verdict.breaches),
    }
    return json.dumps({"verdict": said}).encode() + b"\n"


def read_report(written: bytes) -> tuple[str, Verdict | None]:
    """Return the last step the child began, and its verdict if it wrote a whole one.

    Raises:
        ModelContractError: It wrote anything else.
    """
    step, verdict = "start", None
    for line in written.splitlines():
        try:
            said = json.loads(line)
            if verdict is not None or said.keys() not in ({"step"}, {"verdict"}):
                msg = "wanted steps and one verdict"
                raise ValueError(msg)
            if "step" in said:
                step = str(said["step"])[:20]
            else:
                verdict = _verdict(said["verdict"])
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            msg = f"wanted lines with steps and a verdict, got {line[:40]!r}"
            raise ModelContractError(msg) from error
    return step, verdict


def _verdict(said: Mapping[str, Any]) -> Verdict:
    figures = {str(name): float(value) for name, value in said["figures"].items()}
    if not isinstance(said["is_good"], bool) or not all(map(math.isfinite, figures.values())):
        msg = "wanted true or false, and figures"
        raise ValueError(msg)
    if said["is_good"]:
        return Verdict(True, "", str(said["detail"])[:MAX_DETAIL], figures)
    found = refusal(Reason(said["reason"]), *map(str, said["breaches"]))
    return replace(found, figures=figures)
