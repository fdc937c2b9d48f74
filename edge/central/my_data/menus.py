"""The shops' folders as central has them: what products are called, and who is responsible for the data."""

from collections.abc import Mapping
from pathlib import Path

from edge.catalog.parse import parse_site
from edge.catalog.site import Controller, Site
from edge.catalog.yaml_text import MAX_TEXT_BYTES
from edge.core.errors import SettingsContractError, SiteContractError

SETTING = "customers.sites"


class Menus:
    """Shops by name. What is called nothing here is shown by its number."""

    def __init__(self, sites: Mapping[str, Site]) -> None:
        """Take shops by name; at least one says who is responsible."""
        self._sites = sites
        self._first = next(site for site in sites.values() if site.header.controller)

    def site(self, name: str) -> Site:
        """Return the shop ``name``, or the first one where there is none of that name."""
        found = self._sites.get(name)
        return found if found is not None and found.header.controller else self._first

    @property
    def first(self) -> Site:
        """The shop that stands for all while nobody has said who they are."""
        return self._first

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of all shops, those of the first one first."""
        spoken = (self._first, *self._sites.values())
        return tuple(dict.fromkeys(one for site in spoken for one in site.header.languages))


def controller_of(site: Site) -> Controller:
    """Return who is responsible at one of the shops of a ``Menus``."""
    assert site.header.controller is not None, "Menus gives no other"
    return site.header.controller


def load_menus(folder: Path) -> Menus:
    """Return the shops in ``folder``, one folder each.

    Raises:
        SettingsContractError: There is none, one has mistakes, or none says who is responsible.
    """
    try:
        found = [_site(one) for one in sorted(folder.iterdir()) if (one / "site.yaml").is_file()]
    except OSError as error:
        msg = f"{SETTING}: wanted a folder with the shops' folders, got: {error}"
        raise SettingsContractError(msg) from error
    except SiteContractError as error:
        msg = f"{SETTING}: {error}"
        raise SettingsContractError(msg) from error
    if not any(site.header.controller for site in found):
        msg = f"{SETTING}: wanted shops with a controller in site.yaml in {folder}, got none"
        raise SettingsContractError(msg)
    return Menus({site.header.site: site for site in found})


def _site(folder: Path) -> Site:
    paths = (path for path in folder.rglob("*.y*ml") if path.is_file())
    return parse_site({path.relative_to(folder).as_posix(): _text(path) for path in paths})


def _text(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(MAX_TEXT_BYTES + 1).decode(errors="surrogateescape")
