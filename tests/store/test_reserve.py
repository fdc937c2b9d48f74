"""Space is put aside while there is some, and given up when there is none."""

from pathlib import Path

from edge.store.reserve import Reserve


def test_the_reserve_takes_real_space_and_gives_it_back(tmp_path: Path) -> None:
    reserve = Reserve(tmp_path, 1 << 20)

    assert reserve.hold()
    assert reserve.hold()
    assert (tmp_path / "reserve").stat().st_blocks * 512 >= 1 << 20
    assert reserve.give_up()
    assert reserve.is_given_up
    assert not reserve.give_up()
    assert reserve.hold()
    assert not reserve.is_given_up


def test_a_reserve_of_nothing_is_never_there(tmp_path: Path) -> None:
    reserve = Reserve(tmp_path, 0)

    assert not reserve.hold()
    assert not reserve.give_up()
    assert list(tmp_path.iterdir()) == []


def test_no_reserve_is_taken_where_space_is_short(tmp_path: Path) -> None:
    assert not Reserve(tmp_path, 1 << 60).hold()


def test_a_folder_that_is_gone_has_no_reserve(tmp_path: Path) -> None:
    assert not Reserve(tmp_path / "none", 1 << 20).hold()
