"""One stream of events to each open page, over server-sent events.

A page opens ``GET /live?screen=ID`` once and gets every event of its screen by name. A stream
never replays: what a slot was before does not matter, so a slow page gets only the newest of
each slot, and after a break it asks for its whole state again.

Source: WHATWG HTML, "Server-sent events"; screens.md, "Serving".
"""

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Condition
from typing import Final

import orjson
from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound, ServiceUnavailable

QUEUE: Final = 8
"""Slots that may wait for one page; the ninth takes the place of the oldest."""

BEAT_S: Final = 10.0
"""Seconds between signs of life; a page that misses three shows that its link is lost."""

LOOK_S: Final = 1.0
"""Seconds between looks whether a page that gets nothing has left, to free its thread."""

RETRY_MS: Final = 1500
RETRY_AFTER_S: Final = 5
EVERYBODY: Final = "*"


@dataclass(frozen=True, slots=True)
class Event:
    """One event as it goes over the wire; ``revision`` is its id."""

    name: str
    text: str  # JSON, so one line
    revision: int

    def encode(self) -> bytes:
        """Return the event's block of lines."""
        return f"id: {self.revision}\nevent: {self.name}\ndata: {self.text}\n\n".encode()


class Subscriber:
    """One open page: the newest event of each slot, until the page takes it."""

    def __init__(self, screen_id: str) -> None:
        self.screen_id = screen_id
        self._waiting: OrderedDict[tuple[str, str], Event] = OrderedDict()
        self._changed = Condition()
        self._is_closed = False

    def put(self, slot: str, event: Event) -> None:
        """Let ``event`` wait in the place of an older one of its name and slot."""
        with self._changed:
            key = (event.name, slot)
            self._waiting.pop(key, None)  # latest wins, and goes to the end
            self._waiting[key] = event
            while len(self._waiting) > QUEUE:
                self._waiting.popitem(last=False)
            self._changed.notify()

    def take(self, timeout_s: float) -> tuple[Event, ...]:
        """Return what waits, oldest first; () after ``timeout_s`` without anything."""
        with self._changed:
            if not self._waiting and not self._is_closed:
                self._changed.wait(timeout_s)
            taken = tuple(self._waiting.values())
            self._waiting.clear()
            return taken

    def close(self) -> None:
        """End the stream of this page."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()

    @property
    def is_closed(self) -> bool:
        """Whether the stream is to end."""
        return self._is_closed


class LiveHub:
    """Every open page, and the way to reach them by screen. Safe to use from several threads."""

    def __init__(self, max_streams: int, first_revision: int) -> None:
        self._max_streams = max_streams
        self._revision = first_revision
        self._subscribers: dict[Subscriber, None] = {}  # oldest first
        self._lock = Condition()
        self._is_closed = False

    def next_revision(self) -> int:
        """Return a number that is larger than every one before it."""
        with self._lock:
            self._revision += 1
            return self._revision

    def publish(
        self, screen_id: str, event: str, data: object, *, slot: str = "", revision: int = 0
    ) -> int:
        """Send ``data`` to every page of ``screen_id`` ("*" for all); return how many there are.

        Never waits: a page that is slow gets the newest of each ``slot`` when it takes it.
        """
        text = orjson.dumps(data).decode()
        item = Event(event, text, revision or self.next_revision())
        with self._lock:
            found = [s for s in self._subscribers if screen_id in (EVERYBODY, s.screen_id)]
        for subscriber in found:
            subscriber.put(slot, item)
        return len(found)

    @contextmanager
    def subscribed(self, screen_id: str) -> Iterator[Subscriber | None]:
        """Give a place to one page; None when every place is taken or the hub is closed.

        When every place is taken, a screen that has several gives its oldest up: many pages of
        one screen must not leave the others without theirs.
        """
        subscriber = Subscriber(screen_id)
        with self._lock:
            is_full = len(self._subscribers) >= self._max_streams
            crowding = self._crowding() if is_full else None
            if crowding is not None:
                self._subscribers.pop(crowding, None)
                crowding.close()
            has_place = not self._is_closed and (not is_full or crowding is not None)
            if has_place:
                self._subscribers[subscriber] = None
        try:
            yield subscriber if has_place else None
        finally:
            with self._lock:
                self._subscribers.pop(subscriber, None)
                self._lock.notify_all()

    def count(self, screen_id: str = EVERYBODY) -> int:
        """Return how many pages are open, of one screen or of all."""
        with self._lock:
            if screen_id == EVERYBODY:
                return len(self._subscribers)
            return sum(s.screen_id == screen_id for s in self._subscribers)

    def wait_for(self, is_so: Callable[[], bool], timeout_s: float) -> bool:
        """Wait until ``is_so`` holds, looking again whenever a page leaves."""
        with self._lock:
            return self._lock.wait_for(is_so, timeout_s)

    def close(self) -> None:
        """End every stream and take no new ones."""
        with self._lock:
            self._is_closed = True
            closing = list(self._subscribers)
        for subscriber in closing:
            subscriber.close()

    def _crowding(self) -> Subscriber | None:
        """Return the oldest page of the screen with the most; None when each has only one."""
        pages = Counter(subscriber.screen_id for subscriber in self._subscribers)
        most = max(pages.values(), default=0)
        return next((s for s in self._subscribers if 1 < most == pages[s.screen_id]), None)


def blueprint(hub: LiveHub, known: Callable[[str], bool]) -> Blueprint:
    """Serve ``GET /live?screen=ID`` for screens that are ``known``."""
    live = Blueprint("live", __name__)

    @live.get("/live")
    def stream() -> Response:
        screen_id = request.args.get("screen", "")
        if not known(screen_id):
            msg = f"wanted a screen of this appliance, got {screen_id[:60]!r}; / lists them"
            raise NotFound(msg)
        place = hub.subscribed(screen_id)
        subscriber = place.__enter__()
        if subscriber is None:
            place.__exit__(None, None, None)
            msg = "every place for a live screen is taken; try again in a few seconds"
            raise ServiceUnavailable(msg, response=None, retry_after=RETRY_AFTER_S)
        has_left: Callable[[], bool] = request.environ.get(
            "waitress.client_disconnected", lambda: False
        )
        response = Response(_blocks(subscriber, has_left), content_type="text/event-stream")
        response.headers["X-Accel-Buffering"] = "no"
        response.call_on_close(lambda: place.__exit__(None, None, None))
        return response

    return live


def _blocks(subscriber: Subscriber, has_left: Callable[[], bool]) -> Iterator[bytes]:
    yield f"retry: {RETRY_MS}\n\n".encode()
    quiet_s = 0.0
    while not has_left():
        events = subscriber.take(LOOK_S)
        if events:
            quiet_s = 0.0
            yield b"".join(event.encode() for event in events)
            continue
        if subscriber.is_closed:
            return
        quiet_s += LOOK_S
        if quiet_s >= BEAT_S:
            quiet_s = 0.0
            # A script cannot see a comment, so the sign of life is an event as well.
            yield b": beat\nevent: beat\ndata: 1\n\n"
