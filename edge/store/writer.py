"""The one thread that writes.

Work is queued as a function of the connection and answered by a future, which resolves only after
the COMMIT that made it durable. There is no timer: whatever is queued when the thread is idle
becomes one transaction, so a lone order waits for one flush, and a thousand decisions a second
share theirs. Each piece of work runs in its own savepoint; one that fails takes nothing with it.

A full or failing disk answers with ``StorageUnavailableError`` and the thread goes on: the next
piece of work finds out whether the disk is back.
"""

import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from edge.core.errors import ContractError, EdgeError, StorageUnavailableError
from edge.store.checkpoints import Checkpoints, empty
from edge.store.database import describe, is_of_the_world
from edge.store.reserve import Reserve

log = logging.getLogger(__name__)

T = TypeVar("T")

MOST_PER_COMMIT: Final = 200
"""Work per transaction. More would save little (a flush costs about as much as 1,000 rows) and
make the first piece wait for the last."""


@dataclass(slots=True)
class _Unit:
    work: Callable[[sqlite3.Connection], Any]
    future: Future[Any]
    alone: bool
    in_transaction: bool = True


class Writer:
    """Owns the read-write connection; every other thread hands it work.

    Args:
        connect: Opens and migrates the database; called again after a failure of the disk.
        reserve: Space that is given up when the disk is full, so that an order still fits.
    """

    def __init__(
        self, connect: Callable[[], sqlite3.Connection], *, reserve: Reserve | None = None
    ) -> None:
        self._connect = connect
        self._reserve = reserve
        self._queue: queue.SimpleQueue[_Unit | None] = queue.SimpleQueue()
        self._held: _Unit | None = None  # taken from the queue, but of the next transaction
        self._door = threading.Lock()
        self._closed = False
        self._con: sqlite3.Connection | None = None
        self._checkpoints = Checkpoints(time.monotonic())
        self.after_commit: Callable[[], None] | None = None
        """Called in this thread after every commit; must be quick and must not raise."""
        self.last_error: str | None = None
        """What the latest commit failed with; None when it succeeded."""
        self.commits = 0
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)

    def start(self, con: sqlite3.Connection | None = None) -> None:
        """Start the thread, with a connection that is open already if there is one."""
        self._con = con
        self._thread.start()

    def submit(
        self, work: Callable[[sqlite3.Connection], T], *, alone: bool = False
    ) -> "Future[T]":
        """Queue ``work`` and return what it will return, once that is on disk.

        Args:
            work: Runs in the writer's thread inside a transaction. It must do nothing but use
                the connection: after a failure it may run again.
            alone: Commit it by itself (consent, erasure, order, audit), and let it use the
                reserve when the disk is full.

        Returns:
            A future. It raises StorageUnavailableError when the disk refused, ContractError
            when the tables did, else what ``work`` raised.
        """
        future: Future[T] = Future()
        self._put(_Unit(work, future, alone))
        return future

    def empty_log(self) -> "Future[bool]":
        """Bring the write-ahead log into the file and empty it: what was deleted is gone then.

        Returns:
            A future of whether nobody who reads was in the way; if somebody was, ask again. It
            raises StorageUnavailableError when the disk refused.
        """
        future: Future[bool] = Future()
        self._put(_Unit(empty, future, alone=True, in_transaction=False))
        return future

    def close(self) -> None:
        """Commit what is queued, checkpoint, close the file and end the thread."""
        with self._door:
            if self._closed:
                return
            self._closed = True
            self._queue.put(None)
        if self._thread.ident is not None:
            self._thread.join()

    def _put(self, unit: _Unit) -> None:
        with self._door:
            if self._closed:
                msg = "wanted to record something, but the store is closed"
                unit.future.set_exception(StorageUnavailableError(msg))
            else:
                self._queue.put(unit)

    # ---- in the thread -----------------------------------------------------------------

    def _run(self) -> None:
        while (group := self._next_group()) is not None:
            if group:
                self._commit(group)
            self._tend()
        self._disconnect()

    def _next_group(self) -> list[_Unit] | None:
        """Wait for work and return it; empty when it is time to tend the file, None to end."""
        first, self._held = self._held, None
        if first is None:
            try:
                first = self._queue.get(timeout=self._checkpoints.idle_s(time.monotonic()))
            except queue.Empty:
                return []
        if first is None:
            return None
        group = [first]
        while not first.alone and len(group) < MOST_PER_COMMIT:
            try:
                unit = self._queue.get_nowait()
            except queue.Empty:
                break
            if unit is None:  # the end comes after this group
                self._queue.put(None)
                break
            if unit.alone:
                self._held = unit
                break
            group.append(unit)
        return group

    def _commit(self, queued: list[_Unit]) -> None:
        # From here on nobody can cancel; what was cancelled before is left out.
        group = [unit for unit in queued if unit.future.set_running_or_notify_cancel()]
        if not group:
            return
        try:
            if not group[0].in_transaction:
                group[0].future.set_result(self._outside(group[0]))
                return
            results = self._transact_with_reserve(group)
        except EdgeError as error:
            self._fail(group, error)
            return
        self.last_error = None
        self.commits += 1
        for unit, result in zip(group, results, strict=True):
            if isinstance(result, _Failed):
                unit.future.set_exception(result.error)
            else:
                unit.future.set_result(result)
        if self.after_commit is not None:
            self.after_commit()

    def _transact_with_reserve(self, group: list[_Unit]) -> list[object]:
        try:
            return self._transact(group)
        except EdgeError:
            if not (group[0].alone and self._reserve is not None and self._reserve.give_up()):
                raise
        return self._transact(group)

    def _transact(self, group: list[_Unit]) -> list[object]:
        """Run ``group`` in one transaction and return its results.

        Raises:
            StorageUnavailableError: Nothing of the group is on disk.
        """
        self._refuse_if_only_the_reserve_is_left(group)
        try:
            if self._con is None:
                self._con = self._connect()
            con = self._con
            con.execute("BEGIN IMMEDIATE")
            results = [_attempt(con, unit) for unit in group]
            con.execute("COMMIT")
        except EdgeError:
            raise
        except sqlite3.Error as error:
            # Closing rolls back; and after an I/O error only a new connection sees the file as it is.
            self._disconnect()
            raise describe(error, "write to the database") from error
        except Exception as error:
            # Broad, because this is a supervisor: the thread must outlive whatever opening did.
            self._disconnect()
            log.exception("the writer met what it does not know")
            msg = f"wanted to write to the database, got {type(error).__name__}: {error}"
            raise StorageUnavailableError(msg) from error
        return results

    def _outside(self, unit: _Unit) -> object:
        try:
            if self._con is None:
                self._con = self._connect()
            return unit.work(self._con)
        except EdgeError:
            raise
        except Exception as error:
            # Broad, because this is a supervisor: the thread must outlive whatever opening did.
            self._disconnect()
            msg = f"wanted to empty the database's log, got {type(error).__name__}: {error}"
            raise StorageUnavailableError(msg) from error

    def _refuse_if_only_the_reserve_is_left(self, group: list[_Unit]) -> None:
        reserve = self._reserve
        if reserve is None or not reserve.is_given_up or group[0].alone or reserve.hold():
            return
        msg = "wanted to record, but the disk is full and what is left is for orders; free space"
        raise StorageUnavailableError(msg)

    def _fail(self, group: list[_Unit], error: EdgeError) -> None:
        if self.last_error is None:
            log.error("store cannot write: %s", error)
        self.last_error = str(error)
        for unit in group:
            unit.future.set_exception(error)

    def _tend(self) -> None:
        if self._con is None:
            return
        try:
            if self._checkpoints.tend(self._con, self.commits, time.monotonic()):
                self._take_reserve()
        except sqlite3.Error as error:
            self.last_error = str(describe(error, "checkpoint the database"))
            log.warning("checkpoint failed: %s", error)
            self._disconnect()

    def _take_reserve(self) -> None:
        if self._reserve is not None:
            self._reserve.hold()

    def _disconnect(self) -> None:
        con, self._con = self._con, None
        if con is None:
            return
        try:
            con.close()
        except sqlite3.Error as error:
            log.warning("closing the database failed: %s", error)


@dataclass(frozen=True, slots=True)
class _Failed:
    error: Exception


def _attempt(con: sqlite3.Connection, unit: _Unit) -> object:
    """Run one unit in a savepoint; return its result, or a ``_Failed`` that took nothing along."""
    con.execute("SAVEPOINT unit")
    try:
        result = unit.work(con)
    except Exception as error:
        # Broad, because this is a supervisor: the future hands the error to whoever asked.
        if isinstance(error, sqlite3.Error) and (is_of_the_world(error) or not con.in_transaction):
            raise
        con.execute("ROLLBACK TO unit")
        con.execute("RELEASE unit")
        return _Failed(_translated(error))
    con.execute("RELEASE unit")
    return result


def _translated(error: Exception) -> Exception:
    if isinstance(error, sqlite3.IntegrityError):
        msg = f"wanted a row that fits the tables, got one that breaks a rule: {error}"
        refused = ContractError(msg)
        refused.__cause__ = error
        return refused
    return error
