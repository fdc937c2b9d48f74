"""Somebody opens streams without end: the other screens keep theirs."""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from edge.app.server import Server, bind
from edge.app.settings import Listen
from edge.web.live import LiveHub
from edge.web.parts import parts_of
from tests.fakes.appliance import appliance

PLACES = 8


@pytest.fixture
def hub() -> Iterator[LiveHub]:
    hub = LiveHub(max_streams=PLACES, first_revision=0)
    yield hub
    hub.close()


def test_many_pages_of_one_screen_do_not_leave_another_without_its_stream(hub: LiveHub) -> None:
    with ExitStack() as open_pages:
        flood = [open_pages.enter_context(hub.subscribed("kiosk-1")) for _ in range(3 * PLACES)]
        board = open_pages.enter_context(hub.subscribed("board-1"))

        assert board is not None
        assert hub.count() == PLACES
        again = [open_pages.enter_context(hub.subscribed("kiosk-1")) for _ in range(3 * PLACES)]
        assert not board.is_closed
        assert flood[0] is not None
        assert flood[0].is_closed
        assert again[-1] is not None
        assert not again[-1].is_closed
    assert hub.count() == 0


def test_a_screen_for_every_place_leaves_none_for_one_more(hub: LiveHub) -> None:
    with ExitStack() as open_pages:
        for number in range(PLACES):
            assert open_pages.enter_context(hub.subscribed(f"screen-{number}"))
        assert open_pages.enter_context(hub.subscribed("one-more")) is None


def page(port: int) -> socket.socket:
    """Open a stream as a browser does, and read its first line."""
    found = socket.create_connection(("127.0.0.1", port), timeout=5)
    found.sendall(b"GET /live?screen=board-1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert found.recv(15) == b"HTTP/1.1 200 OK"
    return found


def test_pages_that_vanish_without_a_word_give_their_places_back_at_once(tmp_path: Path) -> None:
    with appliance(tmp_path) as built:
        listen = Listen(port=0, threads=16)
        server = Server(built.app, listen, bind(listen))
        serving = threading.Thread(target=server.run)
        serving.start()
        try:
            hub = parts_of(built.app).hub
            pages = [page(server.port) for _ in range(6)]
            assert hub.wait_for(lambda: hub.count() == 6, timeout_s=5)
            for one in pages:
                one.close()

            # Shorter than the sign of life, whose failure would show it too, but 10 s later.
            assert hub.wait_for(lambda: hub.count() == 0, timeout_s=5)
        finally:
            hub.close()
            server.close()
            serving.join(10)
