"""The learner's states follow each other, and what was changed between them is found."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from edge.core.errors import ContractError
from edge.experiment.snapshots import Snapshot, check_chain, following

AT = datetime(2026, 3, 3, 12, 5, tzinfo=UTC)


def chain(count: int) -> list[Snapshot]:
    made: list[Snapshot] = []
    for number in range(count):
        made.append(following(made[-1] if made else None, b"state %d" % number, number, AT))
    return made


def test_the_newest_of_a_sound_chain_is_what_the_shop_goes_on_from() -> None:
    kept = chain(5)

    assert check_chain(kept) == kept[-1]
    assert check_chain(kept[2:]) == kept[-1]
    assert check_chain([]) is None
    assert len({one.version for one in kept}) == 5


@pytest.mark.parametrize("number", [0, 2, 4])
def test_a_changed_state_is_found(number: int) -> None:
    kept = chain(5)
    kept[number] = replace(kept[number], state=b"other")

    with pytest.raises(ContractError, match=f"snapshot {number + 1} "):
        check_chain(kept)


def test_one_that_was_left_out_or_put_in_is_found() -> None:
    kept = chain(5)

    with pytest.raises(ContractError, match="snapshot 4 "):
        check_chain([*kept[:2], *kept[3:]])
    with pytest.raises(ContractError, match="snapshot 2 "):
        check_chain([*kept[:2], following(kept[0], b"own", 2, AT), *kept[2:]])
    forged = replace(following(kept[0], b"own", 2, AT), number=3)
    with pytest.raises(ContractError, match="snapshot 3 "):
        check_chain([*kept[:2], forged])
