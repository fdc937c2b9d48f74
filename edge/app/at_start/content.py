"""Signed shop texts: read like any site folder, and only if they are this shop's.

They may change everything but whose they are: tenant and site are in the topics and the certificate
of this device.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from edge.app.load_site import load_site, site_texts
from edge.catalog.parse import site_digest
from edge.catalog.site import Site
from edge.core.errors import SiteContractError
from edge.update.machine_state import Held
from edge.update.verdict import Reason, Verdict, refusal
from edge.wire.releases import PackageFacts

KIND: Final = "content"


def read_content(folder: Path, held: Held) -> Site:
    """Return the shop that an admitted package describes.

    Raises:
        SiteContractError: There are mistakes, or it is not what was admitted.
    """
    found = load_site(folder)
    if found.digest != held.model:
        msg = f"wanted the texts {held.model[:12]} that were admitted, got {found.digest[:12]}"
        raise SiteContractError((msg,))
    return found


def identify_content(folder: Path) -> str:
    """Return what decisions record of a catalog."""
    return site_digest(site_texts(folder))


def content_admission(now: Site) -> Callable[[Path, PackageFacts], Verdict]:
    """Return what decides whether shop texts may take the place of ``now``: `edge site check`."""
    ours = (now.header.tenant, now.header.site)

    def admit(folder: Path, _facts: PackageFacts) -> Verdict:
        try:
            found = load_site(folder)
        except SiteContractError as error:
            return refusal(Reason.STATIC, *error.mistakes)
        theirs = (found.header.tenant, found.header.site)
        if theirs != ours:
            wanted, got = "/".join(ours), "/".join(theirs)
            return refusal(Reason.CATALOG, f"site.yaml: wanted the shop {wanted}, got {got}")
        return Verdict(True, figures={"products": float(len(found.products))})

    return admit
