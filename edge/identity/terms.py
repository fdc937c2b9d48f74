"""What each purpose means in a consent record: the words and numbers that are proven later.

Source: ISO/IEC TS 27560:2023, processing section; W3C DPV 2; decided.md 35, 36.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from edge.identity.consent import DPV, Purpose
from edge.identity.profile import HISTORY_DAYS, UNVISITED_DAYS


@dataclass(frozen=True, slots=True)
class PurposeTerms:
    """The processing that one purpose allows.

    Nothing here is automated deciding, biometric or sensitive: the tables that keep it have no
    other value for these.
    """

    purpose: Purpose
    dpv: str
    description: str
    data_categories: tuple[str, ...]
    sources: tuple[str, ...]
    recipients: tuple[str, ...]
    transfers: tuple[str, ...]
    storage_location: str
    retention_days: int  # 1 to 396
    profiling: bool


_DEVICE: Final = "the shop's own device, encrypted under a key of the customer's own"
_AND_CENTRAL: Final = f"{_DEVICE}; sealed at the shop group's central service"
_GROUP: Final = "this shop group's customer platform"

TERMS: Final[Mapping[Purpose, PurposeTerms]] = MappingProxyType(
    {
        Purpose.TASTES: PurposeTerms(
            purpose=Purpose.TASTES,
            dpv=DPV[Purpose.TASTES],
            description="Remember my tastes under a token on my phone",
            data_categories=("declared preferences", "rotating token"),
            sources=("the customer",),
            recipients=(_GROUP,),
            transfers=(),
            storage_location=_AND_CENTRAL,
            retention_days=UNVISITED_DAYS,
            profiling=True,
        ),
        Purpose.PAST_ORDERS: PurposeTerms(
            purpose=Purpose.PAST_ORDERS,
            dpv=DPV[Purpose.PAST_ORDERS],
            description="Use my past orders here",
            data_categories=("purchase history: product, day, count", "rotating token"),
            sources=("orders in this shop group",),
            recipients=(_GROUP,),
            transfers=(),
            storage_location=_AND_CENTRAL,
            retention_days=HISTORY_DAYS,
            profiling=True,
        ),
        Purpose.PHONE_OFFERS: PurposeTerms(
            purpose=Purpose.PHONE_OFFERS,
            dpv=DPV[Purpose.PHONE_OFFERS],
            description="Tell me about offers on my phone",
            data_categories=("rotating token",),
            sources=("the customer",),
            recipients=(),
            transfers=(),
            storage_location=_DEVICE,
            retention_days=UNVISITED_DAYS,
            profiling=False,
        ),
    }
)
"""Purpose -> its terms. A change here is a new version of the notice."""
