"""Build releases: what the process begins to serve with, and what changes it while it runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from edge.app.admit_model import admission, agent_version
from edge.app.foundation import Foundation
from edge.app.load_model import popularity
from edge.app.rankers import Rankers
from edge.app.releases.boot import Booted, boot
from edge.app.releases.crash_marks import FOLDER, CrashMarks
from edge.app.releases.folder import RELEASES, ReleaseFolder
from edge.app.releases.install import Client, Install
from edge.app.releases.keeping import Keeping, KeepingParts
from edge.app.releases.loading import Loading
from edge.app.releases.probe import Probe
from edge.app.releases.releasing import Releasing
from edge.app.releases.shadow import Shadow
from edge.app.releases.swap import Swap, SwapParts
from edge.app.releases.tools import Rules, Tools
from edge.app.releases.visit_arms import VisitArms
from edge.app.shelves import Shelves
from edge.app.shipped import shipped
from edge.core.errors import ModelContractError
from edge.decide.bundle import bundle
from edge.update.machine_state import to_load
from edge.update.machine_words import Result, Trouble
from edge.update.trial import Limits
from edge.update.window import shop_window

NAME: Final = "ranker"
KIND: Final = "model"
FACTORY_MODEL: Final = "models/factory"
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
    marks: CrashMarks
    has_repository: bool


def lay_rankers(core: Foundation, order_counts: OrderCounts) -> Laid:
    """Count this start, and load what serves."""
    folder = ReleaseFolder(core.settings.data_folder / RELEASES / NAME)
    parts = KeepingParts(core.store.releases, folder, core.origin, core.clock, core.chance)
    keeping = Keeping(NAME, parts)
    last_resort = core.settings.model_folder or shipped(FACTORY_MODEL)
    marks = CrashMarks(core.settings.data_folder / RELEASES / FOLDER)
    loading = Loading(folder, last_resort, core.site, order_counts, marks)
    booted, first = boot(keeping, loading, core.clock)
    rankers = Rankers(
        first,
        lambda why: bundle(core.site, popularity(core.site, order_counts(), why=why)),
    )
    return Laid(core, folder, keeping, loading, booted, rankers, VisitArms(core.clock))


def build_releases(laid: Laid, around: Around, client: Client | None) -> BuiltReleases:
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
    rules = rules_of(core, around, NAME, KIND)
    made = Releasing(rules, tools, booted.state, first, is_counted=booted.is_counted)
    return BuiltReleases(made, swap, laid.loading.marks, client is not None)


def _first(swap: Swap, booted: Booted) -> Result | None:
    """Load what is on trial; that it cannot be loaded is the first thing the machine hears."""
    if not (booted.is_counted and to_load(booted.state).is_trial):
        return None
    try:
        swap.make(booted.state)
    except ModelContractError as error:
        return Trouble("load", str(error))
    return None


def rules_of(core: Foundation, around: Around, name: str, kind: str) -> Rules:
    """Return by what the releases of one package name go."""
    wanted, header = core.settings.update, core.site.header
    window = shop_window(wanted.window_from, wanted.window_to, ZoneInfo(header.timezone))
    return Rules(
        name=name,
        kind=kind,
        site=header.site,
        agent=agent_version(),
        poll_s=wanted.poll_minutes * 60.0,
        is_busy=around.is_busy,
        is_in_window=window.is_open,
    )
