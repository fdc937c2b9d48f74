"""Read a site folder: the files here, their meaning in ``edge.catalog``."""

from pathlib import Path

from edge.app.shipped import Shipped
from edge.app.shipped import shipped as shipped_here
from edge.catalog.parse import parse_site
from edge.catalog.site import Site
from edge.catalog.yaml_text import MAX_TEXT_BYTES
from edge.core.errors import SiteContractError, UnavailableError
from edge.policy.conditions import check

ART = "kiosk_ui/static/art"
REGIONS = "kiosk_ui/region"


def load_site(folder: Path, *, shipped: Shipped = shipped_here) -> Site:
    """Return the shop described in ``folder``; only its YAML files count.

    Args:
        folder: The site folder.
        shipped: Where pictures and region rules are delivered.

    Raises:
        SiteContractError: There are mistakes; it lists every one of them.
    """
    pictures = _names(shipped, ART)
    regions = frozenset(name[:-5] for name in _names(shipped, REGIONS) if name.endswith(".toml"))
    return parse_site(site_texts(folder), pictures, regions, check)


def site_texts(folder: Path) -> dict[str, str]:
    """Return the YAML texts in ``folder`` by name relative to it.

    A byte that is not UTF-8 becomes a lone surrogate, and a file that is too long is cut one
    byte above the limit: ``parse_site`` then reports both with all other mistakes.

    Raises:
        SiteContractError: The folder or a file in it cannot be read.
    """
    try:
        if not folder.is_dir():
            raise NotADirectoryError(None, "not a folder", str(folder))
        paths = [path for path in folder.rglob("*.y*ml") if path.is_file()]
        return {path.relative_to(folder).as_posix(): _text(path) for path in paths}
    except OSError as error:
        msg = f"{error.filename}: wanted a site folder that can be read, found: {error.strerror}"
        raise SiteContractError((msg,)) from error


def _text(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(MAX_TEXT_BYTES + 1).decode(errors="surrogateescape")


def _names(shipped: Shipped, folder: str) -> frozenset[str]:
    try:
        return frozenset(path.name for path in shipped(folder).iterdir())
    except UnavailableError:
        return frozenset()
