"""Who decides about model packages on this device, built from what the app knows."""

import re
from importlib.metadata import version
from typing import Final

from edge.app.load_model import LEAST_KNOWN
from edge.app.shipped import shipped
from edge.catalog.site import Site
from edge.decide.bundle import known_share
from edge.update.admission import Admission, Shop
from edge.update.preflight import Preflight

_THREE: Final = re.compile(r"\d+\.\d+\.\d+")


def preflight() -> Preflight:
    """Return what tries a package in a process of its own."""
    return Preflight(shipped("models/contract.toml"))


def admission(site: Site) -> Admission:
    """Return what decides whether a package may serve in ``site``."""
    shop = Shop(agent_version(), lambda items: known_share(site, items), LEAST_KNOWN)
    return Admission(preflight(), shop)


def agent_version() -> str:
    """Return the version of this software as three numbers, without what follows them."""
    found = _THREE.match(version("instore-edge"))
    assert found is not None, "the package's version begins with three numbers"
    return found[0]
