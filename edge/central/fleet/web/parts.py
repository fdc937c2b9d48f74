"""What the fleet's pages are made of, and how they reach it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flask import current_app

from edge.central.fleet.rollout.rollouts import Rollouts
from edge.central.fleet.web.enrolment import Enrol, Renew
from edge.central.fleet.web.looking import Looking
from edge.central.fleet.web.people import People
from edge.central.fleet.web.sessions import Sessions
from edge.central.my_data.own_data import CentralOwnData
from edge.core.chance import Chance
from edge.core.clock import Clock

KEY: Final = "edge.fleet"


@dataclass(frozen=True, slots=True)
class Running:
    """How the server's own threads are."""

    is_hearing: bool
    """The broker is there, and what devices say is heard."""
    is_alive: bool
    """The threads that hear and step run."""
    refreshed: str = ""
    """Why the online roles could not be signed again; nothing: they are."""


@dataclass(frozen=True, slots=True)
class Joining:
    """How machines become devices; only where the certificate authority is."""

    enrol: Enrol
    renew: Renew


@dataclass(frozen=True, slots=True)
class FleetParts:
    """Everything the pages need."""

    tenant: str
    database: str
    repository: Path
    hosts: tuple[str, ...]
    people: People
    clock: Clock
    chance: Chance
    running: Callable[[], Running]
    ui_folder: Path
    version: str
    trusted_proxy: str = ""
    """The address of the proxy before it, whose word on who asks is believed; empty: nobody's."""
    joining: Joining | None = None
    my_data: CentralOwnData | None = None
    """Customers' own page; None: it is switched off."""


@dataclass(frozen=True, slots=True)
class Built:
    """The parts, with what outlives a request."""

    parts: FleetParts
    looking: Looking
    rollouts: Rollouts
    sessions: Sessions


def built() -> Built:
    """Return what the application that answers this request is made of."""
    found: Built = current_app.extensions[KEY]
    return found
