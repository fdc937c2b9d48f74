"""Read ``models/contract.toml`` into a value.

The file is the single source of what a ranking model takes and gives; exporting, loading and
tests all read it. This module takes text, because where the file lies is the caller's business.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from edge.core.errors import ModelContractError


@dataclass(frozen=True, slots=True)
class Tensor:
    """One input or output: its name, numpy dtype and symbolic shape."""

    name: str
    dtype: str
    shape: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """One graph of a model: what goes in, what comes out, which outputs may be missing."""

    name: str
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    optional: frozenset[str]


@dataclass(frozen=True, slots=True)
class Contract:
    """What every model of this version keeps."""

    version: int
    k_max: int
    masked_score: float
    golden_tolerance: float
    parity_tolerance: float
    parts: tuple[str, ...]
    metadata: tuple[str, ...]
    context_layout: str
    context_width: int
    forms: Mapping[str, Form]

    def k(self, items: int) -> int:
        """Return how many items a graph ranks when there are ``items`` of them."""
        return min(self.k_max, items)


def read_contract(text: str) -> Contract:
    """Return the contract that ``text`` (TOML) states.

    Raises:
        ModelContractError: The text is not TOML, or a key is missing or of another type.
    """
    try:
        return _contract(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        msg = f"contract.toml: expected the keys of contract version 1, got {error!r}"
        raise ModelContractError(msg) from error


def _contract(found: Mapping[str, Any]) -> Contract:
    forms = {name: _form(name, form, found) for name, form in found["forms"].items()}
    return Contract(
        version=int(found["version"]),
        k_max=int(found["k_max"]),
        masked_score=float(found["masked_score"]),
        golden_tolerance=float(found["golden_tolerance"]),
        parity_tolerance=float(found["parity_tolerance"]),
        parts=tuple(found["parts"]),
        metadata=tuple(found["metadata"]),
        context_layout=str(found["context"]["layout"]),
        context_width=int(found["context"]["width"]),
        forms=MappingProxyType(forms),
    )


def _form(name: str, form: Mapping[str, Any], found: Mapping[str, Any]) -> Form:
    return Form(
        name=name,
        inputs=tuple(_tensor(tensor, found["inputs"][tensor]) for tensor in form["inputs"]),
        outputs=tuple(_tensor(tensor, found["outputs"][tensor]) for tensor in form["outputs"]),
        optional=frozenset(form.get("optional", ())),
    )


def _tensor(name: str, tensor: Mapping[str, Any]) -> Tensor:
    return Tensor(name, str(tensor["dtype"]), tuple(str(size) for size in tensor["shape"]))
