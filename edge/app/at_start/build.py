"""Build what changes shop texts and settings: the machine of models, with a start in place of a swap."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from edge.app.at_start import config, content
from edge.app.at_start.begin import Begun
from edge.app.at_start.boot import Booted
from edge.app.at_start.next_start import NextStart, Restart
from edge.app.foundation import Foundation
from edge.app.releases.install import Client, Install
from edge.app.releases.keeping import Keeping, KeepingParts
from edge.app.releases.releasing import Releasing
from edge.app.releases.runtime import Around, rules_of
from edge.app.releases.tools import Tools
from edge.update.verdict import Verdict
from edge.wire.releases import PackageFacts


@dataclass(frozen=True, slots=True)
class Beside:
    """What they touch of the running service."""

    around: Around
    failing: Callable[[], str]
    restart: Restart = field(default_factory=Restart)


@dataclass(frozen=True, slots=True)
class _Followed:
    kind: str
    booted: Booted
    admit: Callable[[Path, PackageFacts], Verdict]
    identify: Callable[[Path], str]


@dataclass(frozen=True, slots=True)
class StartRelease:
    """The releases of one name that is loaded at the start."""

    kind: str
    releasing: Releasing
    keeping: Keeping


def names_followed(begun: Begun) -> int:
    """Return how many package names besides the model's this device follows."""
    return sum(1 for _ in _followed(begun))


def build_at_start(
    core: Foundation, begun: Begun, beside: Beside, client: Client | None
) -> tuple[StartRelease, ...]:
    """Build the releases of shop texts and settings; nothing of it runs yet."""
    return tuple(_built(core, one, beside, client) for one in _followed(begun))


def _followed(begun: Begun) -> Iterator[_Followed]:
    if begun.config is not None and begun.profile is not None:
        admit = config.config_admission(begun.profile)
        yield _Followed(config.KIND, begun.config, admit, config.identify_config)
    if begun.content is not None:
        admit = content.content_admission(begun.site)
        yield _Followed(content.KIND, begun.content, admit, content.identify_content)


def _built(core: Foundation, one: _Followed, beside: Beside, client: Client | None) -> StartRelease:
    booted = one.booted
    parts = KeepingParts(core.store.releases, booted.folder, core.origin, core.clock, core.chance)
    keeping = Keeping(booted.name, parts, starts_by_pointer=True)
    install = Install(client, booted.folder, one.admit, one.identify) if client else None
    tools = Tools(
        client=client,
        install=install,
        swap=NextStart(
            booted.serving, beside.restart, beside.around.is_busy, beside.failing, core.clock
        ),
        keeping=keeping,
        clean=booted.folder.keep_only,
        clock=core.clock,
        chance=core.chance,
    )
    rules = rules_of(core, beside.around, booted.name, one.kind)
    state = keeping.take_over(booted.state)
    made = Releasing(rules, tools, state, None, is_counted=booted.is_counted)
    return StartRelease(one.kind, made, keeping)
