"""Keep each step before its effect: in the database first, in the pointer after it, then tell central."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from edge.app.releases.folder import SEQ_LEAP, ReleaseFolder, recalled
from edge.core.chance import Chance
from edge.core.clock import Clock
from edge.core.errors import ContractError, StorageUnavailableError
from edge.store.release_rows import ReleaseRows
from edge.update.machine import begin
from edge.update.machine_ends import newly_refused
from edge.update.machine_state import Held, State, read_state, state_bytes
from edge.wire.cloudevents import Event, Origin
from edge.wire.release_event import phase_changed
from edge.wire.releases import Phase, ReleaseState

log = logging.getLogger(__name__)

KEEP_EVERY: Final = timedelta(minutes=1)
"""How often a trial that goes well is written down: what a crash may cost of its time."""
TELL_EVERY: Final = timedelta(minutes=15)
"""How often central hears the figures of one that goes on."""
WRITE_WITHIN_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class KeepingParts:
    """Where a state goes."""

    rows: ReleaseRows
    folder: ReleaseFolder
    origin: Origin
    clock: Clock
    chance: Chance


class Keeping:
    """The state on the disk, and what central was told of it. Used by one thread."""

    def __init__(self, name: str, parts: KeepingParts, *, starts_by_pointer: bool = False) -> None:
        self._name = name
        self._parts = parts
        self._starts_by_pointer = starts_by_pointer
        self.tell: Callable[[ReleaseState], None] = lambda _state: None
        """Takes what the broker is to retain about this name."""
        self._kept: State | None = None
        self._kept_at = self._told_at = parts.clock()
        self.untrusted = ""
        """Why what is offered now must not be used; empty: nothing is wrong with it."""

    def recall(self) -> State:
        """Return what was kept last; what serves comes back even when the database was lost.

        Raises:
            StorageUnavailableError: The disk cannot be read.
        """
        body = self._parts.rows.state(self._name)
        if body is not None:
            try:
                self._kept = read_state(body)
            except ContractError as error:
                log.error("releases begin anew: %s", error)
            else:
                return self._kept
        return self.pointed()

    def take_over(self, state: State) -> State:
        """Return ``state``, found by the pointer before there was a database, to go on with.

        Its number goes on above what central was told; after a lost database, far above.
        """
        try:
            body = self._parts.rows.state(self._name)
            before = None if body is None else read_state(body)
        except (ContractError, StorageUnavailableError) as error:
            log.error("what was told about %s is not known: %s", self._name, error)
            before = None
        if before is None:
            leap = 0 if state.seq == 0 else SEQ_LEAP
            return state.model_copy(update={"seq": state.seq + leap})
        self._kept = before
        if state.committed is None and state.seq == 0:  # the pointer was lost
            return state.model_copy(update={"seq": before.seq + 1})
        return state.model_copy(update={"seq": max(state.seq, before.seq)})

    def pointed(self) -> State:
        """Return what the pointer says serves, with nothing under way."""
        now = self._parts.clock()
        pointer = self._parts.folder.pointer()
        return begin(self._name, now) if pointer is None else recalled(pointer, now)

    def refused(self) -> Mapping[str, str]:
        """Return the digests that are never tried here again.

        Raises:
            StorageUnavailableError: The disk cannot be read.
        """
        pointer = self._parts.folder.pointer() if self._kept is None else None
        before = pointer.refused if pointer else {}
        return {**before, **self._parts.rows.refused()}

    def keep(self, state: State) -> State:
        """Keep ``state`` before anything is done by it, and return it as it was kept.

        Raises:
            StorageUnavailableError: The disk does not take it; nothing may be done by it.
        """
        now, before = self._parts.clock(), self._kept
        if before is not None and not self._is_news(before, state, now):
            return state
        is_step = before is None or before.phase is not state.phase
        tells = is_step or before is None or state.seq != before.seq or self._is_time(now)
        if tells and before is not None and state.seq <= before.seq:
            state = state.model_copy(update={"seq": before.seq + 1})
        is_first = before is None and state.phase is Phase.IDLE
        events = [self._event(state)] if is_step and not is_first else []
        self._write(state, events)
        self._kept, self._kept_at = state, now
        is_other = before is None or _held(before) != _held(state)
        if is_step or is_other or self._starts_by_pointer:
            self._parts.folder.point(state, self.refused())
        if tells:
            self.say(state)
        return state

    def distrust(self, state: State, code: str) -> State:
        """Tell central that what was offered must not be used, or that it is well again."""
        if code == self.untrusted:
            return state
        self.untrusted = code
        state = state.model_copy(update={"seq": state.seq + 1})
        self._write(state, [self._event(state)] if code else [])
        self._kept = state
        self.say(state)
        return state

    def say(self, state: State) -> None:
        """Have the broker retain where this name is."""
        self._told_at = self._parts.clock()
        self.tell(self.report(state))

    def report(self, state: State) -> ReleaseState:
        """Return the state in central's words."""
        course, serving, origin = state.course, state.serving, self._parts.origin
        reason, detail = state.reason, state.detail
        if self.untrusted:
            reason, detail = reason or "trust", f"{self.untrusted[:150]} {detail}"[:300].strip()
        return ReleaseState(
            site=origin.site,
            device=origin.device,
            name=self._name,
            seq=state.seq,
            at=self._parts.clock(),
            serving=serving,
            release_id=course.release_id if course else serving.release_id,
            target=course.target if course else None,
            phase=state.phase,
            reason=reason,
            detail=detail,
            figures=state.figures,
            document_version=state.document_version,
        )

    def _is_news(self, before: State, state: State, now: datetime) -> bool:
        if before == state:
            return False
        same = {"trial": before.trial, "figures": before.figures, "detail": before.detail}
        is_tick = state.model_copy(update=same) == before
        is_tick = is_tick and state.trial.starts == before.trial.starts
        return not is_tick or not timedelta(0) <= now - self._kept_at < KEEP_EVERY

    def _is_time(self, now: datetime) -> bool:
        return not timedelta(0) <= now - self._told_at < TELL_EVERY

    def _event(self, state: State) -> Event:
        return phase_changed(self._parts.origin, self.report(state), self._parts.chance)

    def _write(self, state: State, events: Sequence[Event]) -> None:
        written = self._parts.rows.keep(
            self._name, state_bytes(state), newly_refused(state), events
        )
        try:
            written.result(WRITE_WITHIN_S)
        except TimeoutError as error:
            msg = f"wanted the release's step on disk within {WRITE_WITHIN_S:.0f} s, it is not"
            raise StorageUnavailableError(msg) from error


def _held(state: State) -> tuple[Held | None, Held | None]:
    # The pointer must name nothing that is deleted: the one before changes alone when it is damaged.
    return state.committed, state.previous
