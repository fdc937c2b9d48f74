"""Load a model package: three small graphs and the texts that bind them together.

    full.onnx      the whole model, for other runtimes and for parity
    serving.onnx   what ranks, given a base
    base.onnx      moment and trend of every item
    items.json     item ids in index order
    golden.json    requests with the answers that training gave
    model.json     the SHA-256 of each file above, ids, calibration

A package is taken whole or not at all: one changed byte, another catalog, or an answer that
differs on this machine, and the caller keeps what it has.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from edge.core.errors import ModelContractError
from edge.recommend.contract import Contract
from edge.recommend.onnx_ranker import OnnxBase, OnnxRanker
from edge.recommend.ranker import Ranking, RankRequest

PACKAGE_FILES: Final = ("full.onnx", "serving.onnx", "base.onnx", "items.json", "golden.json")
MANIFEST: Final = "model.json"

Floats = NDArray[np.float32]

_UNREADABLE: Final = (ValueError, KeyError, TypeError, IndexError, OverflowError, RecursionError)
"""What Python and numpy raise over JSON that is none, too deep, or of other kinds and sizes."""


@dataclass(frozen=True, slots=True)
class ModelPackage:
    """A verified model, ready to rank. Safe to use from several threads."""

    ranker: OnnxRanker
    base: OnnxBase
    items: tuple[str, ...]
    calibration: tuple[float, float] | None
    metadata: Mapping[str, str]
    digest: str  # of model.json, and through it of every file


@dataclass(frozen=True, slots=True)
class GoldenCase:
    """One request and the answer that training gave to it."""

    context: Floats
    trend: Floats
    request: RankRequest  # its base is empty: the base graph makes it
    items: tuple[int, ...]  # the best, in order
    score: Floats
    parts: Floats


def catalog_digest(items: Sequence[str]) -> str:
    """Return the SHA-256 over ``items`` in index order."""
    return hashlib.sha256(json.dumps(list(items), ensure_ascii=False).encode()).hexdigest()


def load_package(
    files: Mapping[str, bytes], *, contract: Contract, catalog: str | None = None
) -> ModelPackage:
    """Verify ``files`` against each other, run the golden requests, and return the model.

    Args:
        files: The bytes of each file of the package by name; further files are ignored.
        contract: What the graphs have to keep.
        catalog: The catalog digest the caller needs, or None to take the package's own items.

    Raises:
        ModelContractError: A file is missing, changed, no model, made for another catalog or
            contract, or answers a golden request differently.
    """
    package = open_package(files, contract=contract, catalog=catalog)
    check_golden(package, read_golden(files["golden.json"], len(package.items)), contract)
    return package


def open_package(
    files: Mapping[str, bytes], *, contract: Contract, catalog: str | None = None
) -> ModelPackage:
    """Return the model in ``files``, verified against each other; no golden request is asked yet.

    Args:
        files: The bytes of each file of the package by name; further files are ignored.
        contract: What the graphs have to keep.
        catalog: The catalog digest the caller needs, or None to take the package's own items.

    Raises:
        ModelContractError: A file is missing, changed, no model, or made for another catalog or
            contract.
    """
    manifest = _manifest(files)
    items = read_items(files["items.json"])
    digest = catalog_digest(items)
    for source, stated in (("model.json", manifest["catalog_digest"]), ("this site", catalog)):
        if stated not in (None, digest):
            msg = (
                f"expected the catalog {stated} of {source}, items.json is {digest}; "
                "train the model on this site's products"
            )
            raise ModelContractError(msg)
    ranker = OnnxRanker.from_bytes(files["serving.onnx"], contract=contract)
    base = OnnxBase.from_bytes(files["base.onnx"], contract=contract)
    for name, graph in (("serving.onnx", ranker), ("base.onnx", base)):
        _check_catalog(name, graph, items, digest)
    package_digest = f"sha256:{hashlib.sha256(files[MANIFEST]).hexdigest()}"
    ranker.digest = package_digest
    return ModelPackage(
        ranker=ranker,
        base=base,
        items=items,
        calibration=_calibration(manifest),
        metadata=ranker.metadata,
        digest=package_digest,
    )


def read_items(text: bytes) -> tuple[str, ...]:
    """Return the item ids of a package in index order.

    Raises:
        ModelContractError: The text is no JSON list of distinct item ids.
    """
    try:
        items = json.loads(text)
        json.dumps(items, ensure_ascii=False).encode()  # half a character is no text
    except _UNREADABLE as error:
        msg = f"items.json: expected a JSON list of item ids, got {error!r}"
        raise ModelContractError(msg) from error
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        msg = f"items.json: expected a JSON list of item ids, got {type(items).__name__}"
        raise ModelContractError(msg)
    if not items or len(set(items)) != len(items):
        msg = f"items.json: expected distinct item ids, got {len(items)} of {len(set(items))} kinds"
        raise ModelContractError(msg)
    return tuple(items)


def read_golden(text: bytes, size: int) -> tuple[GoldenCase, ...]:
    """Return the golden requests of a catalog of ``size`` items.

    Raises:
        ModelContractError: The text is not the JSON that training writes.
    """
    try:
        return tuple(_golden_case(case, size) for case in json.loads(text))
    except _UNREADABLE as error:
        msg = f"golden.json: expected a list of requests with answers, got {error!r}"
        raise ModelContractError(msg) from error


def check_golden(package: ModelPackage, cases: Sequence[GoldenCase], contract: Contract) -> None:
    """Ask the golden requests of ``cases``.

    Raises:
        ModelContractError: An answer differs from the one that training gave.
    """
    for number, case in enumerate(cases):
        request = RankRequest(
            history=case.request.history,
            history_age=case.request.history_age,
            basket=case.request.basket,
            exclude=case.request.exclude,
            available=case.request.available,
            base=package.base(case.context, case.trend),
        )
        off = _difference(package.ranker.rank(request), case)
        if not off <= contract.golden_tolerance:
            msg = (
                f"golden request {number}: expected the answer of training to "
                f"{contract.golden_tolerance:g}, differs by {off:g}; do not use this model here"
            )
            raise ModelContractError(msg)


def _manifest(files: Mapping[str, bytes]) -> dict[str, Any]:
    missing = [name for name in (MANIFEST, *PACKAGE_FILES) if name not in files]
    if missing:
        msg = f"expected a model package of {[MANIFEST, *PACKAGE_FILES]}, missing {missing}"
        raise ModelContractError(msg)
    try:
        manifest = json.loads(files[MANIFEST])
        stated = {name: str(manifest["files"][name]) for name in PACKAGE_FILES}
        manifest["catalog_digest"] = str(manifest["catalog_digest"])
    except _UNREADABLE as error:
        msg = f"model.json: expected JSON with files and catalog_digest, got {error!r}"
        raise ModelContractError(msg) from error
    for name, digest in stated.items():
        found = hashlib.sha256(files[name]).hexdigest()
        if found != digest:
            msg = f"{name}: expected SHA-256 {digest} as in model.json, found {found}"
            raise ModelContractError(msg)
    return dict(manifest)


def _check_catalog(
    name: str, graph: OnnxRanker | OnnxBase, items: Sequence[str], digest: str
) -> None:
    found = graph.metadata["catalog_digest"]
    if found != digest or graph.size != len(items):
        msg = (
            f"{name}: expected the {len(items)} items of items.json (digest {digest}), "
            f"found {graph.size} items (digest {found})"
        )
        raise ModelContractError(msg)


def _calibration(manifest: Mapping[str, Any]) -> tuple[float, float] | None:
    stated = manifest.get("calibration")
    if stated is None:
        return None
    try:
        a, b = float(stated["a"]), float(stated["b"])
    except _UNREADABLE as error:
        msg = f"model.json: expected calibration to be numbers a and b, got {stated!r}"
        raise ModelContractError(msg) from error
    if not (np.isfinite(a) and np.isfinite(b) and a > 0):
        msg = f"model.json: expected calibration a > 0 and a number b, got {stated!r}"
        raise ModelContractError(msg)
    return a, b


def _golden_case(case: Mapping[str, Any], size: int) -> GoldenCase:
    available = np.ones(size, dtype=np.bool_)
    available[np.array(case["unavailable"], dtype=np.int64)] = False
    trend = np.zeros(size, dtype=np.float32)
    trend[np.array([item for item, _ in case["trend"]], dtype=np.int64)] = [
        orders for _, orders in case["trend"]
    ]
    answer = GoldenCase(
        context=np.array(case["context"], dtype=np.float32),
        trend=trend,
        request=RankRequest(
            history=np.array(case["history"], dtype=np.int32),
            history_age=np.array(case["history_age"], dtype=np.float32),
            basket=np.array(case["basket"], dtype=np.int32),
            exclude=np.array(case["exclude"], dtype=np.int32),
            available=available,
            base=np.zeros((size, 2), dtype=np.float32),
        ),
        items=tuple(int(item) for item in case["items"]),
        score=np.array(case["score"], dtype=np.float32),
        parts=np.array(case["parts"], dtype=np.float32),
    )
    count = len(answer.items)
    if (
        answer.score.shape != (count,)
        or answer.parts.shape[:1] != (count,)
        or answer.parts.ndim != 2
    ):
        msg = f"{count} items, scores {answer.score.shape}, parts {answer.parts.shape}"
        raise ValueError(msg)
    return answer


def _difference(found: Ranking, case: GoldenCase) -> float:
    """Return by how much an answer differs; items within a tie may change places."""
    at = {int(item): place for place, item in enumerate(found.items)}
    if not set(case.items) <= at.keys() or found.parts.shape[1] != case.parts.shape[1]:
        return float("inf")
    places = [at[item] for item in case.items]
    off = [
        np.max(np.abs(found.score[places] - case.score), initial=0.0),
        np.max(np.abs(found.parts[places] - case.parts), initial=0.0),
        np.max(np.abs(found.score[: len(places)] - case.score), initial=0.0),
    ]
    return float(np.max(off))  # unlike max(), not a number if one of them is none
