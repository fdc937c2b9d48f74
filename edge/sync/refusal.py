"""A refused certificate told apart from a network that is away: the one is waited out, the other not.

In TLS 1.3 a client's handshake is over before the server has looked at its certificate. What the
server makes of it comes afterwards: tickets for the next connection if it takes it, an alert if not.
So the first bytes are waited for before anything is sent; else the refusal would be lost with the
connection, and look like a broken line.

Only an alert that comes then is believed. It is encrypted, so it is the broker's own; anybody on the
way can make up one that comes before.

Source: RFC 8446, 4.4.2.4, 4.6.1 and 6.2; MQTT 5.0, table 3-1.
"""

import select
import ssl
from enum import StrEnum
from typing import Final

VERDICT_WITHIN_S: Final = 2.0
"""A server that gives no tickets says nothing to a certificate that it takes."""

_OF_CERTIFICATES: Final = ("CERTIFICATE", "UNKNOWN_CA", "ACCESS_DENIED")
_CONNACK: Final = frozenset({0x85, 0x86, 0x87, 0x8A, 0x8C})
"""Client identifier not valid, bad user name or password, not authorized, banned, bad method."""


class Refusal(StrEnum):
    """Which side does not take the other's certificate."""

    CERTIFICATE = "certificate"
    """The broker does not take ours: it has ended, was revoked, or is of an authority it left."""
    AUTHORITY = "authority"
    """We do not take the broker's: it is of an authority that we do not know."""


class NotTakenError(OSError):
    """The broker has seen our certificate and does not take it."""


class HeardSocket(ssl.SSLSocket):
    """A client's TLS connection that knows, after its handshake, whether it is taken."""

    def do_handshake(self, block: bool = False) -> None:  # as the base has it
        """Shake hands, then hear what the server makes of our certificate.

        Raises:
            NotTakenError: It does not take it.
            OSError: The handshake failed.
        """
        super().do_handshake(block)
        patience_s = self.gettimeout()
        poll = select.poll()
        poll.register(self, select.POLLIN)
        if not poll.poll(VERDICT_WITHIN_S * 1000):
            return
        self.settimeout(0)
        try:
            self.recv(1)  # tickets are taken in on the way; a broker says nothing else unasked
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:
            if _is_of_certificates(error):
                msg = f"the broker does not take this device's certificate: {error.reason}"
                raise NotTakenError(msg) from error
            raise
        finally:
            self.settimeout(patience_s)


def refusal_of(error: OSError) -> Refusal | None:
    """Return whose certificate a connection failed by; None: by nobody's."""
    if isinstance(error, NotTakenError):
        return Refusal.CERTIFICATE
    if isinstance(error, ssl.SSLCertVerificationError):
        return Refusal.AUTHORITY
    return None


def refusal_by(reason: int) -> Refusal | None:
    """Return what a broker's answer to CONNECT says of our certificate, which is who we are."""
    return Refusal.CERTIFICATE if reason in _CONNACK else None


def _is_of_certificates(error: ssl.SSLError) -> bool:
    said = error.reason or ""
    return "ALERT" in said and any(word in said for word in _OF_CERTIFICATES)
