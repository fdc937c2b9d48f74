"""Keeps the device's certificate from ending: asks for the next one, and lets go of the one before.

Once an hour it looks whether it is time. A refusal does not wait for that: where the broker does not
take our certificate, the one from before is tried, and then central is asked for another; where we
do not know the broker's authority, central's answer may bring it. Both with growing pauses at
moments of their own, since a broker that refuses one device by mistake refuses all of them.

In a thread of its own: asking waits for central, and boards must not wait for that.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from edge.app.renew_certificate import EVERY_S, CertificateRenewal
from edge.app.supervisor import Job, Supervisor
from edge.core.chance import Chance
from edge.core.clock import Clock
from edge.core.errors import EdgeError
from edge.sync.backoff import BackOff
from edge.sync.delivery_parts import DeliveryStatus
from edge.sync.refusal import Refusal

log = logging.getLogger(__name__)

LOOK_EVERY_S: Final = 30.0
PAUSE_S: Final = (30.0, 6 * 3600.0)
"""Between two askings because of a refusal: the shortest, and the longest that it grows to."""
_REGULARLY: Final = timedelta(seconds=EVERY_S)
_WORDS: Final = {
    Refusal.CERTIFICATE: "The broker does not take this device's certificate",
    Refusal.AUTHORITY: "This device does not know who signed the broker's certificate",
}


class KeepCertificate:
    """Does nothing on a device that was never enrolled."""

    def __init__(
        self,
        renewal: CertificateRenewal,
        status: Callable[[], DeliveryStatus],
        clock: Clock,
        chance: Chance,
    ) -> None:
        self._renewal = renewal
        self._status = status
        self._clock = clock
        self._back_off = BackOff(chance, min_s=PAUSE_S[0], max_s=PAUSE_S[1])
        self._in_use_since = clock()
        self._looked_at: datetime | None = None
        self._asked_at: datetime | None = None
        self._pause = timedelta(0)
        self._refusal: Refusal | None = None
        self._failed = ""
        self._thread = Supervisor([Job("certificate", LOOK_EVERY_S, self.look)])

    @property
    def problem(self) -> str:
        """What is wrong, in words for whoever looks after the shop; empty: nothing is."""
        asked = f"; another was asked for, and {self._failed}" if self._failed else ""
        if self._refusal is not None:
            return f"{_WORDS[self._refusal]}{asked}"
        return f"The certificate is not renewed: {self._failed}" if self._failed else ""

    def start(self) -> None:
        """Look now, and then again and again."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._thread.stop()

    def look(self) -> None:
        """Renew if it is time or we are refused; forget the pair before once the new one connects.

        Raises:
            TrustError: Central refuses, or its answer is not from the fleet's authority.
            UnavailableError: Central or the disk is not there; tried again after a pause.
        """
        status, now = self._status(), self._clock()
        # What was before the renewal says nothing about the new pair.
        if status.state == "connected" and status.since > self._in_use_since:
            self._renewal.connected()
            self._back_off.reset()
            self._asked_at = None
        is_news = status.refused_at is not None and status.refused_at > self._in_use_since
        self._refusal = status.refusal if is_news else None
        if self._refusal is not None:
            self._answer(self._refusal, now)
        elif not _is_recent(self._looked_at, now, _REGULARLY):
            self._looked_at = now
            self._renewed(self._renewal.renew_if_due)

    def _answer(self, refusal: Refusal, now: datetime) -> None:
        if refusal is Refusal.CERTIFICATE and self._renewal.refused():
            log.warning("the broker refused the new certificate; the one before is tried again")
            self._in_use_since = self._looked_at = now
            return
        if _is_recent(self._asked_at, now, self._pause):
            return
        self._asked_at, self._pause = now, timedelta(seconds=self._back_off.next_s())
        log.warning("%s: asking central for another", _WORDS[refusal])
        self._renewed(self._renewal.renew)

    def _renewed(self, renew: Callable[[], bool]) -> None:
        try:
            is_another = renew()
        except EdgeError as error:
            self._failed = str(error)
            raise
        self._failed = ""
        if is_another:
            self._in_use_since = self._looked_at = self._clock()


def keep_certificate(
    data: Path, status: Callable[[], DeliveryStatus], clock: Clock, chance: Chance
) -> KeepCertificate:
    """Return what keeps the certificate in the data folder ``data``."""
    return KeepCertificate(CertificateRenewal(data, clock), status, clock, chance)


def _is_recent(at: datetime | None, now: datetime, within: timedelta) -> bool:
    # A clock that was set back makes nothing recent for longer than it is.
    return at is not None and timedelta(0) <= now - at < within
