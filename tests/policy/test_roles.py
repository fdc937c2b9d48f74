"""Who may do what is one table, and what is not in it is denied."""

import pytest

from edge.policy.roles import ALLOWED, Action, Role, may

PERSONAL = {
    Action.SEE_MY_DATA: {Role.PHONE},
    Action.CHANGE_MY_DATA: {Role.PHONE},
    Action.SEE_CARD: {Role.ASSOCIATE, Role.LEAD},
    Action.SEE_PRESENCES: {Role.ASSOCIATE, Role.LEAD},
    Action.ASSIST_CONSENT: {Role.LEAD},
}


def who(action: Action) -> set[Role]:
    return {role for role in Role if may(role, action)}


@pytest.mark.parametrize(("action", "roles"), PERSONAL.items())
def test_a_customers_facts_are_for_themselves_and_for_who_serves_them(
    action: Action, roles: set[Role]
) -> None:
    assert who(action) == roles


def test_a_stranger_sees_no_screen_no_figure_and_no_order() -> None:
    assert ALLOWED[Role.NOBODY] == {
        Action.PROBE,
        Action.READ_ASSET,
        Action.SEE_FIRST_PAGE,
        Action.OPEN_PAIRING,
        Action.ENROL_TABLET,
        Action.SIGN_IN,
    }


def test_a_board_shows_and_does_nothing_else() -> None:
    strangers = {Action.OPEN_PAIRING, Action.ENROL_TABLET, Action.SIGN_IN}

    assert ALLOWED[Role.SIGNAGE] - ALLOWED[Role.NOBODY] == {
        Action.SEE_BOARD,
        Action.FOLLOW_SCREEN,
    }
    assert not ALLOWED[Role.SIGNAGE] & strangers


def test_stock_is_changed_by_tills_and_by_a_signed_in_lead_or_admin() -> None:
    assert who(Action.CHANGE_STOCK) == {Role.LEAD, Role.ADMIN, Role.TILL}


def test_operations_are_for_leads_admins_and_the_device_itself() -> None:
    assert who(Action.SEE_OPS) == {Role.LEAD, Role.ADMIN, Role.OPS}
    assert who(Action.READ_METRICS) == {Role.OPS}
    assert who(Action.MANAGE_TEAM) == {Role.ADMIN}


def test_every_action_is_somebodys_and_every_role_has_its_row() -> None:
    assert all(who(action) for action in Action)
    assert set(ALLOWED) == set(Role)


@pytest.mark.parametrize("role", ["", "root", "Admin", "associate "])
def test_an_unknown_role_may_nothing_not_even_what_everybody_may(role: str) -> None:
    assert not any(may(role, action) for action in Action)


@pytest.mark.parametrize("action", ["", "see", "SEE_CARD", "see card "])
def test_an_unknown_action_is_for_nobody(action: str) -> None:
    assert not any(may(role, action) for role in Role)


def test_names_stand_for_their_members() -> None:
    assert may("lead", "assist consent")
    assert not may("associate", "assist consent")
