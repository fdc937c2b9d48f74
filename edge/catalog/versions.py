"""Whether an offer that says something new has a new version, so that reports can tell them apart."""

from collections.abc import Iterator

from edge.catalog.approved import entry_digest
from edge.catalog.site import Site


def unraised_versions(new: Site, old: Site) -> Iterator[str]:
    """Yield offers of ``new`` whose text is not that of ``old``, with no higher version.

    What an offer takes from its modules is its text as well; approvals are not.
    """
    for offer in new.offers:
        before = old.offer(offer.offer)
        if before is None or offer.version > before.version:
            continue
        if entry_digest(offer) != entry_digest(before):
            yield (
                f"{offer.offer}.version: wanted at least {before.version + 1}, since its text "
                f"changed, found {offer.version}"
            )
