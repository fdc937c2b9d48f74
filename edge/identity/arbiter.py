"""Who is at which screen, by beacon: at most one screen per token, and one token per screen.

A *lease* is the answer. It goes to another screen, or to another token, only when that one is
8 dB stronger for 2 seconds, so that nobody flickers between two kiosks. A token that is strong
in two places at once was recorded and played again somewhere: both are refused.

A lease is a reason to invite, and to name nothing (presence.py). ``sighted`` and ``tick`` are
called by one thread, or under one lock; ``holder`` and ``screens_of`` may be read by any.

Source: decided.md 33; identity.md, "Replay/relay"; security.md T12.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from edge.identity.gate import Gate, Thresholds

MARGIN_DB: Final = 8.0
MARGIN_FOR: Final = timedelta(seconds=2)
APART_WITHIN: Final = timedelta(seconds=5)
"""Strong in two places within so long: nobody walks that fast."""
REFUSED_FOR: Final = timedelta(minutes=15)
"""No recorded token lives longer: its interval, the one before and the one after."""
MOST_SCREENS: Final = 256
"""No shop has more; somebody who names more gets no place for them."""
MOST_TOKENS: Final = 4_096
"""More than 500 sightings a second can bring within the 6 seconds that a token may be silent."""


class LeaseChange(StrEnum):
    """What happened to a screen's lease."""

    BEGAN = "began"
    ENDED = "ended"
    REFUSED = "refused"
    """A token was strong here and, within 5 seconds, in another place. Worth a report."""


@dataclass(frozen=True, slots=True)
class Changed:
    """One change at one screen; it names no token."""

    what: LeaseChange
    screen_id: str
    at: datetime


class _Token:
    """What is known of one token: its gates by screen, its lease, and who it is stronger than."""

    __slots__ = ("gates", "refused_until", "screen_id", "stronger_since")

    def __init__(self) -> None:
        self.gates: dict[str, Gate] = {}
        self.screen_id: str | None = None
        self.stronger_since: dict[str, datetime] = {}
        self.refused_until: datetime | None = None


class Leases:
    """Who holds which screen.

    Args:
        thresholds: How strong is near.
        places: Screen -> the place it stands in, such as "entrance"; screens in different places
            are too far apart to be near both. Screens without one share a place.
        most_tokens: The most that are kept in mind; the longest unheard goes first.
    """

    def __init__(
        self,
        thresholds: Thresholds | None = None,
        *,
        places: Mapping[str, str] | None = None,
        most_tokens: int = MOST_TOKENS,
    ) -> None:
        self._thresholds = thresholds or Thresholds()
        self._places = dict(places or {})
        self._most_tokens = most_tokens
        self._tokens: OrderedDict[bytes, _Token] = OrderedDict()
        self._holders: dict[str, bytes] = {}
        self._changes: list[Changed] = []
        self.refusals = 0
        """How often a token was strong in two places; for health."""

    def __len__(self) -> int:
        """Return how many tokens are kept in mind."""
        return len(self._tokens)

    def sighted(
        self, key: bytes, screen_id: str, rssi_dbm: float, at: datetime
    ) -> tuple[Changed, ...]:
        """Take one sighting of a token, known by ``key``, and return what changed."""
        token = self._token(key, at)
        gate = token.gates.get(screen_id)
        if gate is None or gate.is_silent(at):
            gate = token.gates[screen_id] = Gate(self._thresholds)
        gate.heard(rssi_dbm, at)
        self._settle(key, token, at)
        return self._take_changes()

    def stands(self, screen_id: str, place: str) -> None:
        """Say where a screen stands, such as one of another device that is first heard of now."""
        if screen_id in self._places or len(self._places) < MOST_SCREENS:
            self._places[screen_id] = place

    def tick(self, now: datetime) -> tuple[Changed, ...]:
        """Let time pass, each second or so: end what went silent, and return what changed."""
        for key, token in list(self._tokens.items()):
            self._settle(key, token, now)
            if not token.gates and token.refused_until is None:
                del self._tokens[key]
        return self._take_changes()

    def forget(self, key: bytes, now: datetime) -> tuple[Changed, ...]:
        """Forget a token whose customer withdrew; its lease ends at once."""
        token = self._tokens.pop(key, None)
        if token is not None:
            self._end(token, now)
        return self._take_changes()

    def holder(self, screen_id: str) -> bytes | None:
        """Return the key of the token that holds the screen's lease."""
        return self._holders.get(screen_id)

    def screens_of(self, key: bytes) -> tuple[str, ...]:
        """Return the screens that a token holds: one, or none."""
        token = self._tokens.get(key)
        screen_id = token.screen_id if token is not None else None
        return () if screen_id is None else (screen_id,)

    # ---- one token ---------------------------------------------------------------------

    def _token(self, key: bytes, now: datetime) -> _Token:
        token = self._tokens.get(key)
        if token is not None:
            self._tokens.move_to_end(key)
            return token
        token = self._tokens[key] = _Token()
        if len(self._tokens) > self._most_tokens:
            _, oldest = self._tokens.popitem(last=False)
            self._end(oldest, now)
        return token

    def _settle(self, key: bytes, token: _Token, now: datetime) -> None:
        for screen_id in [each for each, gate in token.gates.items() if gate.is_silent(now)]:
            del token.gates[screen_id]
        held = token.gates.get(token.screen_id or "")
        if held is None or not held.is_here(now):
            self._end(token, now)
        self._refuse_if_apart(token, now)
        if token.refused_until is not None:
            if token.refused_until - REFUSED_FOR <= now < token.refused_until:
                return
            token.refused_until = None
        self._claim(key, token, now)

    # ---- two places at once ------------------------------------------------------------

    def _refuse_if_apart(self, token: _Token, now: datetime) -> None:
        strong = {
            screen_id: self._places.get(screen_id, "")
            for screen_id, gate in token.gates.items()
            if gate.strong_at is not None and now - gate.strong_at <= APART_WITHIN
        }
        if len(set(strong.values())) < 2:
            return
        if token.refused_until is None:
            self.refusals += 1
            self._changes += [
                Changed(LeaseChange.REFUSED, screen_id, now) for screen_id in sorted(strong)
            ]
        token.refused_until = now + REFUSED_FOR
        self._end(token, now)

    # ---- taking and giving up ----------------------------------------------------------

    def _claim(self, key: bytes, token: _Token, now: datetime) -> None:
        """Take the strongest screen that can be had, if it is not the one that is held."""
        here = [
            (gate.level_dbm, screen_id)
            for screen_id, gate in token.gates.items()
            if screen_id != token.screen_id and gate.is_here(now)
        ]
        wanted = {screen_id for _, screen_id in here}
        for screen_id in token.stronger_since.keys() - wanted:
            del token.stronger_since[screen_id]
        for level, screen_id in sorted(here, reverse=True):
            if self._may_take(token, screen_id, level, now):
                self._begin(key, token, screen_id, now)
                return

    def _may_take(self, token: _Token, screen_id: str, level: float, now: datetime) -> bool:
        rivals = self._rivals(token, screen_id)
        if not rivals:
            return True
        if level < max(rivals) + MARGIN_DB:
            token.stronger_since.pop(screen_id, None)
            return False
        since = token.stronger_since.setdefault(screen_id, now)
        return now - since >= MARGIN_FOR

    def _rivals(self, token: _Token, screen_id: str) -> list[float]:
        """Return how strong the lease is that would end: this token's own, and the screen's."""
        rivals = []
        if token.screen_id is not None:
            rivals.append(token.gates[token.screen_id].level_dbm)
        holder = self._holders.get(screen_id)
        if holder is not None:
            rivals.append(self._tokens[holder].gates[screen_id].level_dbm)
        return rivals

    def _begin(self, key: bytes, token: _Token, screen_id: str, now: datetime) -> None:
        self._end(token, now)
        before = self._holders.get(screen_id)
        if before is not None:
            self._end(self._tokens[before], now)
        token.stronger_since.clear()
        token.screen_id = screen_id
        self._holders[screen_id] = key
        self._changes.append(Changed(LeaseChange.BEGAN, screen_id, now))

    def _end(self, token: _Token, now: datetime) -> None:
        if token.screen_id is None:
            return
        del self._holders[token.screen_id]
        self._changes.append(Changed(LeaseChange.ENDED, token.screen_id, now))
        token.screen_id = None

    def _take_changes(self) -> tuple[Changed, ...]:
        changes, self._changes = tuple(self._changes), []
        return changes
