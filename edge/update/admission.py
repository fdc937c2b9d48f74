"""Whether a package may serve here: fits this software, stands its trial, knows this shop.

The order is that of the design: what is signed about it costs nothing to read, then the trial in
a process of its own, then the shop. The first "no" ends it, and what serves goes on serving.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.core.errors import ModelContractError
from edge.recommend.package import catalog_digest, read_items
from edge.update.limits import MAX_JSON_BYTES
from edge.update.verdict import Reason, Verdict, refusal
from edge.wire.releases import ABI, PackageFacts, version_key


@dataclass(frozen=True, slots=True)
class Shop:
    """What a package has to fit."""

    agent: str
    """The version of this software: three numbers."""
    known_share: Callable[[Sequence[str]], float]
    """How much of the shop's products are among these items, 0 to 1."""
    least_known: float
    """A model that knows less was made for another shop."""


class Admission:
    """Decides about packages; loads nothing itself.

    Args:
        preflight: Tries the package in a folder (``Preflight``).
        shop: What it has to fit.
    """

    def __init__(self, preflight: Callable[[Path], Verdict], shop: Shop) -> None:
        self._preflight = preflight
        self._shop = shop

    def __call__(self, folder: Path, facts: PackageFacts) -> Verdict:
        """Return whether the package in ``folder``, signed as ``facts``, may serve here.

        Raises:
            UnavailableError: It cannot be tried now; that says nothing about the package.
        """
        unfit = self._unfit(facts)
        if unfit:
            return refusal(Reason.ABI, unfit)
        found = self._preflight(folder)
        if not found.is_good:
            return found
        unknown = self._unknown(folder, facts)
        return refusal(Reason.CATALOG, unknown) if unknown else found

    def _unfit(self, facts: PackageFacts) -> str:
        if facts.kind != "model" or facts.abi != ABI:
            return f"wanted a model of abi {ABI}, got a {facts.kind} of abi {facts.abi}"
        if version_key(facts.min_agent) > version_key(self._shop.agent):
            return (
                f"wanted a model for edge {self._shop.agent}, got one for {facts.min_agent} and on"
            )
        return ""

    def _unknown(self, folder: Path, facts: PackageFacts) -> str:
        try:
            with (folder / "items.json").open("rb") as file:
                items = read_items(file.read(MAX_JSON_BYTES))
        except (ModelContractError, OSError) as error:
            return f"wanted the items of the package, got {error}"
        digest = catalog_digest(items)
        if facts.catalog_digest not in (None, digest):
            return f"wanted the catalog {facts.catalog_digest} as signed, got {digest}"
        share = self._shop.known_share(items)
        if not share >= self._shop.least_known:
            return f"wanted a model of this shop, got one that knows {share:.0%} of its products"
        return ""
