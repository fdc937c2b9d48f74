"""Load a package that was admitted, and no other: the manifest's digest is the one that was."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from edge.app.load_model import OtherShopError, load_scoring, popularity, read_scoring
from edge.app.releases.crash_marks import CrashMarks, Mark
from edge.app.releases.folder import ReleaseFolder
from edge.app.releases.watched import Meter, Watched
from edge.catalog.site import Site
from edge.core.errors import ModelContractError
from edge.decide.bundle import Bundle, Scoring, bundle
from edge.update.machine_state import NO_MINIMUM, Held
from edge.wire.releases import Version

log = logging.getLogger(__name__)

OrderCounts = Callable[[], Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Loading:
    """Makes bundles of packages; ``last_resort`` is the factory's, which is never written to."""

    folder: ReleaseFolder
    last_resort: Path
    site: Site
    order_counts: OrderCounts
    marks: CrashMarks

    def __call__(self, package: Held | None) -> Bundle:
        """Return a watched bundle of ``package``; None: the factory's, which always works out.

        Raises:
            ModelContractError: The package is not what was admitted, or breaks the contract.
        """
        if package is None:
            return self._watched(load_scoring(self.last_resort, self.site, self.order_counts()))
        return self._watched(self._read(package), self.marks.of(package.digest))

    def in_force(self, package: Held | None, least: Version = NO_MINIMUM) -> Bundle:
        """Return a watched bundle of what serves already, which a new menu does not give up.

        A model that knows too little of it makes way to counts of orders, and comes back with the
        menu, or is followed by one that was made for it. So does the factory's, which no keeper
        gave a version, where they signed one below which nothing serves (ADR 0029).

        Args:
            package: What serves; None: the last resort.
            least: The lowest version that keepers allow here.

        Raises:
            ModelContractError: The package is not what was admitted, or breaks the contract.
        """
        if package is None and least != NO_MINIMUM:
            why = f"keepers signed that no model below {least} serves; the factory's has no version"
            return self._watched(popularity(self.site, self.order_counts(), why=why))
        try:
            return self(package)
        except OtherShopError as error:
            log.warning("ranking by popularity: %s", error)
            return self._watched(popularity(self.site, self.order_counts(), why=str(error)))

    def _read(self, package: Held) -> Scoring:
        scoring = read_scoring(self.folder.path(package.digest), self.site)
        if scoring.ranker.digest != package.model:
            msg = f"wanted the model {package.model[:19]} that was admitted, got another"
            raise ModelContractError(msg)
        return scoring

    def _watched(self, scoring: Scoring, mark: Mark | None = None) -> Bundle:
        return bundle(self.site, replace(scoring, ranker=Watched(scoring.ranker, Meter(), mark)))


def meter_of(found: Bundle) -> Meter:
    """Return what a bundle is watched by; an unwatched one (counts of orders) has an empty one."""
    ranker = found.ranker
    return ranker.meter if isinstance(ranker, Watched) else Meter()
