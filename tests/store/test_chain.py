"""What makes a chain: bytes that only one content has, and a head that never goes back."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.core.clock import SettableClock
from edge.store.chain import START, Chain, Head, Link, Value, canonical, keyed, runs
from edge.store.chain_keys import KeptHeads, chain_of
from edge.store.keys import KeyFile
from tests.fakes.proofs import proofs
from tests.fakes.recorded import NOON

values = st.lists(
    st.one_of(st.none(), st.text(max_size=4), st.binary(max_size=4), st.integers(-99, 99)),
    max_size=4,
)


class InMemory:
    """Heads without a file."""

    def __init__(self) -> None:
        self.head = START

    def kept(self, _chain: str) -> Head:
        return self.head

    def keep(self, _chain: str, head: Head) -> None:
        self.head = head


@settings(max_examples=200, deadline=None)
@given(values, values)
def test_two_contents_never_have_the_same_bytes(one: list[Value], other: list[Value]) -> None:
    assert (canonical(*one) == canonical(*other)) == (one == other)


@pytest.mark.parametrize(
    ("one", "other"),
    [(("1",), (1,)), (("ab", "c"), ("a", "bc")), ((None,), ("",)), ((b"a",), ("a",))],
)
def test_kinds_and_borders_are_part_of_the_bytes(
    one: tuple[Value, ...], other: tuple[Value, ...]
) -> None:
    assert canonical(*one) != canonical(*other)


def test_a_head_never_goes_back() -> None:
    heads = InMemory()
    chain = Chain("c", keyed(b"k" * 32), heads)
    chain.keep(Head(2, b"b" * 32))
    chain.keep(Head(1, b"a" * 32))

    assert heads.head == Head(2, b"b" * 32)


def test_a_chain_goes_on_behind_what_was_cut_off() -> None:
    heads = InMemory()
    heads.head = Head(9, b"h" * 32)
    link = Chain("c", keyed(b"k" * 32), heads).next(Head(3, b"x" * 32), b"said")

    assert (link.n, link.prev) == (10, b"h" * 32)


def test_chains_with_the_same_key_do_not_take_each_others_entries() -> None:
    one, other = (Chain(name, keyed(b"k" * 32), InMemory()) for name in ("one", "other"))
    link = one.next(None, b"said")

    assert one.is_own(link)
    assert not other.is_own(link)


def test_a_run_ends_where_an_entry_does_not_follow() -> None:
    one, two, four = Link(1, b"", b"1", b""), Link(2, b"1", b"2", b""), Link(4, b"3", b"4", b"")

    assert list(runs([one, two, four])) == [[one, two], [four]]
    assert list(runs([])) == []


def test_each_chain_has_a_key_of_its_own_and_heads_outlive_a_restart(tmp_path: Path) -> None:
    with proofs(tmp_path) as made:
        first, second = (chain_of(made.keys, name) for name in ("one", "two"))
        first.keep(Head(7, b"h" * 32))
        assert first.next(None, b"x").mac != second.next(None, b"x").mac
        assert second.head() == START
    keys = KeyFile.open(tmp_path, clock=SettableClock(NOON), chance=bytes)
    try:
        assert KeptHeads(keys).kept("one") == Head(7, b"h" * 32)
        keys.note("head/one", b"short")
        assert KeptHeads(keys).kept("one") == START
    finally:
        keys.close()
