"""Keep every catalog that decisions were made with, so that an old one can be explained.

A catalog changes rarely and is small; a decision only names its digest. One compressed file per
digest, written whole or not at all.
"""

import gzip
import logging
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from edge.catalog.site import Site
from edge.decide.explanation import explain
from edge.decide.record import catalog_of, replay
from edge.decide.values import Slate
from edge.store.decisions import RecordedDecision
from edge.store.reads import Reads

log = logging.getLogger(__name__)


class CatalogArchive:
    """The catalogs of a data folder, by digest."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, Site] = {}

    def keep(self, site: Site) -> None:
        """Keep ``site``; a full disk only costs later explanations, so it is logged."""
        # Read, not looked up: a file that a lost power or an older version spoiled is made anew.
        if self.get(site.digest) == site:
            return
        self._read[site.digest] = site
        path = self._path(site.digest)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            part = path.with_suffix(".part")
            part.write_bytes(gzip.compress(site.model_dump_json().encode(), mtime=0))
            part.replace(path)
        except OSError as error:
            log.warning("catalog %s could not be kept: %s", site.digest[:12], error.strerror)

    def get(self, digest: str) -> Site | None:
        """Return the catalog with ``digest``, or None when it was not kept or is damaged."""
        if digest not in self._read:
            try:
                text = gzip.decompress(self._path(digest).read_bytes())
                self._read[digest] = Site.model_validate_json(text)
            except (OSError, EOFError, ValidationError):
                return None
        return self._read[digest]

    def explain(self, reads: Reads, decision_id: str) -> Mapping[str, object] | None:
        """Return the explanation of a recorded decision, or None when there is none."""
        recorded = reads.decision(decision_id)
        if recorded is None:
            return None
        return explain(recorded.body, recorded.candidates, self._site_of(recorded))

    def replay(self, recorded: RecordedDecision) -> Slate | None:
        """Decide again; None when the catalog is not at hand."""
        site = self._site_of(recorded)
        return None if site is None else replay(recorded.body, recorded.candidates, site)

    def _site_of(self, recorded: RecordedDecision) -> Site | None:
        return self.get(catalog_of(recorded.body))

    def _path(self, digest: str) -> Path:
        return self._folder / f"{digest}.json.gz"
