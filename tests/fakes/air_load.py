"""A simulated radio in a process of its own that sends as many packets a second as it is told.

    python -m tests.fakes.air_load ADDRESS

Each line of its standard input is a rate per second; it answers each with a line: how many
packets it has sent so far. It ends with its input.
"""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Final

from edge.core.clock import system_clock
from edge.devices.air import Advertisement, Changed
from edge.devices.bluez_messages import signal_of
from edge.devices.simulated_radio import SimulatedRadio
from tests.fakes.air import android, frame

PHONES: Final = 200
_EVERY_S: Final = 0.01
_REMEMBERED_S: Final = 10.0


class AirLoad:
    """The process, from the outside."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def at(self, per_s: int) -> int:
        """Send so many a second from now on; return how many were sent before."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{per_s}\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@contextmanager
def air_load(address: str) -> Iterator[AirLoad]:
    """Start the process, and end it with the block."""
    command = [sys.executable, "-m", "tests.fakes.air_load", address]
    with subprocess.Popen(
        command, cwd=Path(__file__).parents[2], stdin=-1, stdout=-1, text=True
    ) as process:
        load = AirLoad(process)
        load.at(0)
        try:
            yield load
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(10)


class _Sender:
    """Sends in small batches, and catches up when it was held up.

    Every few seconds each phone's packet goes through the simulated BlueZ, so that it remembers
    them; between, the signals it made of them are sent again as they are, which costs nearly
    nothing: what is measured is the receiver.
    """

    def __init__(self, radio: SimulatedRadio) -> None:
        self._radio = radio
        self._packets = [
            android(frame(n % 7, customer=n), -50 - n % 3, phone=n) for n in range(PHONES)
        ]
        self._signals = cycle(
            [_signal(each, serial + 1) for serial, each in enumerate(self._packets)]
        )
        self._remembered_at = float("-inf")
        self.per_s = 0
        self.sent = 0
        self.is_over = False
        self.lock = threading.Lock()

    def run(self) -> None:
        due, last = 0.0, time.monotonic()
        while not self.is_over:
            now = time.monotonic()
            due = due + (now - last) * self.per_s if self.per_s else 0.0
            last = now
            if due >= PHONES or now - self._remembered_at < _REMEMBERED_S:
                due -= self._send(int(due), now)
            time.sleep(_EVERY_S)

    def _send(self, many: int, now: float) -> int:
        with self.lock:
            if many >= PHONES and now - self._remembered_at >= _REMEMBERED_S:
                self._remembered_at = now
                many = PHONES
                self._radio.advertise(*self._packets)
            else:
                self._radio._do(partial(self._send_again, many))
            self.sent += many
        return many

    def _send_again(self, many: int) -> None:
        bus = self._radio._bus
        assert bus is not None
        assert bus._sock is not None
        bus._sock.sendall(b"".join(islice(self._signals, many)))


def _signal(packet: Advertisement, serial: int) -> bytes:
    """Return what the simulated BlueZ sends when it hears ``packet`` again."""
    path = f"/org/bluez/hci0/dev_{packet.address.replace(':', '_')}"
    new = {"RSSI": packet.rssi_dbm, "ServiceData": dict(packet.service_data)}
    message = signal_of(Changed(path, new))
    message.serial = serial
    return bytes(message._marshall(False))


def main() -> None:
    """Send as the standard input says."""
    radio = SimulatedRadio(sys.argv[1], system_clock, has_gaps=False)
    radio.start()
    sender = _Sender(radio)
    thread = threading.Thread(target=sender.run)
    thread.start()
    for line in sys.stdin:
        with sender.lock:
            sender.per_s = int(line)
            sys.stdout.write(f"{sender.sent}\n")
        sys.stdout.flush()
    sender.is_over = True
    thread.join()
    radio.stop()


if __name__ == "__main__":
    main()
