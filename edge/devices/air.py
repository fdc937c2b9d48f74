"""What is in the air, and what BlueZ reports of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Properties = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Advertisement:
    """One packet in the air."""

    address: str  # "AA:BB:CC:DD:EE:FF"
    rssi_dbm: int
    service_uuids: tuple[str, ...] = ()
    service_data: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Added:
    """A device that was not known."""

    path: str
    properties: Properties


@dataclass(frozen=True, slots=True)
class Changed:
    """What is new about a device."""

    path: str
    properties: Properties
    gone: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Removed:
    """A device that was forgotten."""

    path: str


Report = Added | Changed | Removed


class BluezError(Exception):
    """What BlueZ answers a call with; the message is the D-Bus error's name."""
