"""The pages on a port: what they are made of from central's settings, and waitress before them."""

import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final
from urllib.parse import urlsplit

from waitress import wasyncore
from waitress.server import create_server

from edge.central.fleet.provision.desk import Desk
from edge.central.fleet.provision.renewal import Renewal
from edge.central.fleet.releases.central_keys import CentralKeys
from edge.central.fleet.server import online_keys
from edge.central.fleet.web.app import FleetApp
from edge.central.fleet.web.enrolment import Answer
from edge.central.fleet.web.parts import FleetParts, Joining, Running
from edge.central.fleet.web.people import People
from edge.central.my_data.part import my_data_part
from edge.central.settings import CentralSettings, Serve
from edge.core.chance import Chance
from edge.core.clock import Clock
from edge.core.errors import UnavailableError
from edge.core.shipped import shipped

THREADS: Final = 16
MAX_BODY_BYTES: Final = 65_536
CONNECTIONS: Final = 1_000
_LOOK_EVERY_S: Final = 0.5
_FINISH_WITHIN_S: Final = 3


@dataclass(frozen=True, slots=True)
class Around:
    """What the pages are given that the settings do not say."""

    clock: Clock
    chance: Chance
    running: Callable[[], Running]


def fleet_parts(settings: CentralSettings, around: Around) -> FleetParts:
    """Return the parts of the pages.

    Raises:
        SettingsContractError: The token file cannot be read or has mistakes.
    """
    return FleetParts(
        tenant=settings.tenant,
        database=settings.database,
        repository=settings.repository,
        hosts=hosts(settings),
        people=People(settings.serve.token_file, around.clock),
        clock=around.clock,
        chance=around.chance,
        running=around.running,
        ui_folder=shipped("kiosk_ui"),
        version=version("instore-edge"),
        trusted_proxy=settings.serve.trusted_proxy,
        joining=_joining(settings, around.clock),
        my_data=my_data_part(settings, around.clock, around.chance),
    )


def hosts(settings: CentralSettings) -> tuple[str, ...]:
    """Return the names this server answers for: its own, and those that devices are told."""
    told = (settings.provision.enrol_url, settings.provision.repository_url)
    names = (urlsplit(url).hostname or "" for url in told)
    found = ("127.0.0.1", "localhost", settings.serve.host, *names, *settings.serve.allowed_hosts)
    return tuple(dict.fromkeys(name.lower() for name in found if name))


def _joining(settings: CentralSettings, clock: Clock) -> Joining | None:
    if settings.keys.authority is None:
        return None
    desk = Desk(settings, clock)
    desk.authority()  # a folder that cannot be used is said at the start
    desk.told()
    keys = CentralKeys(online_keys(settings))

    def enrol(claim: str, request: bytes) -> Answer:
        with desk.ledger():
            pass  # its tables are there
        return desk.enrolment(keys.settings()).enrol(claim, request)

    def renew(asked: Renewal) -> Answer:
        return desk.enrolment(keys.settings()).renew(asked)

    return Joining(enrol, renew)


class FleetListener:
    """One listening socket in front of the application."""

    def __init__(self, app: FleetApp, listen: Serve) -> None:
        """Take the port.

        Raises:
            UnavailableError: Somebody else has it.
        """
        try:
            self._socket = socket.create_server((listen.host, listen.port))
        except OSError as error:
            msg = f"wanted to listen on {listen.host}:{listen.port}, got {error.strerror}; see serve.port"
            raise UnavailableError(msg) from error
        self._open: dict[int, Any] = {}
        self._stopping = threading.Event()
        self._server: Any = create_server(
            app,
            map=self._open,
            sockets=[self._socket],
            threads=THREADS,
            connection_limit=CONNECTIONS,
            max_request_body_size=MAX_BODY_BYTES,
            channel_timeout=60,
            ident=None,
            # X-Forwarded-Proto makes a cookie stricter; of who asks, see ``proxy``.
            clear_untrusted_proxy_headers=False,
            asyncore_use_poll=True,
        )
        host, port = self._socket.getsockname()[:2]
        self.url = f"http://{host}:{port}"

    def run(self, is_over: Callable[[], bool] = lambda: False) -> None:
        """Answer requests until ``stop``, or until ``is_over``."""
        while not self._stopping.is_set() and not is_over():
            wasyncore.loop(timeout=_LOOK_EVERY_S, use_poll=True, map=self._open, count=1)

    def stop(self) -> None:
        """Leave ``run`` within half a second; safe in a signal handler."""
        self._stopping.set()

    def close(self) -> None:
        """Let the requests under way finish, and let the port go."""
        self.stop()
        self._server.task_dispatcher.shutdown(cancel_pending=True, timeout=_FINISH_WITHIN_S)
        wasyncore.close_all(self._open, ignore_all=True)
        self._socket.close()
