"""Rank with an ONNX model.

The only module that imports onnxruntime. It takes bytes rather than a path, because whoever
verified a model verified those very bytes: a file reopened by name could be another file.

The contract is checked when a model is loaded, not when it is asked: the graph is then known to
take what it is given. Every session has run once before anyone sees it, because the first run
allocates and is many times slower.

Source: model contract, ``models/contract.toml``; onnxruntime ``InferenceSession``.
"""

import hashlib
import math
from collections.abc import Mapping
from typing import Any, Final, Self

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from edge.core.errors import ModelContractError
from edge.recommend.contract import Contract, Form, Tensor
from edge.recommend.ranker import MASKED, Ranking, RankRequest

Floats = NDArray[np.float32]

_DTYPES: Final = {
    "tensor(int32)": "int32",
    "tensor(int64)": "int64",
    "tensor(float)": "float32",
    "tensor(bool)": "bool",
}
_ERRORS_ONLY: Final = 3  # onnxruntime's log levels; what matters comes back as an exception
FOREIGN_PARTS: Final = ("model",)


class OnnxRanker:
    """A ``Ranker`` backed by one ONNX session. Safe to call from several threads."""

    name: Final = "onnx"

    def __init__(self, graph: "_Graph", part_names: tuple[str, ...]) -> None:
        self._graph = graph
        self._outputs = [name for name in ("items", "score", "parts") if name in graph.outputs]
        self.part_names = part_names
        self.digest = graph.digest
        self.metadata = graph.metadata
        self.size = graph.sizes["N"]

    @classmethod
    def from_bytes(cls, serving: bytes, *, contract: Contract, threads: int = 1) -> Self:
        """Load a model in its serving form, check that it keeps the contract, and warm it.

        Args:
            serving: A serialised ONNX model, already verified by the caller.
            contract: What the model has to keep.
            threads: CPU threads per call; 1 leaves the other cores to the screen.

        Raises:
            ModelContractError: The bytes are no model, or it breaks the contract.
        """
        graph = _Graph(serving, contract, contract.forms["serving"], threads)
        names = tuple(graph.metadata["part_names"].split(","))
        if "parts" not in graph.outputs:
            names = FOREIGN_PARTS
        _check_ranks(graph, contract, len(names))
        ranker = cls(graph, names)
        ranker._warm()
        return ranker

    def rank(self, request: RankRequest) -> Ranking:
        """Return the best items that may be shown, with the parts of their scores.

        Raises:
            ModelContractError: The graph failed, or a score is not a number, which its contract
                says never happens.
        """
        found = self.answer(request)
        items, score = found[0], found[1]
        if not math.isfinite(score.sum()):
            # Said here: no comparison finds them, and the cut below would make them an empty answer.
            msg = "serving: wanted finite scores, got some that are no numbers"
            raise ModelContractError(msg)
        parts = found[2] if len(found) > 2 else score[:, None]
        # Falling scores: everything from the first masked one on must not be shown.
        shown = int(np.searchsorted(-score, -MASKED, side="left"))
        return Ranking(items[:shown], score[:shown], parts[:shown], self.part_names)

    def answer(self, request: RankRequest) -> list[NDArray[Any]]:
        """Return items, scores and, if the graph has them, parts, as they come: for trying it.

        Raises:
            ModelContractError: The graph failed.
        """
        return self._graph.run(
            self._outputs,
            {
                "history": request.history,
                "history_age": request.history_age,
                "basket": request.basket,
                "exclude": request.exclude,
                "available": request.available,
                "base": request.base,
            },
        )

    def _warm(self) -> None:
        one = np.zeros(1, dtype=np.int32)
        self.answer(
            RankRequest(
                history=one,
                history_age=np.zeros(1, dtype=np.float32),
                basket=one,
                exclude=one,
                available=np.ones(self.size, dtype=np.bool_),
                base=np.zeros((self.size, 2), dtype=np.float32),
            )
        )


class OnnxBase:
    """Moment and trend of every item: what a serving model takes as ``base``.

    It changes with the hour and the trend and not with the shopper, so callers keep its result.
    """

    def __init__(self, graph: "_Graph") -> None:
        self._graph = graph
        self.digest = graph.digest
        self.metadata = graph.metadata
        self.size = graph.sizes["N"]

    @classmethod
    def from_bytes(cls, base: bytes, *, contract: Contract, threads: int = 1) -> Self:
        """Load a model's base graph, check that it keeps the contract, and warm it.

        Raises:
            ModelContractError: The bytes are no model, or it breaks the contract.
        """
        graph = _Graph(base, contract, contract.forms["base"], threads)
        if graph.sizes["C"] != contract.context_width:
            msg = f"base: expected {contract.context_width} context features, {graph.sizes['C']} found"
            raise ModelContractError(msg)
        loaded = cls(graph)
        loaded(
            np.zeros(graph.sizes["C"], dtype=np.float32), np.zeros(loaded.size, dtype=np.float32)
        )
        return loaded

    def __call__(self, context: Floats, trend: Floats) -> Floats:
        """Return float32 ``(N, 2)`` for an encoded moment and the trend (zeros: none)."""
        return np.asarray(self._graph.run(["base"], {"context": context, "trend": trend})[0])


class _Graph:
    """One session whose inputs, outputs and metadata keep one form of the contract."""

    def __init__(self, model: bytes, contract: Contract, form: Form, threads: int) -> None:
        self.form = form.name
        self._session = _session(model, form.name, threads)
        self.digest = f"sha256:{hashlib.sha256(model).hexdigest()}"
        self.metadata = _metadata(self._session, form.name)
        self.sizes: dict[str, int] = {}
        self._check_metadata(contract)
        self._match("input", self._session.get_inputs(), form.inputs, frozenset())
        self._match("output", self._session.get_outputs(), form.outputs, form.optional)
        self.outputs = frozenset(output.name for output in self._session.get_outputs())
        for size in {"N", "C"} & {s for tensor in form.inputs for s in tensor.shape}:
            if size not in self.sizes:
                msg = f"{form.name}: expected {size} to be a number in the graph, found it free"
                raise ModelContractError(msg)

    def run(self, outputs: list[str], feed: Mapping[str, NDArray[Any]]) -> list[NDArray[Any]]:
        """Run the graph; an error of onnxruntime's becomes ours, with its cause."""
        try:
            return list(self._session.run(outputs, dict(feed)))
        except Exception as error:  # onnxruntime's errors share no public base class
            msg = f"{self.form}: expected the graph to run, got {error}"
            raise ModelContractError(msg) from error

    def _check_metadata(self, contract: Contract) -> None:
        missing = [key for key in contract.metadata if key not in self.metadata]
        if missing:
            msg = f"{self.form}: expected metadata {list(contract.metadata)}, missing {missing}"
            raise ModelContractError(msg)
        wanted = {
            "contract_version": str(contract.version),
            "context_layout": contract.context_layout,
        }
        for key, value in wanted.items():
            if self.metadata[key] != value:
                msg = (
                    f"{self.form}: expected {key} {value!r}, found {self.metadata[key]!r}; "
                    "train the model again with this release"
                )
                raise ModelContractError(msg)

    def _match(
        self, side: str, found: list[Any], wanted: tuple[Tensor, ...], optional: frozenset[str]
    ) -> None:
        by_name = {node.name: node for node in found}
        required = {tensor.name for tensor in wanted} - optional
        if not required <= by_name.keys() <= required | optional:
            msg = f"{self.form}: expected {side}s {sorted(required)}, found {sorted(by_name)}"
            raise ModelContractError(msg)
        for tensor in wanted:
            if tensor.name in by_name:
                self._match_tensor(by_name[tensor.name], tensor)

    def _match_tensor(self, node: Any, tensor: Tensor) -> None:  # noqa: ANN401 - onnxruntime has no types
        dtype = _DTYPES.get(node.type, node.type)
        if dtype != tensor.dtype or len(node.shape) != len(tensor.shape):
            msg = (
                f"{self.form}: expected {tensor.name} to be {tensor.dtype}{list(tensor.shape)}, "
                f"found {dtype}{list(node.shape)}"
            )
            raise ModelContractError(msg)
        for symbol, size in zip(tensor.shape, node.shape, strict=True):
            if isinstance(size, int):
                self._match_size(tensor.name, symbol, size)

    def _match_size(self, name: str, symbol: str, size: int) -> None:
        expected = int(symbol) if symbol.isdigit() else self.sizes.setdefault(symbol, size)
        if size != expected or (symbol in ("H", "B", "E")):
            wanted = "any size" if symbol in ("H", "B", "E") else str(expected)
            msg = f"{self.form}: expected {symbol} of {name} to be {wanted}, found {size}"
            raise ModelContractError(msg)


def _check_ranks(graph: _Graph, contract: Contract, parts: int) -> None:
    wanted = contract.k(graph.sizes["N"])
    if graph.sizes.get("k", wanted) != wanted:
        msg = f"serving: expected k = {wanted} ranked items, found {graph.sizes['k']}"
        raise ModelContractError(msg)
    if graph.sizes.get("P", parts) != parts:
        msg = f"serving: expected {parts} parts as named in its metadata, found {graph.sizes['P']}"
        raise ModelContractError(msg)


def _metadata(session: ort.InferenceSession, form: str) -> dict[str, str]:
    try:
        return dict(session.get_modelmeta().custom_metadata_map)
    except UnicodeDecodeError as error:
        msg = f"{form}: expected metadata in UTF-8, got {error}"
        raise ModelContractError(msg) from error


def _session(model: bytes, form: str, threads: int) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = _ERRORS_ONLY
    # A spinning thread would take a core from the screen between two requests.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors share no public base class
        msg = f"{form}: expected an ONNX model, got {len(model)} bytes that do not load: {error}"
        raise ModelContractError(msg) from error
