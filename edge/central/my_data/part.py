"""The page at home, built once from central's settings."""

from edge.central.customers.part import customers_part
from edge.central.my_data.menus import SETTING, load_menus
from edge.central.my_data.own_data import CentralOwnData, OwnDataParts
from edge.central.settings import CentralSettings
from edge.core.chance import Chance
from edge.core.clock import Clock
from edge.core.errors import SettingsContractError


def my_data_part(settings: CentralSettings, clock: Clock, chance: Chance) -> CentralOwnData | None:
    """Return what the page works with; None: it is switched off.

    Raises:
        SettingsContractError: It is switched on without what it needs.
        UnavailableError: A key cannot be read.
        TrustError: Others can read it.
    """
    if not settings.customers.pages:
        return None
    if settings.customers.sites is None:
        msg = f"{SETTING}: wanted the folder with the shops' folders for customers.pages, got none"
        raise SettingsContractError(msg)
    customers = customers_part(settings, chance)
    if customers is None:
        msg = "keys.online: wanted central's keys for customers, for customers.pages, got none"
        raise SettingsContractError(msg)
    menus = load_menus(settings.customers.sites)
    return CentralOwnData(OwnDataParts(settings.database, customers, menus, clock, chance))
