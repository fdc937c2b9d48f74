"""Turn a trained model into the files of a package, and write them whole or not at all."""

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from edge.recommend.contract import Contract
from edge.recommend.onnx_ranker import OnnxBase, OnnxRanker
from edge.recommend.package import MANIFEST, PACKAGE_FILES, catalog_digest
from edge.recommend.ranker import RankRequest
from models.training.additive import Additive, Floats
from models.training.graph import graphs

GOLDEN_LENGTH: Final = 10
"""Items kept per golden answer: the head decides what is shown, and the file stays small."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What a model is called, and how its scores become p(take)."""

    model_id: str
    version: str
    calibration: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Probe:
    """A request in the words of the full form: for golden vectors and parity."""

    context: Floats
    orders: Floats
    request: RankRequest


def package_files(
    model: Additive, contract: Contract, identity: Identity, probes: tuple[Probe, ...]
) -> dict[str, bytes]:
    """Return every file of the model's package by name."""
    digest = catalog_digest(model.items)
    metadata = {
        "model_id": identity.model_id,
        "model_version": identity.version,
        "contract_version": str(contract.version),
        "catalog_digest": digest,
        "part_names": ",".join(contract.parts),
        "context_layout": contract.context_layout,
    }
    files = graphs(model, contract, metadata)
    files["items.json"] = _json(list(model.items))
    files["golden.json"] = golden_vectors(files, contract, probes)
    calibration = identity.calibration
    manifest = {
        **metadata,
        "contract_version": contract.version,
        "part_names": list(contract.parts),
        "calibration": None
        if calibration is None
        else {"a": round(calibration[0], 6), "b": round(calibration[1], 6)},
        "files": {name: hashlib.sha256(files[name]).hexdigest() for name in PACKAGE_FILES},
    }
    files[MANIFEST] = _json(manifest)
    return files


def golden_vectors(
    files: Mapping[str, bytes], contract: Contract, probes: tuple[Probe, ...]
) -> bytes:
    """Return the probes with the answers of the graphs in ``files``, as JSON."""
    base = OnnxBase.from_bytes(files["base.onnx"], contract=contract)
    ranker = OnnxRanker.from_bytes(files["serving.onnx"], contract=contract)
    return _json([_golden(probe, base, ranker) for probe in probes])


def write_folder(files: Mapping[str, bytes], folder: Path) -> None:
    """Write ``files`` into ``folder``, replacing it whole; a failure leaves what was there.

    Everything is written to a neighbour first. What is not in the new set goes away.
    """
    fresh = folder.with_name(f".{folder.name}.new")
    old = folder.with_name(f".{folder.name}.old")
    for leftover in (fresh, old):
        shutil.rmtree(leftover, ignore_errors=True)
    fresh.mkdir(parents=True)
    try:
        for name, content in files.items():
            (fresh / name).write_bytes(content)
        if folder.exists():
            folder.rename(old)
        fresh.rename(folder)
    except OSError:
        if old.exists() and not folder.exists():
            old.rename(folder)
        raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)


def write_files(files: Mapping[str, bytes], folder: Path) -> None:
    """Write ``files`` (by path within ``folder``), each whole or not at all."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.new")
        try:
            fresh.write_bytes(content)
            fresh.replace(path)
        finally:
            fresh.unlink(missing_ok=True)


def _golden(probe: Probe, base: OnnxBase, ranker: OnnxRanker) -> dict[str, object]:
    asked = probe.request
    found = ranker.rank(
        RankRequest(
            history=asked.history,
            history_age=asked.history_age,
            basket=asked.basket,
            exclude=asked.exclude,
            available=asked.available,
            base=base(probe.context, probe.orders),
        )
    )
    return {
        "context": [round(float(value), 7) for value in probe.context],
        "trend": [[int(i), int(probe.orders[i])] for i in np.flatnonzero(probe.orders)],
        "history": asked.history.tolist(),
        "history_age": [float(age) for age in asked.history_age],
        "basket": asked.basket.tolist(),
        "exclude": asked.exclude.tolist(),
        "unavailable": np.flatnonzero(~asked.available).tolist(),
        "items": found.items[:GOLDEN_LENGTH].tolist(),
        "score": [round(float(score), 6) for score in found.score[:GOLDEN_LENGTH]],
        "parts": [[round(float(p), 6) for p in row] for row in found.parts[:GOLDEN_LENGTH]],
    }


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()
