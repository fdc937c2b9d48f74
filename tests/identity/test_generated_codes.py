"""Of many codes of every kind only those open that are fresh, whole, new and a customer's.

``make soak`` presents a million; here it is twenty thousand.
"""

from tests.fakes.presented_codes import OPENS, OWN, SIGNED, present_many

COUNT = 20_000


def test_of_20_000_codes_none_opens_that_is_forged_replayed_expired_or_foreign() -> None:
    answers, wrong = present_many(COUNT, "the suite's")

    assert wrong == []
    assert answers.total() == COUNT
    opened = {name for name, told in answers if told == OPENS}
    assert opened == {"fresh K1", "fresh K2", "fresh K4"}
    assert {name for name, _ in answers} == {*OWN, *SIGNED}
