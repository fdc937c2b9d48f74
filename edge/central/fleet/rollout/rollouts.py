"""Rollouts as central ops and the fleet server use them: each call is one transaction.

Publishing is not part of it: a document is a row that was decided, and ``publishing`` brings it
out afterwards. So a repository that is away holds nothing up, and nothing is lost.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from edge.central.fleet.rollout import acts, members, rows
from edge.central.fleet.rollout.machine import step
from edge.central.fleet.rollout.plan import Plan
from edge.central.fleet.rollout.rows import Entry
from edge.central.fleet.rollout.state import Line, Rollout, Said, State, Stepped
from edge.central.fleet.tables import FLEET
from edge.central.postgres import Connection, Cursor, connect, migrate, storing
from edge.core.clock import Clock

SERVER = "server"
"""Who steps: nobody."""

Published = Callable[[str], Line]
"""The line of a package name as the repository has it: version 0 when it has none."""


@dataclass(frozen=True, slots=True)
class Rollouts:
    """Every rollout of the tenant. Holds no connection between two calls."""

    database: str
    clock: Clock

    def prepare(self) -> None:
        """Make the tables, or bring them to their newest step."""
        with self._connection() as con:
            migrate(con, FLEET)

    def create(self, plan: Plan, who: str, published: Published) -> Rollout:
        """Add the draft of a rollout.

        Raises:
            RequestContractError: Its id was used, or everybody runs that package already.
        """
        by = Entry(who, self.clock())
        with self._cursor() as cur:
            line = rows.locked_line(cur, plan.name, published(plan.name))
            stepped = acts.created(plan, line, who, by.at)
            rows.insert(cur, stepped.state.rollout)
            rows.save(cur, stepped, by)
        return stepped.state.rollout

    def approve(self, rollout_id: str, who: str, digest: str) -> Rollout:
        """Add one person's approval of the plan with this digest.

        Raises:
            RequestContractError: See ``acts.approve``.
        """
        by = Entry(who, self.clock())
        with self._cursor() as cur:
            state = rows.locked(cur, rollout_id)
            stepped = acts.approve(state, who, digest, by.at)
            rows.note_approval(cur, stepped.state.rollout, by)
            rows.save(cur, stepped, by)
        return stepped.state.rollout

    def start(self, rollout_id: str, who: str) -> Rollout:
        """Let the canary begin.

        Raises:
            RequestContractError: See ``acts.start``.
        """
        return self._act(rollout_id, who, self._started)

    def pause(self, rollout_id: str, who: str, why: str) -> Rollout:
        """Let nobody else begin.

        Raises:
            RequestContractError: It is not on its way.
        """
        return self._act(rollout_id, who, lambda _, state: acts.pause(state, why, self.clock()))

    def resume(self, rollout_id: str, who: str) -> Rollout:
        """Let it go on.

        Raises:
            RequestContractError: It is not paused, or all is halted.
        """
        return self._act(rollout_id, who, self._resumed)

    def abort(self, rollout_id: str, who: str, why: str) -> Rollout:
        """Take everybody back.

        Raises:
            RequestContractError: It is over.
        """
        return self._act(rollout_id, who, lambda _, state: acts.abort(state, why, self.clock()))

    def halt(self, who: str, why: str, *, halted: bool) -> tuple[str, ...]:
        """Stop every rollout at once, or end that; return the package names that changed."""
        with self._cursor() as cur:
            return tuple(
                name for name in rows.names(cur) if self._halt(cur, name, who, why, halted)
            )

    def tick(self) -> tuple[Stepped, ...]:
        """Step every rollout that is on its way, and return what changed."""
        done = []
        with self._cursor() as cur:
            names = rows.names(cur)
        for name in names:
            with self._cursor() as cur:
                stepped = self._step(cur, name)
            if stepped is not None and stepped.said:
                done.append(stepped)
        return tuple(done)

    # ---- one transaction each ----------------------------------------------------------

    def _step(self, cur: Cursor, name: str) -> Stepped | None:
        rows.locked_line(cur, name)
        rollout_id = rows.moving(cur, name)
        if rollout_id is None:
            return None
        state = rows.locked(cur, rollout_id)
        now = self.clock()
        members.join(cur, state.rollout, now)
        stepped = step(state, members.count(cur, state, now), now)
        rows.save(cur, stepped, Entry(SERVER, now))
        return stepped

    def _act(self, rollout_id: str, who: str, act: Callable[[Cursor, State], Stepped]) -> Rollout:
        by = Entry(who, self.clock())
        with self._cursor() as cur:
            stepped = act(cur, rows.locked(cur, rollout_id))
            rows.save(cur, stepped, by)
        return stepped.state.rollout

    def _started(self, cur: Cursor, state: State) -> Stepped:
        other = rows.moving(cur, state.line.name)
        stepped = acts.start(state, (other,) if other else (), self.clock())
        rows.check_approvals(cur, state.rollout, acts.APPROVALS)
        return stepped

    def _resumed(self, cur: Cursor, state: State) -> Stepped:
        now = self.clock()
        stepped = acts.resume(state, now)
        members.begin_again(cur, stepped.state.rollout, now)
        return stepped

    def _halt(self, cur: Cursor, name: str, who: str, why: str, halted: bool) -> bool:
        by = Entry(who, self.clock())
        line = rows.locked_line(cur, name)
        rollout_id = rows.moving(cur, name)
        rollout = rows.locked(cur, rollout_id).rollout if rollout_id else None
        line, rollout, document = acts.set_halted(line, rollout, by.at, halted=halted)
        if document is None:
            return False
        said = Said("halted" if halted else "unhalted", why)
        rows.save_line(cur, line, document)
        if rollout is None:
            rows.log(cur, name, None, said, by)
            return True
        rows.save(cur, Stepped(State(line, rollout), None, (said,)), by)
        if not halted and rollout.stage.is_out:
            members.begin_again(cur, rollout, by.at)
        return True

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        with storing(), connect(self.database, name="instore-fleet") as con:
            yield con

    @contextmanager
    def _cursor(self) -> Iterator[Cursor]:
        with self._connection() as con, con.transaction(), con.cursor() as cur:
            yield cur
