"""Whatever offers a shop writes, a board decides nothing that is not for everybody."""

from tests.fakes.policy_properties import boards_decide_for_everybody


def test_no_intimate_private_or_personal_offer_is_decided_for_a_board() -> None:
    seen = boards_decide_for_everybody(100)

    assert min(seen["shown"], seen["left out"]) > 20
