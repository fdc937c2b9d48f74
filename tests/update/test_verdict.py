"""A verdict survives the way from child to parent; anything else written there is none."""

import json

import pytest

from edge.core.errors import ModelContractError
from edge.update.verdict import (
    MAX_BREACHES,
    MAX_DETAIL,
    Reason,
    Verdict,
    read_report,
    refusal,
    step_line,
    verdict_line,
)
from edge.wire.releases import ReleaseState

GOOD = Verdict(True, figures={"rank_p95_ms": 0.25})
BAD = refusal(Reason.STATIC, "serving.onnx: a", "base.onnx: b")


@pytest.mark.parametrize("verdict", [GOOD, BAD], ids=["good", "bad"])
def test_a_verdict_is_read_as_it_was_written(verdict: Verdict) -> None:
    written = step_line("static") + step_line("load") + verdict_line(verdict)

    assert read_report(written) == ("load", verdict)


def test_without_a_verdict_the_last_step_is_known() -> None:
    assert read_report(b"") == ("start", None)
    assert read_report(step_line("golden")) == ("golden", None)


def test_words_are_cut_to_what_central_takes_and_hold_no_control_characters() -> None:
    found = refusal(Reason.LOAD, *[f"\x1b[31m{'x' * 900}\n"] * 99)

    assert (
        len(found.detail)
        == MAX_DETAIL
        == ReleaseState.model_fields["detail"].metadata[0].max_length
    )
    assert found.detail.isprintable()
    assert len(found.breaches) == MAX_BREACHES
    assert BAD.detail == "serving.onnx: a; base.onnx: b"


def said(**changes: object) -> bytes:
    verdict = json.loads(verdict_line(GOOD))["verdict"] | changes
    return json.dumps({"verdict": verdict}).encode()


@pytest.mark.parametrize(
    "written",
    [
        b"good",
        b"[]",
        b'{"step": "load", "verdict": {}}',
        b'{"is_good": true}',
        verdict_line(GOOD)[:-9],
        verdict_line(BAD) + verdict_line(GOOD),
        verdict_line(GOOD) + step_line("load"),
        said(is_good=1),
        said(figures={"a": float("nan")}),
        said(figures=[]),
        said(is_good=False, reason="because"),
        said(is_good=False, reason="load", breaches=4),
        b"[" * 60_000,
        b"\xff\xfe",
    ],
)
def test_anything_else_is_not_believed(written: bytes) -> None:
    with pytest.raises(ModelContractError, match="steps and a verdict"):
        read_report(written)
