"""Keeps the device's certificate from ending: asks for the next one, and lets go of the one before.

In a thread of its own: asking waits for central, and boards must not wait for that.
"""

from collections.abc import Callable
from pathlib import Path

from edge.app.renew_certificate import EVERY_S, CertificateRenewal
from edge.app.supervisor import Job, Supervisor
from edge.core.clock import Clock
from edge.sync.delivery_parts import DeliveryStatus


class KeepCertificate:
    """Looks once an hour; does nothing on a device that was never enrolled."""

    def __init__(
        self, renewal: CertificateRenewal, status: Callable[[], DeliveryStatus], clock: Clock
    ) -> None:
        self._renewal = renewal
        self._status = status
        self._clock = clock
        self._in_use_since = clock()
        self._thread = Supervisor([Job("certificate", EVERY_S, self.look)])

    def start(self) -> None:
        """Look now, and then once an hour."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._thread.stop()

    def look(self) -> None:
        """Renew if it is time; forget the pair before, once the one in use has connected.

        Raises:
            TrustError: Central refuses, or its answer is not from the fleet's authority.
            UnavailableError: Central or the disk is not there; tried again in an hour.
        """
        if self._renewal.renew_if_due():
            self._in_use_since = self._clock()
            return
        status = self._status()
        # A connection from before the renewal says nothing about the new pair.
        if status.state == "connected" and status.since > self._in_use_since:
            self._renewal.connected()


def keep_certificate(
    data: Path, status: Callable[[], DeliveryStatus], clock: Clock
) -> KeepCertificate:
    """Return what keeps the certificate in the data folder ``data``."""
    return KeepCertificate(CertificateRenewal(data, clock), status, clock)
