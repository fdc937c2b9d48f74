"""A board's hero changes on its own clock, and never because of a person."""

from datetime import timedelta

from edge.app.board_heroes import BoardHeroes
from edge.catalog.site import Board
from edge.context.moment import Weather
from edge.core.clock import SettableClock
from edge.decide.values import Asked, Reason, Shown, Slate
from tests.fakes import shop

BOARD = Board(id="main", name={"en": "Main"}, sections=("food",), hero="hero")


class Shop:
    """Counts how often a hero was decided; sells tea, then buns when the tea is gone."""

    def __init__(self) -> None:
        self.clock = SettableClock(shop.NOON)
        self.sold_out: frozenset[str] = frozenset()
        self.weather: Weather | None = None
        self.decided = 0
        self.heroes = BoardHeroes(
            self.serve,
            lambda: shop.context(self.clock(), weather=self.weather),
            lambda: self.sold_out,
            clock=self.clock,
            hold=timedelta(minutes=10),
        )

    def serve(self, asked: Asked) -> Slate:
        self.decided += 1
        sku = "bun" if "tea" in self.sold_out else "tea"
        shown = Shown(0, f"product:{sku}", sku, 1.0, {}, Reason.POPULAR_NOW, 1.0)
        return Slate(f"d{self.decided}", asked.placement_id, (shown,), "table")

    def hero(self, screen_id: str = "board-1") -> str:
        slate = self.heroes(BOARD, screen_id)
        assert slate is not None
        return slate.decision_id


def test_a_hero_stays_until_the_next_mark_of_its_grid() -> None:
    now = Shop()
    first = now.hero()
    now.clock.advance(timedelta(minutes=4, seconds=59))
    assert now.hero() == first

    now.clock.advance(timedelta(seconds=1))
    assert now.hero() != first


def test_a_hero_that_sold_out_is_replaced_at_once() -> None:
    now = Shop()
    now.hero()
    now.sold_out = frozenset({"tea"})
    slate = now.heroes(BOARD, "board-1")

    assert slate is not None
    assert slate.shown[0].sku == "bun"


def test_another_product_selling_out_leaves_the_hero_alone() -> None:
    now = Shop()
    first = now.hero()
    now.sold_out = frozenset({"salad"})

    assert now.hero() == first


def test_a_weather_that_was_set_changes_the_hero_at_once() -> None:
    now = Shop()
    first = now.hero()
    now.weather = Weather(31, is_wet=False)

    assert now.hero() != first


def test_each_screen_has_a_decision_of_its_own() -> None:
    now = Shop()

    assert now.hero("board-1") != now.hero("board-2")


def test_a_board_without_a_hero_asks_for_none() -> None:
    now = Shop()
    plain = BOARD.model_copy(update={"hero": None})

    assert now.heroes(plain, "board-1") is None
    assert now.decided == 0
