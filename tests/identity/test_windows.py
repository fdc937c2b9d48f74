"""Whose rolling id it is, now and five minutes around."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from edge.core.clock import SettableClock
from edge.identity import window_tables
from edge.identity.day_keys import INTERVAL_S, interval_of, rolling_id
from edge.identity.profile import CustomerId
from edge.identity.window_tables import DictTable, SortedTable, packed
from edge.identity.windows import Windows
from tests.fakes import frozen_token as frozen
from tests.fakes.frozen_token import AT, DAY, INTERVAL

AMIRA, BEN = CustomerId(b"A" * 16), CustomerId(b"B" * 16)
KEYS = {day: f"amira's {day:08}".encode() for day in range(DAY - 1, DAY + 8)}
OTHERS = {day: f"ben's   {day:08}".encode() for day in range(DAY - 1, DAY + 8)}
STEP = timedelta(seconds=INTERVAL_S)


def token(interval: int, keys: dict[int, bytes] = KEYS) -> bytes:
    return rolling_id(keys[interval // 288], interval)


def rolled() -> Windows:
    windows = Windows()
    windows.put(AMIRA, KEYS, AT)
    windows.put(BEN, OTHERS, AT)
    windows.roll(AT)
    return windows


def whose(windows: Windows, one: bytes) -> CustomerId | None:
    found = windows.find(one)
    return found.customer_id if found else None


def test_a_token_of_now_and_of_five_minutes_around_is_found() -> None:
    windows = rolled()

    for interval in (INTERVAL - 1, INTERVAL, INTERVAL + 1):
        found = windows.find(token(interval))
        assert found is not None
        assert (found.customer_id, found.interval) == (AMIRA, interval)
        assert found.day_key == KEYS[DAY]
        assert whose(windows, token(interval, OTHERS)) == BEN
    assert windows.find(token(INTERVAL - 2)) is None
    assert windows.find(token(INTERVAL + 2)) is None


def test_the_windows_follow_the_clock_over_a_day() -> None:
    windows, clock = rolled(), SettableClock(AT)
    for _ in range(300):
        clock.advance(STEP)
        windows.roll(clock())
        here = interval_of(clock())
        around = [whose(windows, token(here + reach)) for reach in (-2, -1, 0, 1, 2)]
        assert around == [None, AMIRA, AMIRA, AMIRA, None]


def test_between_two_rolls_the_next_interval_is_already_there() -> None:
    windows = rolled()

    assert whose(windows, token(interval_of(AT + STEP))) == AMIRA


def test_rolling_again_within_an_interval_builds_nothing() -> None:
    windows = rolled()
    tables = windows._tables
    windows.roll(AT + timedelta(seconds=20))

    assert all(one is other for one, other in zip(tables, windows._tables, strict=True))


def test_when_the_keys_end_recognition_ends() -> None:
    windows = Windows()
    windows.put(AMIRA, {DAY: KEYS[DAY]}, AT)
    midnight = AT.replace(hour=23, minute=58)
    windows.roll(midnight)
    here = interval_of(midnight)

    assert whose(windows, token(here)) == AMIRA
    assert windows.find(token(here + 1)) is None


def test_who_enrolls_now_is_found_now_and_later() -> None:
    windows = rolled()
    new = CustomerId(b"N" * 16)
    keys = {day: bytes([day % 251]) * 16 for day in range(DAY - 1, DAY + 2)}
    windows.put(new, keys, AT)

    for step in range(6):
        here = INTERVAL + step
        around = [whose(windows, token(here + reach, keys)) for reach in (-1, 0, 1)]
        assert around == [new, new, new], step
        windows.roll(AT + (step + 1) * STEP)
    assert not windows._newcomers


def test_who_withdraws_is_unknown_at_once_and_stays_so() -> None:
    windows = rolled()
    windows.put(CustomerId(b"N" * 16), {DAY: b"n" * 16}, AT)
    windows.remove(AMIRA)
    windows.remove(CustomerId(b"N" * 16))
    windows.remove(CustomerId(b"never known" + bytes(5)))

    for step in range(4):
        for reach in (-1, 0, 1):
            assert windows.find(token(INTERVAL + step + reach)) is None
            assert windows.find(rolling_id(b"n" * 16, INTERVAL + step + reach)) is None
        windows.roll(AT + (step + 1) * STEP)
    assert len(windows) == 1


def test_who_comes_back_with_the_same_keys_is_known_again() -> None:
    windows = rolled()
    windows.remove(AMIRA)
    windows.put(AMIRA, KEYS, AT)

    assert whose(windows, token(INTERVAL)) == AMIRA


def test_a_new_key_replaces_the_old_one_at_once() -> None:
    windows = rolled()
    windows.put(AMIRA, {DAY: b"new key, 16 byte"}, AT)

    assert windows.find(token(INTERVAL)) is None
    assert whose(windows, rolling_id(b"new key, 16 byte", INTERVAL)) == AMIRA


def test_more_days_of_the_same_key_cost_no_newcomers() -> None:
    windows = rolled()
    windows.put(AMIRA, KEYS | {DAY + 8: b"one day more...."}, AT)

    assert not windows._newcomers
    assert whose(windows, token(INTERVAL)) == AMIRA


def test_a_clock_that_is_put_right_by_years_finds_everybody() -> None:
    windows = Windows()
    windows.put(AMIRA, KEYS, AT - timedelta(days=3650))
    windows.roll(AT - timedelta(days=3650))
    assert windows.find(token(INTERVAL)) is None

    windows.roll(AT)

    assert whose(windows, token(INTERVAL)) == AMIRA


@pytest.mark.parametrize("one", [b"", b"short", b"nine byte", bytes(8)])
def test_what_is_nobodys_token_is_not_found(one: bytes) -> None:
    assert rolled().find(one) is None
    assert Windows().find(one) is None


def test_the_frozen_customer_is_found() -> None:
    windows = Windows()
    windows.put(AMIRA, {DAY: frozen.DAY_KEY}, AT)
    windows.roll(AT)

    assert whose(windows, frozen.ROLLING_ID) == AMIRA


@pytest.mark.parametrize("kind", [DictTable, SortedTable])
def test_both_kinds_of_table_answer_alike(kind: type[DictTable] | type[SortedTable]) -> None:
    entries = [packed(CustomerId(bytes([n]) * 16), {DAY: bytes([n]) * 16}) for n in range(1, 200)]
    entries += [packed(CustomerId(b"keyless" + bytes(9)), {DAY + 1: bytes([7]) * 16})]
    table = kind(INTERVAL, entries)

    for n in range(1, 200):
        entry = table.get(rolling_id(bytes([n]) * 16, INTERVAL))
        assert entry is entries[n - 1]
    for strange in (bytes(8), b"\xff" * 8, rolling_id(bytes(16), INTERVAL)):
        assert table.get(strange) is None
    assert kind(INTERVAL, []).get(bytes(8)) is None


def test_large_shops_get_sorted_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window_tables, "MAX_DICT", 1)
    windows = rolled()

    assert all(isinstance(table, SortedTable) for table in windows._tables)
    assert whose(windows, token(INTERVAL)) == AMIRA
    assert whose(windows, token(INTERVAL, OTHERS)) == BEN


def test_a_day_without_a_key_between_two_is_no_key_of_zeros() -> None:
    entry = packed(AMIRA, {10: b"a" * 16, 12: b"b" * 16})

    assert [entry.key(day) for day in (9, 10, 11, 12, 13)] == [
        None,
        b"a" * 16,
        None,
        b"b" * 16,
        None,
    ]
    assert packed(AMIRA, {}).key(0) is None


def test_keys_far_apart_do_not_fill_the_memory() -> None:
    entry = packed(AMIRA, {0: b"a" * 16, 4_000_000_000: b"b" * 16})

    assert len(entry.keys) <= 16 * window_tables.MAX_DAYS
    assert entry.key(4_000_000_000) == b"b" * 16
    assert entry.key(0) is None


def enrol_and_withdraw(windows: Windows, name: int) -> list[str]:
    """Come and go, and return what went wrong."""
    wrong = []
    for turn in range(150):
        who, key = CustomerId(bytes([name, turn]) * 8), bytes([name, turn]) * 8
        windows.put(who, dict.fromkeys(range(DAY - 1, DAY + 30), key), AT)
        if whose(windows, rolling_id(key, INTERVAL)) != who:
            wrong.append("who enrolled was not found")
        windows.remove(who)
        if windows.find(rolling_id(key, INTERVAL)) is not None:
            wrong.append("who withdrew was found")
    return wrong


def test_while_one_thread_rolls_others_put_find_and_remove() -> None:
    windows, stop = rolled(), threading.Event()

    def roll() -> None:  # back and forth, so that tables are built all the time
        while not stop.is_set():
            windows.roll(AT + STEP)
            windows.roll(AT)

    with ThreadPoolExecutor(4) as threads:
        rolling = threads.submit(roll)
        wrong = list(threads.map(lambda name: enrol_and_withdraw(windows, name), (1, 2, 3)))
        stop.set()
        rolling.result()

    assert wrong == [[], [], []]
    assert len(windows) == 2


def test_what_is_found_shows_neither_key_nor_customer_when_it_is_printed() -> None:
    assert repr(rolled().find(token(INTERVAL))) == f"Found(interval={INTERVAL})"
    assert "amira" not in repr(packed(AMIRA, KEYS))
