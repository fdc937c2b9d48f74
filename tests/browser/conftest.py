"""A shop served to a real browser that may talk to nobody else.

``open_page`` gives pages. At the end of a test each of them must have stayed on our origin and
logged no error: a violation of the Content-Security-Policy is one.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any, Literal

import pytest
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright
from waitress import wasyncore
from waitress.server import BaseWSGIServer, create_server

from edge.web.app import create_app
from edge.web.parts import WebParts, parts_of
from tests.fakes.services import FakeShop

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Nothing else is there. (To stop each request in a route instead takes a third of a test's
    # time, and switches off the browser's cache, which a shop's screens have.)
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
PATIENCE_MS = 10_000
expect.set_options(timeout=PATIENCE_MS)
OpenPage = Callable[..., Page]
Motion = Literal["reduce", "no-preference"]


@dataclass
class LiveServer:
    """The application on a port of its own, in a thread."""

    make: Callable[[], Flask]
    port: int = 0
    app: Flask = field(init=False)
    _server: BaseWSGIServer | None = None
    _open: dict[int, Any] = field(default_factory=dict)
    _thread: Thread | None = None
    _stopping: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        """Build the application, and do not serve it yet."""
        self.app = self.make()

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def parts(self) -> WebParts:
        """What its surfaces share."""
        return parts_of(self.app)

    def start(self) -> None:
        """Start on the same port as before, or on a free one."""
        server = create_server(
            self.app,
            host="127.0.0.1",
            port=self.port,
            threads=24,
            channel_request_lookahead=1,
            clear_untrusted_proxy_headers=True,
            map=self._open,
        )
        assert isinstance(server, BaseWSGIServer)
        assert server.socket is not None
        self.port = int(server.socket.getsockname()[1])
        self._server = server
        self._stopping.clear()
        self._thread = Thread(target=self._loop, daemon=True)
        self._thread.start()

    def _loop(self) -> None:
        # waitress has no way to end its own loop from outside without closing under its feet.
        while not self._stopping.is_set():
            wasyncore.loop(timeout=0.5, map=self._open, count=1)

    def start_again(self) -> None:
        """Be a new process over the same shop, on the same port."""
        self.app = self.make()
        self.start()

    def stop(self) -> None:
        """Go away, with every open connection; twice is as good as once."""
        if self._server is None:
            return
        assert self._thread is not None
        self.parts.hub.close()
        self._stopping.set()
        self._server.pull_trigger()
        self._thread.join(5)
        self._server.task_dispatcher.shutdown(cancel_pending=True, timeout=2)
        self._server.close()
        for channel in list(self._open.values()):
            channel.close()
        self._server = None


@dataclass
class Pages:
    """The pages a test opened, and what they did that they must not."""

    browser: Browser
    base: str
    errors: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    """Parts of errors that this test causes on purpose."""

    def open(
        self,
        path: str,
        *,
        size: tuple[int, int] = (1080, 1920),
        locale: str = "en-GB",
        motion: Motion = "reduce",
        scripts: bool = True,
    ) -> Page:
        """Open ``path`` in a window of ``size`` with its own cookies."""
        page = self.blank(size=size, locale=locale, motion=motion, scripts=scripts)
        page.goto(path)
        return page

    def blank(
        self,
        *,
        size: tuple[int, int] = (1080, 1920),
        locale: str = "en-GB",
        motion: Motion = "reduce",
        scripts: bool = True,
    ) -> Page:
        """Return an empty page in such a window, for what must be set before it loads."""
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            has_touch=True,
            reduced_motion=motion,
            locale=locale,
            base_url=self.base,
            java_script_enabled=scripts,
        )
        context.on("request", self._stay_here)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.errors.append(f"{page.url}: {error}"))
        return page

    def _stay_here(self, request: Request) -> None:
        if not request.url.startswith((self.base, "data:", "blob:")):
            self.strangers.append(request.url)

    def _listen(self, message: ConsoleMessage) -> None:
        text = f"{message.location.get('url', '')}: {message.text}"
        if message.type == "error" and not any(part in text for part in self.expected):
            self.errors.append(text)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, once for all tests."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            headless=True,
            args=ARGUMENTS,
        )
        yield browser
        browser.close()


@pytest.fixture
def shop() -> FakeShop:
    """Harbour Kitchen at lunch time."""
    return FakeShop()


@contextmanager
def serving(shop: FakeShop) -> Iterator[LiveServer]:
    """Serve ``shop`` for a while."""
    server = LiveServer(lambda: create_app(shop.services()))
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def server(shop: FakeShop) -> Iterator[LiveServer]:
    """``shop``, served."""
    with serving(shop) as server:
        yield server


@pytest.fixture
def pages(chromium: Browser, server: LiveServer) -> Iterator[Pages]:
    """Opens pages of ``server``; at the end none may have failed or left our origin."""
    pages = Pages(chromium, server.url)
    yield pages
    for context in chromium.contexts:
        context.close()
    assert pages.strangers == []
    assert pages.errors == []


@pytest.fixture
def open_page(pages: Pages) -> OpenPage:
    """``open_page("/board/board-1", size=(1920, 1080), locale="de-DE")``."""
    return pages.open
