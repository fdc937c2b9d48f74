"""Who may change something here: persons with a token each, and what their role allows.

A line of ``serve.token_file`` is ``name role hash`` and the last day on which it holds; the token itself is printed once, by ``edge
fleet token``, and is kept nowhere. Because a name belongs to a token, two approvals are two
persons' and not one person's who typed two names. The file is read again when it changes: a line
that is taken out, or whose day is over, stops working at once, for whoever is signed in with it too.
"""

import hashlib
import hmac
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Final

from edge.core.chance import Chance
from edge.core.clock import Clock, system_clock
from edge.core.errors import SettingsContractError

TOKEN_BYTES: Final = 24
_LINE: Final = re.compile(
    r"([a-z0-9][a-z0-9._@-]{1,63})\s+(viewer|operator|approver)\s+([0-9a-f]{64})"
    r"(?:\s+until\s+([0-9]{4}-[0-9]{2}-[0-9]{2}))?"
)


class Role(StrEnum):
    """What a person does here, each including the one before."""

    VIEWER = "viewer"
    """Looks."""
    OPERATOR = "operator"
    """Stops what goes wrong and speaks to devices: pause, abort, halt, commands."""
    APPROVER = "approver"
    """Lets something go on: approve, start, resume, end a halt."""

    def covers(self, other: "Role") -> bool:
        """Say whether this role may do all that ``other`` may."""
        order = list(Role)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whose token was shown."""

    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class _Line:
    person: Person
    token_hash: str
    until: date = date.max


def new_token(chance: Chance) -> str:
    """Return a token: 192 bits, so that a hash without salt and stretching protects it."""
    return f"ft-{chance(TOKEN_BYTES).hex()}"


def line_of(person: Person, token: str, until: date | None = None) -> str:
    """Return the line of the token file that lets ``token`` act as ``person``, ``until`` a day."""
    end = "" if until is None else f" until {until.isoformat()}"
    return f"{person.name} {person.role} {_hash(token)}{end}"


class People:
    """The token file. Safe to use from every thread."""

    def __init__(self, path: Path | None, clock: Clock = system_clock) -> None:
        """Read ``path``; None: nobody may change anything.

        Raises:
            SettingsContractError: The file cannot be read, or a line of it is not one.
        """
        self._path = path
        self._clock = clock
        self._lock = threading.Lock()
        self._stamp: tuple[int, int] | None = None
        self._lines: tuple[_Line, ...] = ()
        self._is_closed = False
        if path is not None:
            self._read(path)

    @property
    def is_anybody(self) -> bool:
        """Say whether anybody at all can sign in."""
        return bool(self._now())

    @property
    def is_closed(self) -> bool:
        """Say whether looking needs a token too: it does as soon as somebody is a viewer.

        A viewer whose day is over, or a file that broke, opens nothing.
        """
        self._now()
        return self._is_closed

    def of(self, token: str) -> Person | None:
        """Return whose token this is; every line is compared, whichever matches."""
        wanted, found = _hash(token), None
        for line in self._now():
            if hmac.compare_digest(line.token_hash, wanted):
                found = line.person
        return found

    def still(self, person: Person) -> bool:
        """Say whether this person is still on the list, with this role."""
        return any(line.person == person for line in self._now())

    def _now(self) -> tuple[_Line, ...]:
        if self._path is None:
            return ()
        with self._lock:
            try:
                if self._stamp != _stamp(self._path):
                    self._read(self._path)
            except (OSError, SettingsContractError):
                self._lines = ()  # a file that cannot be read lets nobody in
            today = self._clock().date()
            return tuple(line for line in self._lines if line.until >= today)

    def _read(self, path: Path) -> None:
        try:
            stamp, text = _stamp(path), path.read_text("ascii")
        except (OSError, UnicodeDecodeError) as error:
            msg = f"serve.token_file: wanted a file that can be read, got {type(error).__name__} at {path}"
            if not path.exists():
                msg += "; `edge fleet token NAME --role approver` makes it"
            raise SettingsContractError(msg) from error
        self._lines, self._stamp = tuple(_lines(text, path)), stamp
        self._is_closed = any(line.person.role is Role.VIEWER for line in self._lines)


def _lines(text: str, path: Path) -> Iterator[_Line]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        found = _LINE.fullmatch(line.strip())
        if found is None:
            # Not quoted: somebody may have put the token itself there.
            msg = (
                f"{path} line {number}: wanted `name role hash` of `edge fleet token`, got another"
            )
            raise SettingsContractError(msg)
        name, role, token_hash, until = found.groups()
        yield _Line(Person(name, Role(role)), token_hash, _day(until, path, number))


def _day(until: str | None, path: Path, number: int) -> date:
    try:
        return date.max if until is None else date.fromisoformat(until)
    except ValueError as error:
        msg = f"{path} line {number}: wanted a day such as 2027-03-31 behind 'until', got another"
        raise SettingsContractError(msg) from error


def _stamp(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_mtime_ns, stat.st_size


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
