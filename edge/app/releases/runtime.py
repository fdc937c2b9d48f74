"""Build releases: what the process begins to serve with, and what changes it while it runs."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from edge.app.admit_model import admission, agent_version
from edge.app.clock_trust import SYNCHRONISED
from edge.app.foundation import Foundation
from edge.app.load_model import popularity
from edge.app.rankers import Rankers
from edge.app.releases.boot import Booted, boot
from edge.app.releases.folder import ReleaseFolder
from edge.app.releases.install import Install
from edge.app.releases.keeping import Keeping, KeepingParts
from edge.app.releases.loading import Loading
from edge.app.releases.probe import Probe
from edge.app.releases.releasing import Releasing, Rules, Tools
from edge.app.releases.shadow import Shadow
from edge.app.releases.swap import Swap, SwapParts
from edge.app.releases.visit_arms import VisitArms
from edge.app.shelves import Shelves
from edge.app.shipped import shipped
from edge.core.errors import EdgeError, ModelContractError, SettingsContractError
from edge.decide.bundle import bundle
from edge.update.client import Releases
from edge.update.clock_floor import ClockFloor
from edge.update.machine_state import to_load
from edge.update.machine_words import Result, Trouble
from edge.update.pace import LinePace
from edge.update.trial import Limits
from edge.update.window import shop_window

log = logging.getLogger(__name__)

NAME: Final = "ranker"
FACTORY_MODEL: Final = "models/factory"
RELEASES: Final = "releases"
"""Below the data folder: metadata and downloads of the repository, and a folder for each name."""

OrderCounts = Callable[[], Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Laid:
    """What serves from the start of the process on, and how that was found out."""

    core: Foundation
    folder: ReleaseFolder
    keeping: Keeping
    loading: Loading
    booted: Booted
    rankers: Rankers
    arms: VisitArms


@dataclass(frozen=True, slots=True)
class Around:
    """What releases touch of the running service."""

    shelves: Shelves
    is_busy: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class BuiltReleases:
    """Releases, ready to start; ``swap`` hears of every decision."""

    releasing: Releasing
    swap: Swap
    has_repository: bool


def lay_rankers(core: Foundation, order_counts: OrderCounts) -> Laid:
    """Count this start, and load what serves."""
    folder = ReleaseFolder(core.settings.data_folder / RELEASES / NAME)
    parts = KeepingParts(core.store.releases, folder, core.origin, core.clock, core.chance)
    keeping = Keeping(NAME, parts)
    last_resort = core.settings.model_folder or shipped(FACTORY_MODEL)
    loading = Loading(folder, last_resort, core.site, order_counts)
    booted, first = boot(keeping, loading, core.clock)
    rankers = Rankers(
        first,
        lambda why: bundle(core.site, popularity(core.site, order_counts(), why=why)),
    )
    return Laid(core, folder, keeping, loading, booted, rankers, VisitArms(core.clock))


def build_releases(laid: Laid, around: Around) -> BuiltReleases:
    """Build what changes the model while the service runs; nothing of it runs yet."""
    core, rankers, clock = laid.core, laid.rankers, laid.core.clock
    parts = SwapParts(
        loading=laid.loading,
        rankers=rankers,
        shelves=around.shelves,
        shadow=Shadow(around.shelves, clock, Limits()),
        arms=laid.arms,
        probe=Probe(around.shelves, clock, rankers),
        clock=clock,
    )
    swap = Swap(parts, laid.booted.serving)
    first = _first(swap, laid.booted)
    client = _client(core)
    tools = Tools(
        client=client,
        install=Install(client, laid.folder, admission(core.site)) if client else None,
        swap=swap,
        keeping=laid.keeping,
        clean=laid.folder.keep_only,
        clock=clock,
        chance=core.chance,
    )
    booted = laid.booted
    made = Releasing(_rules(core, around), tools, booted.state, first, is_counted=booted.is_counted)
    return BuiltReleases(made, swap, client is not None)


def _first(swap: Swap, booted: Booted) -> Result | None:
    """Load what is on trial; that it cannot be loaded is the first thing the machine hears."""
    if not (booted.is_counted and to_load(booted.state).is_trial):
        return None
    try:
        swap.make(booted.state)
    except ModelContractError as error:
        return Trouble("load", str(error))
    return None


def _rules(core: Foundation, around: Around) -> Rules:
    wanted, header = core.settings.update, core.site.header
    window = shop_window(wanted.window_from, wanted.window_to, ZoneInfo(header.timezone))
    return Rules(
        name=NAME,
        site=header.site,
        agent=agent_version(),
        poll_s=wanted.poll_minutes * 60.0,
        is_busy=around.is_busy,
        is_in_window=window.is_open,
    )


def _client(core: Foundation) -> Releases | None:
    wanted = core.settings.update
    if not wanted.repository or wanted.trust_file is None:
        return None
    folder = core.settings.data_folder / RELEASES
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return Releases(
            folder=folder,
            root=_root(wanted.trust_file),
            sources=tuple(one for one in (wanted.cache, wanted.repository) if one),
            clock=core.clock,
            pace=LinePace(wanted.bandwidth_kib_s * 1024),
            floor=ClockFloor(file=folder / "clock_floor", is_synchronised=SYNCHRONISED.exists),
            reserve_bytes=wanted.reserve_mib << 20,
        )
    except (EdgeError, OSError) as error:
        log.error("no releases are taken, the model stays as it is: %s", error)
        return None


def _root(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        msg = f"update.trust_file: wanted the pinned root.json in {file}, got {error.strerror}"
        raise SettingsContractError(msg) from error
