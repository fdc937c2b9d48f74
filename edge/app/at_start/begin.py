"""Begin a process: settings first, then the shop, each as the last good release has it.

Whose configuration and texts a device follows is settled on it: ``update.config`` names the one, the
shop in its own site folder the other. Which version is then for central to say, signed.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from edge.app.at_start import config, content
from edge.app.at_start.boot import Booted, boot
from edge.app.load_site import load_site
from edge.app.profile import Profile
from edge.app.releases.folder import RELEASES, ReleaseFolder
from edge.app.settings import Settings
from edge.app.shipped import shipped
from edge.catalog.site import Site
from edge.core.errors import SiteContractError
from edge.update.machine_state import Held

log = logging.getLogger(__name__)

DEMO_SITE: Final = "firmware_config/sites/harbour_kitchen"


@dataclass(frozen=True, slots=True)
class Begun:
    """What a process begins with, and how it was found; None: that name is not followed."""

    settings: Settings
    site: Site
    profile: Profile | None = None
    config: Booted | None = None
    content: Booted | None = None


def begin(profile: Profile, now: datetime) -> Begun:
    """Return what this process begins with; what is tried is counted before it is loaded.

    Raises:
        SettingsContractError: The profile itself has mistakes.
        SiteContractError: The site folder has mistakes, and no release stands above it.
    """
    plain = profile.settings()
    releases = plain.data_folder / RELEASES
    settings, configured = plain, None
    if plain.update.config:
        configured, settings = _config(profile, plain, releases, now)
    texts, site = _content(settings, releases, now)
    return Begun(settings, site, profile, configured, texts)


def read_site(settings: Settings) -> Site:
    """Return the shop in the site folder that the settings name, or the demo's."""
    return load_site(settings.site_folder or shipped(DEMO_SITE))


def _config(
    profile: Profile, plain: Settings, releases: Path, now: datetime
) -> tuple[Booted, Settings]:
    folder = ReleaseFolder(releases / config.KIND)

    def load(held: Held | None) -> Settings:
        if held is None:
            return plain
        configured: Mapping[str, object] = config.read_config(folder.path(held.digest), held)
        return profile.settings(configured)

    return boot(plain.update.config, folder, load, now)


def _content(settings: Settings, releases: Path, now: datetime) -> tuple[Booted, Site]:
    folder = ReleaseFolder(releases / content.KIND)
    own, broken = _own_site(settings)

    def load(held: Held | None) -> Site:
        if held is not None:
            return content.read_content(folder.path(held.digest), held)
        if own is None:
            raise broken
        return own

    pointer = folder.pointer()
    if own is not None:
        name = own.header.site
    elif pointer is not None:
        log.error("the site folder has mistakes; the texts of the last release are used")
        name = pointer.state.name
    else:
        raise broken
    return boot(name, folder, load, now)


def _own_site(settings: Settings) -> tuple[Site | None, SiteContractError]:
    try:
        return read_site(settings), SiteContractError(())
    except SiteContractError as error:
        return None, error
