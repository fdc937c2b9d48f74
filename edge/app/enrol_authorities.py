"""Whom a device trusts from now on: authorities that it knew, and those that they vouch for.

Central names them with each certificate. One that is new is taken only with the word of one that is
known, signed with its key ("new with old"): whoever can answer in central's place cannot make a
device trust somebody else, and what nobody vouches for is left out. One that is named no longer is
trusted no longer.

Source: RFC 4210, 4.4 ("root CA key update").
"""

from collections.abc import Sequence

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from edge.core.errors import TrustError


def trusted_now(
    named_pem: str, handover_pem: str, known: Sequence[x509.Certificate]
) -> tuple[x509.Certificate, ...]:
    """Return the authorities among those that central names that may be trusted.

    Raises:
        TrustError: None may.
    """
    try:
        named = x509.load_pem_x509_certificates(named_pem.encode())
        words = x509.load_pem_x509_certificates(handover_pem.encode()) if handover_pem else []
    except ValueError as error:
        msg = "wanted the authority's certificate (PEM), got another thing; nothing was taken"
        raise TrustError(msg) from error
    taken = tuple(one for one in named if one in known or _is_vouched_for(one, words, known))
    if not taken:
        msg = "wanted an authority that this device knows, got another; nothing was taken"
        raise TrustError(msg)
    return taken


def is_issued_by(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    """Say whether ``authority`` signed ``certificate``."""
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _is_vouched_for(
    authority: x509.Certificate,
    words: Sequence[x509.Certificate],
    known: Sequence[x509.Certificate],
) -> bool:
    return is_issued_by(authority, authority) and any(
        word.subject == authority.subject
        and word.public_key() == authority.public_key()
        and _is_authority(word)
        and any(is_issued_by(word, one) for one in known)
        for word in words
    )


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False
