"""Commands to one device, as rows: asked for by a person, sent by the server, answered or not.

Only the server holds the command key and the connection to the broker; whoever asks needs the
database alone. A command that nobody sent within its life is never sent.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson

from edge.central.postgres import Connection, Cursor
from edge.core.errors import RequestContractError
from edge.wire.command import LONGEST_LIFE, Command, CommandName, Sign, sign_command

LIFE: Final = LONGEST_LIFE

_GIVE_NUMBER: Final = """
UPDATE command c SET
  seq = greatest((extract(epoch FROM %(now)s) * 1000)::bigint,
    (SELECT coalesce(max(seq), 0) + 1 FROM command WHERE device = c.device)),
  expires_at = %(expires_at)s
WHERE command_id = %(command_id)s AND seq IS NULL
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants of a device."""

    device: str
    name: CommandName
    arguments: Mapping[str, str | int | bool]
    who: str


@dataclass(frozen=True, slots=True)
class Answer:
    """How far a command is."""

    is_sent: bool
    result: Mapping[str, Any] | None


def ask(cur: Cursor, asked: Asked, now: datetime) -> str:
    """Add a command and return its id.

    Raises:
        RequestContractError: There is no such device.
    """
    known = cur.execute("SELECT 1 FROM device WHERE device = %s", (asked.device,)).fetchone()
    if known is None:
        msg = f"wanted a device of `edge fleet status`, got {asked.device!r}"
        raise RequestContractError(msg)
    command_id = str(uuid.uuid4())
    cur.execute(
        "INSERT INTO command(command_id, device, name, arguments, who, asked_at) "
        "VALUES (%s, %s, %s, %s::jsonb, %s, %s)",
        (
            command_id,
            asked.device,
            asked.name,
            orjson.dumps(dict(asked.arguments)).decode(),
            asked.who,
            now,
        ),
    )
    return command_id


def answer(cur: Cursor, command_id: str) -> Answer:
    """Return how far a command is."""
    row = cur.execute(
        "SELECT sent_at IS NOT NULL, result FROM command WHERE command_id = %s", (command_id,)
    ).fetchone()
    assert row is not None
    return Answer(bool(row[0]), row[1])


@dataclass(frozen=True, slots=True)
class Ready:
    """A signed command."""

    device: str
    command_id: str
    payload: bytes
    life_s: int


def ready(con: Connection, tenant: str, sign: Sign, now: datetime) -> list[Ready]:
    """Return the open commands, numbered and signed, in the order in which they must go.

    The number is committed before anything is sent: it is never given to another command, and the
    same command sent again is the same bytes.
    """
    with con.transaction():
        # One at a time: two servers would give the same number.
        con.execute("SELECT pg_advisory_xact_lock(hashtext('fleet/commands'))")
        rows = con.execute(
            "SELECT command_id FROM command WHERE sent_at IS NULL AND seq IS NULL "
            "AND asked_at > %s ORDER BY asked_at, command_id",
            (now - LIFE,),
        ).fetchall()
        for (command_id,) in rows:
            con.execute(
                _GIVE_NUMBER,
                {"now": now, "expires_at": now + LIFE, "command_id": command_id},
            )
        open_rows = con.execute(
            "SELECT command_id::text, device, site, c.seq, name, arguments, expires_at "
            "FROM command c JOIN device USING (device) "
            "WHERE sent_at IS NULL AND expires_at > %s ORDER BY c.seq",
            (now,),
        ).fetchall()
    return [_signed(row, tenant, sign, now) for row in open_rows]


def sent(con: Connection, command_id: str, now: datetime) -> None:
    """Note that the broker has a command."""
    with con.transaction():
        con.execute(
            "UPDATE command SET sent_at = %s WHERE command_id = %s AND sent_at IS NULL",
            (now, command_id),
        )


def _signed(row: tuple[Any, ...], tenant: str, sign: Sign, now: datetime) -> Ready:
    command_id, device, site, seq, name, arguments, expires_at = row
    command = Command(
        command_id=command_id,
        name=name,
        arguments=arguments,
        tenant=tenant,
        site=site,
        device=device,
        seq=seq,
        issued_at=expires_at - LIFE,
        expires_at=expires_at,
    )
    life_s = max(1, int((expires_at - now).total_seconds()))
    return Ready(device, command_id, sign_command(command, sign), life_s)
