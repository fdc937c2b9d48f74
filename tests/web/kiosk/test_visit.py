"""A visit as a value: whose it is may change, and what one did is not the other's."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from edge.catalog.allergens import Allergen
from edge.catalog.order import Line
from edge.decide.values import Slate
from edge.identity.presence import Presence, Presented
from edge.identity.profile import CustomerId
from edge.web.kiosk.visit import Visit, presence_id

NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
ALEX = CustomerId(b"alex".ljust(16))
SAM = CustomerId(b"sam".ljust(16))


def presence(customer_id: CustomerId = ALEX, name: str = "p-1") -> Presence:
    until_at = NOON + timedelta(minutes=10)
    return Presence(name, "kiosk-1", customer_id, Presented.CODE, NOON, until_at)


def busy_visit(who: Presence | None = None) -> Visit:
    visit = Visit("key", "v-1", "kiosk-1", "en", "take_away", NOON, presence=who)
    visit = visit.with_basket(visit.basket.with_added(Line("latte", {})))
    return replace(
        visit.with_slate(Slate("d-1", "kiosk-strip", (), "fake")),
        avoid=frozenset({Allergen.NUTS}),
        fewer=frozenset({"latte"}),
        exposed=frozenset({"d-1"}),
        row_id="kiosk-new",
        is_unfolded=True,
    )


def test_whoever_comes_or_goes_the_rows_of_before_cannot_be_asked_about() -> None:
    for before, after in ((None, presence()), (presence(), None), (presence(), presence(SAM))):
        met = busy_visit(before).meeting(after, "v-2")

        assert (met.visit_id, met.presence) == ("v-2", after)
        assert (met.slates, met.exposed, met.row_id, met.is_unfolded) == (
            (),
            frozenset(),
            "",
            False,
        )
        assert met.basket == busy_visit().basket
        assert met.key == "key"


def test_a_guest_who_shows_their_code_keeps_their_wishes_and_so_they_do_after_it() -> None:
    for before, after in (
        (None, presence()),
        (presence(), None),
        (presence(), presence(ALEX, "p-2")),
    ):
        met = busy_visit(before).meeting(after, "v-2")

        assert (met.avoid, met.fewer) == (frozenset({Allergen.NUTS}), frozenset({"latte"}))


def test_another_customer_finds_no_wishes() -> None:
    met = replace(busy_visit(presence()), is_in_normal_order=True).meeting(
        presence(SAM, "p-2"), "v-2"
    )

    assert (met.avoid, met.fewer, met.is_in_normal_order) == (frozenset(), frozenset(), False)


def test_a_visit_shows_nobody_in_a_log_line() -> None:
    shown = repr(busy_visit(presence()))

    assert "alex" not in shown
    assert "p-1" not in shown
    assert "nuts" not in shown.lower()


def test_two_presences_of_a_customer_are_two() -> None:
    assert presence_id(None) is None
    assert presence_id(presence()) != presence_id(presence(ALEX, "p-2"))
