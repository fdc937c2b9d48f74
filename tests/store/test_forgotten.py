"""An erasure is remembered as hashes that name nobody, and only a consent that knew of it undoes it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge.core.clock import SettableClock
from edge.identity.consent import ConsentEvent, Notice, Purpose
from edge.store.forgotten import Forgotten
from edge.store.store import Store
from tests.fakes.recorded import open_store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
WHO = bytes.fromhex("a1b2c3d4e5f60718")
GIVEN = ConsentEvent(
    event_id="given-1",
    record_id="record-1",
    purpose=Purpose.TASTES,
    state="given",
    at=NOON - timedelta(days=3),
    method="app_toggle",
    notice=Notice("central", "1", bytes(32), bytes(32), "en"),
)
WITHDRAWN = replace(GIVEN, event_id="withdrawn-1", state="withdrawn", at=NOON)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path, SettableClock(NOON))
    yield opened
    opened.close()


def marked(store: Store, *withdrawals: ConsentEvent) -> Forgotten:
    store.writer.submit(
        lambda con: store.forgotten.note(con, WHO, withdrawals, NOON), alone=True
    ).result()
    return store.forgotten


@pytest.mark.parametrize(
    ("knows", "at", "holds"),
    [
        (frozenset(), NOON - timedelta(days=3), False),
        (frozenset(), NOON + timedelta(days=3), False),
        (frozenset({"something-else"}), NOON, False),
        (frozenset({"withdrawn-1"}), NOON - timedelta(days=3), True),
    ],
)
def test_consent_holds_again_only_if_it_knew_of_the_withdrawal_whatever_the_clocks(
    knows: frozenset[str], at: datetime, holds: bool, store: Store
) -> None:
    forgotten = marked(store, WITHDRAWN)
    erasure = store.erasure_of(WHO)
    assert erasure is not None

    said = forgotten.still_said(erasure, [replace(GIVEN, knows=knows, at=at)])

    assert bool(said) is holds


def test_where_nothing_was_in_force_only_later_consent_holds(store: Store) -> None:
    forgotten = marked(store)
    erasure = store.erasure_of(WHO)
    assert erasure is not None

    assert forgotten.still_said(erasure, [GIVEN]) == ()
    assert forgotten.still_said(erasure, [replace(GIVEN, at=NOON + timedelta(hours=1))])


def test_what_ends_consent_is_always_heard(store: Store) -> None:
    forgotten = marked(store, WITHDRAWN)
    erasure = store.erasure_of(WHO)
    assert erasure is not None

    assert forgotten.still_said(erasure, [WITHDRAWN]) == (WITHDRAWN,)


def test_nobody_else_is_marked(store: Store) -> None:
    marked(store, WITHDRAWN)

    assert store.erasure_of(bytes(8)) is None
