"""A code that is held before a camera is one scan."""

from edge.devices.code_source import AGAIN_AFTER_S, InSight


def test_a_code_that_stays_in_sight_is_new_only_once() -> None:
    in_sight = InSight()

    assert in_sight.is_new("a", 0.0)
    assert not any(in_sight.is_new("a", at / 2) for at in range(1, 100))


def test_a_code_is_new_again_after_two_seconds_out_of_sight() -> None:
    in_sight = InSight()
    in_sight.is_new("a", 0.0)

    assert not in_sight.is_new("a", AGAIN_AFTER_S - 0.1)
    assert in_sight.is_new("a", 2 * AGAIN_AFTER_S)


def test_another_code_is_new_at_once() -> None:
    in_sight = InSight()
    in_sight.is_new("a", 0.0)

    assert in_sight.is_new("b", 0.0)


def test_no_more_than_64_texts_are_remembered_and_none_for_long() -> None:
    in_sight = InSight()
    for number in range(1_000):
        in_sight.is_new(str(number), 0.0)

    assert len(in_sight._seen) <= 64

    in_sight.is_new("later", 10.0)

    assert list(in_sight._seen) == ["later"]
