"""What a board says, from facts in which no person has a place."""

import dataclasses
import typing
from datetime import UTC, datetime

import pytest

from edge.catalog.entry import Entry
from edge.catalog.offer import Offer
from edge.catalog.product import Product
from edge.catalog.site import Board, Section, Site
from edge.context.moment import Context
from edge.decide.values import Reason, Shown, Slate
from edge.web.board.columns import RowView
from edge.web.board.view import BoardFacts, BoardView, board_view
from edge.web.region import load_region
from edge.web.speech import Speech, Speeches
from tests.fakes.services import UI, FakeShop, harbour_kitchen

SITE = harbour_kitchen()
REGION = load_region(UI / "region", "gb")
SPEECHES = Speeches(UI / "i18n")


def speech(language: str = "en") -> Speech:
    return SPEECHES.speech(SITE.header, language)


def slate(sku: str, **changes: object) -> Slate:
    shown = Shown(
        slot=0,
        offer_id=f"product:{sku}",
        sku=sku,
        score=1.0,
        parts={"trend": 1.0},
        reason=Reason.POPULAR_NOW,
        propensity=1.0,
    )
    return Slate("d-1", "board-hero", (dataclasses.replace(shown, **changes),), "fake")  # type: ignore[arg-type]


def facts(**changes: object) -> BoardFacts:
    board = SITE.board("coffee-bar")
    assert board is not None
    context = FakeShop().context("signage")
    values: dict[str, object] = {
        "site": SITE,
        "board": board,
        "context": context,
        "sold_out": frozenset(),
        "hero": slate("latte"),
        "region": REGION,
        "picture": lambda what: f"/{what.picture}",
    }
    return BoardFacts(**{**values, **changes})  # type: ignore[arg-type]


def rows(view: BoardView) -> list[RowView]:
    return [row for column in view.columns for section in column for row in section.rows]


def test_the_same_facts_give_the_same_view() -> None:
    assert board_view(facts(), speech()) == board_view(facts(), speech())


def test_the_header_names_the_daypart_and_its_hours() -> None:
    view = board_view(facts(), speech())

    assert (view.brand, view.daypart, view.hours) == ("Harbour Kitchen", "Lunch", "11:00–14:30")  # noqa: RUF001


def test_the_hero_says_why_it_is_there() -> None:
    hero = board_view(facts(), speech()).hero

    assert hero is not None
    assert (hero.name, hero.chip) == ("Caffè Latte", "Popular here this lunchtime")
    assert hero.price_from == "from"


def test_a_hero_that_the_shop_offers_says_what_the_offer_says() -> None:
    iced = board_view(facts(hero=slate("latte", offer_id="over-ice")), speech()).hero
    plain = board_view(facts(), speech()).hero

    assert iced is not None
    assert plain is not None
    assert (iced.name, iced.description) == ("Caffè Latte", "Have it over ice today")
    assert plain.description == "Espresso under plenty of silky steamed milk"


def test_a_hero_that_the_shop_offers_over_ice_is_shown_over_ice() -> None:
    iced = board_view(facts(hero=slate("latte", offer_id="over-ice")), speech()).hero
    plain = board_view(facts(), speech()).hero

    assert iced is not None
    assert plain is not None
    assert (iced.picture, plain.picture) == ("/latte-iced.svg", "/latte.svg")


def test_a_paid_hero_is_labelled_whatever_its_reason() -> None:
    hero = board_view(facts(hero=slate("latte", is_sponsored=True)), speech()).hero

    assert hero is not None
    assert (hero.chip, hero.is_sponsored) == ("Sponsored", True)


def test_the_hero_s_row_is_marked() -> None:
    assert [row.sku for row in rows(board_view(facts(), speech())) if row.is_hero] == ["latte"]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"sold_out": frozenset({"latte"})}, id="sold out"),
        pytest.param({"hero": slate("unknown")}, id="not in the catalog any more"),
        pytest.param({"hero": None}, id="nothing fits"),
        pytest.param({"hero": Slate("d", "board-hero", (), "fake")}, id="an empty slate"),
    ],
)
def test_a_hero_that_cannot_be_sold_is_not_shown(changes: dict[str, object]) -> None:
    view = board_view(facts(**changes), speech())

    assert view.hero is None
    assert not any(row.is_hero for row in rows(view))


def test_a_sold_out_product_keeps_its_row_and_is_marked() -> None:
    view = board_view(facts(sold_out=frozenset({"espresso"})), speech())

    assert [row.sku for row in rows(view) if row.is_sold_out] == ["espresso"]


def test_every_product_of_the_board_s_sections_has_its_row() -> None:
    expected = [p.sku for p in SITE.products if p.section in {"coffee", "chai-chocolate"}]

    assert sorted(row.sku for row in rows(board_view(facts(), speech()))) == sorted(expected)


def with_product(change: dict[str, object]) -> Site:
    products = tuple(
        product.model_copy(update=change) if product.sku == "espresso" else product
        for product in SITE.products
    )
    return SITE.model_copy(update={"products": products})


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"price_minor": None}, id="no price"),
        pytest.param({"allergens": None}, id="allergens not known"),
        pytest.param({"dayparts": frozenset({"breakfast"})}, id="served at another hour"),
    ],
)
def test_what_cannot_be_sold_now_is_left_out(change: dict[str, object]) -> None:
    view = board_view(facts(site=with_product(change)), speech())

    assert "espresso" not in [row.sku for row in rows(view)]


def at(moment: datetime, *, daypart: str | None = None, is_open: bool = True) -> Context:
    return Context(moment, moment, daypart, is_open, None, None, {})


def test_without_a_clock_the_board_stands_all_day_with_everything_on_it() -> None:
    site = with_product({"dayparts": frozenset({"breakfast"})})
    view = board_view(facts(site=site, context=at(datetime(1970, 1, 1, tzinfo=UTC))), speech())

    assert (view.daypart, view.hours, view.until_ms) == ("All day", "", 0)
    assert "espresso" in [row.sku for row in rows(view)]


def test_outside_opening_hours_it_says_when_the_shop_opens_again() -> None:
    night = at(datetime(2026, 3, 3, 22, tzinfo=UTC), is_open=False)
    view = board_view(facts(context=night), speech())

    assert view.closed is not None
    assert view.closed.again == "Open again tomorrow at 06:00"


def test_the_footer_says_what_the_law_and_our_promise_ask_for() -> None:
    view = board_view(facts(), speech())

    assert any("2000 kcal" in statement for statement in view.statements)
    assert any("illustration" in statement.lower() for statement in view.statements)
    assert "no picture is kept" in view.notice
    assert view.tax_note


def test_a_board_speaks_each_language_of_the_shop() -> None:
    view = board_view(facts(), speech("de"))

    assert view.daypart == "Mittag"
    assert view.hero is not None
    assert view.hero.chip == "Hier beliebt heute Mittag"
    assert "2,00" in rows(view)[0].price


def test_more_rows_than_fit_are_left_out_and_said_so() -> None:
    board = Board(id="all", name={"en": "All"}, sections=("coffee", "chai-chocolate", "bakery"))
    view = board_view(facts(board=board), speech())

    assert len(rows(view)) == 22
    assert view.hero is None
    assert view.more == "More at the counter and on our kiosks."


PERSONAL = (
    "visit",
    "visitor",
    "basket",
    "token",
    "profile",
    "pseudonym",
    "customer",
    "avoid",
    "fewer",
    "history",
    "rssi",
    "pairing",
)
ALLOWED = {"screen_id"}
RULES = {"Placement.needs_basket", "Caps.per_visit", "Attribution.visit"}
"""What a shop wrote down about rows, caps and learning: no basket, and nobody's visit."""


def fields_below(kind: object, seen: set[object]) -> list[str]:
    """Return the names of every field that can be reached from the type ``kind``."""
    if isinstance(kind, list):  # the arguments of a Callable
        return [name for argument in kind for name in fields_below(argument, seen)]
    if kind in seen:
        return []
    seen.add(kind)
    found: list[str] = []
    for argument in typing.get_args(kind):
        found += fields_below(argument, seen)
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        for name, inner in typing.get_type_hints(kind).items():
            found += [f"{kind.__name__}.{name}", *fields_below(inner, seen)]
    elif isinstance(kind, type) and issubclass(kind, Entry):
        for name, field in kind.model_fields.items():
            found += [f"{kind.__name__}.{name}", *fields_below(field.annotation, seen)]
    return found


def test_no_field_that_a_board_can_reach_holds_anything_personal() -> None:
    names = fields_below(BoardFacts, set()) + fields_below(BoardView, set())

    assert {"BoardFacts.context", "Context.trend", "RowView.sku"} <= set(names)
    suspicious = [
        name
        for name in names
        if any(word in name.split(".")[1] for word in PERSONAL) and name not in RULES
    ]
    assert suspicious == []


def test_the_types_that_are_walked_are_the_catalog_s_own() -> None:
    names = fields_below(BoardFacts, set())

    for kind in (Product, Section, Offer):
        assert any(name.startswith(f"{kind.__name__}.") for name in names)
