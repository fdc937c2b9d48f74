"""The device's next certificate, asked for when two thirds of the last one's life are over.

90 days, so from day 60 on; a month is left for a shop without a line, and central renews for one
month more. A job of the supervisor, once an hour: what fails is tried again.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from edge.app.enrol import central_of, request_for
from edge.app.enrol_answer import Expected, check_certificate, read_answer, trusted_pem
from edge.app.enrol_over_https import Post, poster
from edge.app.enrolled_files import EnrolledFiles, Pair, key_pem, private_key
from edge.core.clock import Clock
from edge.core.errors import TrustError
from edge.wire.renewal import signed_renewal

EVERY_S: Final = 3600.0
SHARE_OF_LIFE: Final = 2 / 3

PostTo = Callable[[str, bytes], Post]
"""Central's address and who signed its certificate -> what posts there."""


class CertificateRenewal:
    """Renews the certificate in a device's data folder."""

    def __init__(self, data: Path, clock: Clock, post_to: PostTo = poster) -> None:
        self._files = EnrolledFiles(data)
        self._clock = clock
        self._post_to = post_to

    def renew_if_due(self) -> bool:
        """Ask for the next certificate if it is time; True: another one is in use now.

        The connection to the broker takes it the next time it connects; call ``connected`` then.

        Raises:
            TrustError: Central refuses, or its answer is not from the fleet's authority.
            UnavailableError: Central or the disk is not there; the old certificate stays in use.
        """
        pair = self._files.in_use()
        if pair is None or self._clock() < due_at(_certificate(pair)):
            return False
        return self.renew()

    def renew(self) -> bool:
        """Ask for the next certificate now; True: another one is in use.

        Raises:
            TrustError: As ``renew_if_due``.
            UnavailableError: As ``renew_if_due``.
        """
        pair, central = self._files.in_use(), central_of(self._files)
        if pair is None or central is None:
            return False
        certificate, now = _certificate(pair), self._clock()
        if self._files.pending_key().public_key() == certificate.public_key():
            self._files.settle()  # a power cut came between taking the pair and forgetting its key
        key = self._files.pending_key()
        self._files.take(self._renewed(pair, key, central, now))
        self._files.settle()
        return True

    def connected(self) -> None:
        """The broker took the certificate in use: the one before is needed no more."""
        if self._files.in_use() is not None:
            self._files.forget_before()

    def refused(self) -> bool:
        """The broker refused the certificate in use: go back to the one before; False: none."""
        return self._files.fall_back()

    def _renewed(
        self, old: Pair, key: ec.EllipticCurvePrivateKey, central: str, now: datetime
    ) -> Pair:
        request, at = request_for(key), now.isoformat()
        text = signed_renewal(at, request.encode())
        signature = private_key(old.key_pem).sign(text, ec.ECDSA(hashes.SHA256()))
        post = self._post_to(central, old.authority_pem)
        answer = read_answer(
            post(
                "/enrol/renew",
                {
                    "certificate": old.certificate_pem.decode(),
                    "csr": request,
                    "at": at,
                    "signature": signature.hex(),
                },
            )
        )
        trusted = tuple(x509.load_pem_x509_certificates(old.authority_pem))
        made = check_certificate(answer, Expected(key.public_key(), trusted, now))
        if made.subject != x509.load_pem_x509_certificate(old.certificate_pem).subject:
            msg = "wanted a certificate for this device's own name, got one for another"
            raise TrustError(msg)
        return Pair(key_pem(key), answer.certificate.encode(), trusted_pem(answer, trusted))


def _certificate(pair: Pair) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pair.certificate_pem)


def due_at(certificate: x509.Certificate) -> datetime:
    """Return when the next certificate is to be asked for."""
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return start + (end - start) * SHARE_OF_LIFE
