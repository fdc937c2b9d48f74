"""The retained word on whether a device is there: its birth document and its will.

``conn_seq`` counts connections, because an old will may arrive after a new birth; whoever reads
ignores an "offline" whose number is below the latest "online".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import orjson

from edge.wire.cloudevents import ClockState, rfc3339
from edge.wire.releases import ABI


@dataclass(frozen=True, slots=True)
class About:
    """What central wants to know before it sends a release or a secret."""

    ring: str = "stable"
    clock: ClockState = "none"
    key_protection: str = "file"
    """What holds the device's keys: a file, so whoever has the disk has them."""
    abi: int = ABI
    screens: Mapping[str, int] = field(default_factory=dict)
    """How many there are of each surface; their names would not fit."""
    customers: "ForCustomers | None" = None
    """None: it takes nothing about customers from central."""


@dataclass(frozen=True, slots=True)
class ForCustomers:
    """What central needs to write to a device about customers."""

    exchange_key: str
    """The device's X25519 public key, 64 hexadecimal digits: messages are sealed to it."""
    group: int
    """The shop group whose day keys it uses."""
    heard: Mapping[str, str] = field(default_factory=dict)
    """Kind of message -> the stamp of the newest one that was taken (``edge.wire.signed``)."""


@dataclass(frozen=True, slots=True)
class Birth:
    """What a device says of itself when it connects."""

    site: str
    device: str
    version: str
    sqlite_version: str
    epoch: str
    about: About = field(default_factory=About)


def online(birth: Birth, conn_seq: int, at: datetime) -> bytes:
    """Return the birth document."""
    return orjson.dumps(
        {
            "status": "online",
            "conn_seq": conn_seq,
            "at": rfc3339(at),
            "site": birth.site,
            "device": birth.device,
            "version": birth.version,
            "sqlite_version": birth.sqlite_version,
            "epoch": birth.epoch,
            "ring": birth.about.ring,
            "clock": birth.about.clock,
            "key_protection": birth.about.key_protection,
            "abi": birth.about.abi,
            "screens": dict(birth.about.screens),
            **_for_customers(birth.about.customers),
        }
    )


def _for_customers(customers: ForCustomers | None) -> dict[str, object]:
    if customers is None:
        return {}
    return {
        "exchange_key": customers.exchange_key,
        "group": customers.group,
        "heard": dict(customers.heard),
    }


def offline(conn_seq: int, why: str) -> bytes:
    """Return the will (``why`` = lost), or a goodbye (``why`` = stopped)."""
    return orjson.dumps({"status": "offline", "conn_seq": conn_seq, "why": why})
