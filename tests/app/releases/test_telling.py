"""One retained message tells of every name, and of none that nobody ever used."""

from datetime import UTC, datetime

from edge.app.releases.telling import Telling
from edge.wire.releases import Phase, ReleaseState, Serving, read_release_states


def state(name: str, phase: Phase = Phase.IDLE, *, seq: int = 0) -> ReleaseState:
    return ReleaseState(
        site="shop-1",
        device="kiosk-1",
        name=name,
        seq=seq,
        at=datetime(2026, 3, 3, tzinfo=UTC),
        serving=Serving(name=name, digest="factory"),
        phase=phase,
    )


def test_a_word_about_one_name_does_not_take_the_others_away() -> None:
    said: list[bytes] = []
    telling = Telling(said.append)
    telling(state("ranker"))
    telling(state("kiosk"))
    telling(state("ranker", Phase.OFFERED, seq=1))
    found = {one.name: one.phase for one in read_release_states(said[-1])}
    assert found == {"ranker": Phase.OFFERED, "kiosk": Phase.IDLE}


def test_a_shop_s_texts_are_told_of_once_there_were_any() -> None:
    said: list[bytes] = []
    telling = Telling(said.append)
    telling.once_there_is_news(state("shop-1"))
    assert said == []
    telling.once_there_is_news(state("shop-1", Phase.OFFERED, seq=1))
    telling(state("ranker"))
    assert {one.name for one in read_release_states(said[-1])} == {"shop-1", "ranker"}
