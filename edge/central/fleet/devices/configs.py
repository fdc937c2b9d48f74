"""Telling one device of its configuration: a pointer to a signed target, retained at the broker.

It makes the device look, and says nothing that counts. Which configuration it takes is said by the
rollout document of that name, which is signed; so a pointer to another one is not even sent.
"""

from dataclasses import dataclass
from datetime import datetime

import orjson

from edge.central.postgres import Connection, Cursor
from edge.core.errors import RequestContractError
from edge.wire.rollout import RolloutDocument, wanted


@dataclass(frozen=True, slots=True)
class Pointer:
    """A configuration package; the device fetches and verifies it like any release."""

    version: int
    target: str
    digest: str


def site_of(cur: Cursor, device: str) -> str:
    """Return the shop of ``device``.

    Raises:
        RequestContractError: There is no such device.
    """
    row = cur.execute("SELECT site FROM device WHERE device = %s", (device,)).fetchone()
    if row is None:
        msg = f"wanted a device of `edge fleet status`, got {device!r}"
        raise RequestContractError(msg)
    return str(row[0])


def check_chosen(document: RolloutDocument | None, target: str, site: str) -> None:
    """Refuse a configuration that is not the one a rollout has for ``site``.

    Raises:
        RequestContractError: It is another, or none.
    """
    release = wanted(document, site) if document is not None else None
    if release is not None and release.target == target:
        return
    chosen = release.target if release else "none"
    msg = (
        f"wanted the configuration that a rollout has for {site}, which is {chosen}, got {target}; "
        "bring it there by `edge fleet rollout create NAME --kind config`"
    )
    raise RequestContractError(msg)


def desire(cur: Cursor, device: str, pointer: Pointer, who: str, now: datetime) -> None:
    """Say which configuration ``device`` is to have.

    Raises:
        RequestContractError: There is no such device.
    """
    site_of(cur, device)
    cur.execute(
        "INSERT INTO desired_config AS c (device, version, target, digest, who, at) "
        "VALUES (%(device)s, %(version)s, %(target)s, %(digest)s, %(who)s, %(at)s) "
        "ON CONFLICT (device) DO UPDATE SET version = c.version + 1, target = excluded.target, "
        "digest = excluded.digest, who = excluded.who, at = excluded.at, sent_at = NULL",
        {
            "device": device,
            "version": pointer.version,
            "target": pointer.target,
            "digest": pointer.digest,
            "who": who,
            "at": now,
        },
    )


def unsent(con: Connection) -> list[tuple[str, int, bytes]]:
    """Return device, version and message of every pointer that the broker does not have yet."""
    with con.transaction():
        rows = con.execute(
            "SELECT device, version, target, digest FROM desired_config WHERE sent_at IS NULL"
        ).fetchall()
    return [
        (
            device,
            version,
            orjson.dumps({"version": version, "target": target, "digest": digest}),
        )
        for device, version, target, digest in rows
    ]


def sent(con: Connection, device: str, version: int, now: datetime) -> None:
    """Note that the broker has a pointer."""
    with con.transaction():
        con.execute(
            "UPDATE desired_config SET sent_at = %s WHERE device = %s AND version = %s",
            (now, device, version),
        )
