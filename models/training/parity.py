"""Hold the exported graphs equal to the trained model, and to each other.

The reference is numpy in float64, the graphs are float32 in onnxruntime. Scores, parts and the
masked items must agree to the contract's tolerance; items may change places only within it.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import onnxruntime as ort

from edge.core.errors import ModelContractError
from edge.recommend.contract import Contract
from edge.recommend.onnx_ranker import OnnxBase, OnnxRanker
from edge.recommend.ranker import MASKED, Ranking, RankRequest
from models.training.additive import Additive, Doubles
from models.training.export import Probe


def check_parity(
    model: Additive, files: Mapping[str, bytes], contract: Contract, probes: Sequence[Probe]
) -> float:
    """Return the largest difference between reference, full form and serving form.

    Raises:
        ModelContractError: It is above the contract's ``parity_tolerance``.
    """
    largest = max(differences(model, files, contract, probes))
    if not largest <= contract.parity_tolerance:
        msg = (
            f"parity: expected the graphs to equal the trained model to "
            f"{contract.parity_tolerance:g}, differ by {largest:g}; nothing was exported"
        )
        raise ModelContractError(msg)
    return largest


def differences(
    model: Additive, files: Mapping[str, bytes], contract: Contract, probes: Sequence[Probe]
) -> list[float]:
    """Return, for each probe, the largest difference in any score or part."""
    base = OnnxBase.from_bytes(files["base.onnx"], contract=contract)
    ranker = OnnxRanker.from_bytes(files["serving.onnx"], contract=contract)
    full = ort.InferenceSession(files["full.onnx"], providers=["CPUExecutionProvider"])
    found = []
    for probe in probes:
        request = _with_base(probe, base)
        answers = (ranker.rank(request), _rank_full(full, probe, contract))
        parts = model.parts(probe.context, probe.orders, probe.request)
        score = model.scores(probe.context, probe.orders, probe.request)
        found.append(max(_difference(answer, score, parts) for answer in answers))
    return found


def _with_base(probe: Probe, base: OnnxBase) -> RankRequest:
    asked = probe.request
    return RankRequest(
        history=asked.history,
        history_age=asked.history_age,
        basket=asked.basket,
        exclude=asked.exclude,
        available=asked.available,
        base=base(probe.context, probe.orders),
    )


def _rank_full(full: ort.InferenceSession, probe: Probe, contract: Contract) -> Ranking:
    asked = probe.request
    items, score, parts = full.run(
        ["items", "score", "parts"],
        {
            "history": asked.history,
            "history_age": asked.history_age,
            "basket": asked.basket,
            "exclude": asked.exclude,
            "available": asked.available,
            "context": probe.context,
            "trend": probe.orders,
        },
    )
    shown = int((score > MASKED).sum())
    return Ranking(items[:shown], score[:shown], parts[:shown], contract.parts)


def _difference(answer: Ranking, score: Doubles, parts: Doubles) -> float:
    best = np.sort(score)[::-1][: len(answer.items)]
    expected = min(int((score > MASKED).sum()), 256)
    if len(answer.items) != expected:
        return float("inf")
    return max(
        float(np.max(np.abs(answer.score - score[answer.items]), initial=0.0)),
        float(np.max(np.abs(answer.score - best), initial=0.0)),
        float(np.max(np.abs(answer.parts - parts[answer.items]), initial=0.0)),
        float(np.max(np.abs(answer.parts.sum(axis=1) - answer.score), initial=0.0)),
    )
