"""Pages hear what is new, the newest of each slot only, and free their place when they leave."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from edge.web import live
from edge.web.app import create_app
from edge.web.live import EVERYBODY, QUEUE, Event, LiveHub, Subscriber
from edge.web.parts import parts_of
from tests.fakes.services import FakeShop
from tests.web.conftest import browser


@pytest.fixture
def hub() -> Iterator[LiveHub]:
    hub = LiveHub(max_streams=3, first_revision=100)
    yield hub
    hub.close()


def texts(subscriber: Subscriber) -> list[str]:
    return [event.text for event in subscriber.take(0)]


def test_only_the_pages_of_a_screen_hear_its_events(hub: LiveHub) -> None:
    with hub.subscribed("board-1") as one, hub.subscribed("board-2") as two:
        assert one is not None
        assert two is not None
        reached = hub.publish("board-1", "board", {"rev": 1})

        assert reached == 1
        assert texts(one) == ['{"rev":1}']
        assert texts(two) == []


def test_an_event_for_everybody_reaches_everybody(hub: LiveHub) -> None:
    with hub.subscribed("board-1"), hub.subscribed("kiosk-1"):
        assert hub.publish(EVERYBODY, "reload", {}) == 2


def test_a_slow_page_gets_only_the_newest_of_each_slot(hub: LiveHub) -> None:
    with hub.subscribed("kiosk-1") as page:
        assert page is not None
        hub.publish("kiosk-1", "stock", 1, slot="latte")
        hub.publish("kiosk-1", "stock", 2, slot="espresso")
        hub.publish("kiosk-1", "stock", 3, slot="latte")

        assert texts(page) == ["2", "3"]


def test_events_of_different_names_do_not_replace_each_other(hub: LiveHub) -> None:
    with hub.subscribed("kiosk-1") as page:
        assert page is not None
        hub.publish("kiosk-1", "stock", 1)
        hub.publish("kiosk-1", "visit-over", 2)

        assert texts(page) == ["1", "2"]


def test_a_page_that_takes_nothing_holds_a_bounded_number_of_events(hub: LiveHub) -> None:
    with hub.subscribed("kiosk-1") as page:
        assert page is not None
        for number in range(1000):
            hub.publish("kiosk-1", "stock", number, slot=str(number))

        assert texts(page) == [str(n) for n in range(1000 - QUEUE, 1000)]


def test_revisions_only_grow_whoever_asks(hub: LiveHub) -> None:
    with ThreadPoolExecutor(8) as threads:
        revisions = list(threads.map(lambda _: hub.next_revision(), range(500)))

    assert sorted(revisions) == list(range(101, 601))


def test_a_place_is_refused_when_all_are_taken_and_free_again_when_a_page_leaves(
    hub: LiveHub,
) -> None:
    with hub.subscribed("a"), hub.subscribed("b"):
        with hub.subscribed("c") as third, hub.subscribed("d") as fourth:
            assert third is not None
            assert fourth is None
        with hub.subscribed("d") as fourth:
            assert fourth is not None
    assert hub.count() == 0


def test_an_event_is_one_block_with_its_revision_as_id() -> None:
    block = Event("board", '{"html":"a\\nb"}', 7).encode()

    assert block == b'id: 7\nevent: board\ndata: {"html":"a\\nb"}\n\n'


def test_a_stream_begins_with_how_soon_to_come_back() -> None:
    subscriber = Subscriber("board-1")
    blocks = live._blocks(subscriber, lambda: False)

    assert next(blocks) == b"retry: 1500\n\n"


def test_a_stream_ends_when_its_page_has_left() -> None:
    blocks = live._blocks(Subscriber("board-1"), lambda: True)

    assert len(list(blocks)) == 1


def test_a_stream_ends_when_the_service_closes(hub: LiveHub) -> None:
    with hub.subscribed("board-1") as subscriber:
        assert subscriber is not None
        blocks = live._blocks(subscriber, lambda: False)
        next(blocks)
        hub.publish("board-1", "board", {"rev": 1})
        hub.close()

        assert list(blocks) == [b'id: 101\nevent: board\ndata: {"rev":1}\n\n']


def test_a_quiet_stream_gives_a_sign_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LOOK_S", 0.001)
    monkeypatch.setattr(live, "BEAT_S", 0.002)
    blocks = live._blocks(Subscriber("board-1"), lambda: False)
    next(blocks)

    assert next(blocks) == b": beat\nevent: beat\ndata: 1\n\n"


def test_a_stream_of_an_unknown_screen_is_refused(app: Flask) -> None:
    response = browser(app).get("/live?screen=nobody")

    assert response.status_code == 404
    assert "'nobody'" in response.text


def test_a_stream_beyond_the_limit_is_told_to_come_back() -> None:
    app = create_app(FakeShop(max_streams=1).services())
    with parts_of(app).hub.subscribed("board-1"):
        response = browser(app).get("/live?screen=board-1")

    assert response.status_code == 503
    assert response.headers["Retry-After"] == "5"


def test_a_page_that_closes_its_stream_gives_its_place_back(app: Flask) -> None:
    hub = parts_of(app).hub
    response = browser(app).get("/live?screen=board-1", buffered=False)
    assert response.mimetype == "text/event-stream"
    assert hub.count("board-1") == 1

    response.close()

    assert hub.count("board-1") == 0
