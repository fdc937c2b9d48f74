"""A line between a device and its broker that is as bad as lines are, the same in every run.

It forwards bytes and knows no MQTT, so it cuts in the middle of packets:

- ``cut``: after so many bytes upwards, both sides are reset, the last packet half delivered;
- ``mute``: from there on nothing comes down (answers are lost) while everything still goes up;
- ``half``: the device is reset and comes back while the broker still holds the old connection;
- ``slow``: every piece is held back a little, and then it is cut.
"""

import contextlib
import selectors
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Literal, Self

from edge.core.chance import draws

Kind = Literal["clean", "cut", "mute", "half", "slow"]
FAULTS: Final[tuple[Kind, ...]] = ("cut", "mute", "half", "slow")
MUTE_S: Final = 0.1
_SLOW_S: Final = 0.002
_RESET: Final = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Fate:
    """What happens to one connection."""

    kind: Kind = "clean"
    after_bytes: int = 0


def fates(faults: int, mean_bytes: int) -> Callable[[int], Fate]:
    """Return the fates of ``faults`` bad connections, and clean ones from then on."""

    def fate(number: int) -> Fate:
        if number >= faults:
            return Fate()
        size, kind = draws(f"fate {number}", 2)
        return Fate(FAULTS[int(kind * len(FAULTS))], int(2 * mean_bytes * size))

    return fate


@dataclass(slots=True, eq=False)
class _Pair:
    device: socket.socket
    broker: socket.socket
    fate: Fate
    up_bytes: int = 0
    mute_until: float | None = None


class Proxy:
    """Listens on ``port`` and forwards to the broker, connection by connection to its fate."""

    def __init__(self, broker_port: int, fate: Callable[[int], Fate]) -> None:
        self._broker_port = broker_port
        self._fate = fate
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.connections = 0
        self.suffered: dict[Kind, int] = dict.fromkeys(FAULTS, 0)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._muted: list[_Pair] = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="proxy", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._thread.join(10)
        for key in list(self._selector.get_map().values()):
            assert isinstance(key.fileobj, socket.socket)
            key.fileobj.close()
        self._selector.close()

    # ---- in the thread -----------------------------------------------------------------

    def _run(self) -> None:
        while not self._stopping.is_set():
            for key, _ in self._selector.select(0.02):
                if key.data is None:
                    self._accept()
                    continue
                assert isinstance(key.fileobj, socket.socket)
                if key.fileobj.fileno() >= 0:  # else closed a moment ago
                    self._forward(key.data, key.fileobj)
            for pair in [p for p in self._muted if time.monotonic() > (p.mute_until or 0)]:
                self._muted.remove(pair)
                self._reset(pair.device, pair.broker)

    def _accept(self) -> None:
        device, _ = self._listener.accept()
        try:
            broker = socket.create_connection(("127.0.0.1", self._broker_port), 5)
        except OSError:
            device.close()
            return
        pair = _Pair(device, broker, self._fate(self.connections))
        self.connections += 1
        for end in (device, broker):
            end.settimeout(5)
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._selector.register(end, selectors.EVENT_READ, pair)

    def _forward(self, pair: _Pair, source: socket.socket) -> None:
        try:
            data = source.recv(65536)
        except OSError:
            data = b""
        is_up = source is pair.device
        if not data:
            self._close(pair.device, pair.broker)
            return
        if pair.fate.kind == "slow":
            time.sleep(_SLOW_S)
        if is_up and pair.fate.kind != "clean" and pair.mute_until is None:
            left = pair.fate.after_bytes - pair.up_bytes
            if len(data) > left:
                self._suffer(pair, data, max(left, 0))
                return
            pair.up_bytes += len(data)
        if is_up or pair.mute_until is None:
            self._send(pair.broker if is_up else pair.device, data)

    def _suffer(self, pair: _Pair, data: bytes, left: int) -> None:
        self.suffered[pair.fate.kind] += 1
        # A line may end in the middle of a packet, but never leave something out.
        is_mute = pair.fate.kind == "mute"
        self._send(pair.broker, data if is_mute else data[:left])
        if is_mute:
            pair.mute_until = time.monotonic() + MUTE_S
            self._muted.append(pair)
        elif pair.fate.kind == "half":
            self._reset(pair.device)
            # The broker's end stays until the broker throws it out for the newcomer.
        else:
            self._reset(pair.device, pair.broker)

    def _send(self, to: socket.socket, data: bytes) -> None:
        with contextlib.suppress(OSError):  # it went meanwhile; reading from it says so
            to.sendall(data)

    def _reset(self, *ends: socket.socket) -> None:
        for end in ends:
            with contextlib.suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._close(*ends)

    def _close(self, *ends: socket.socket) -> None:
        for end in ends:
            with contextlib.suppress(KeyError, ValueError):
                self._selector.unregister(end)
            end.close()
