"""Whose certificate the settings name: the broker knows a client by it, whatever a program says.

With another program's certificate it would be that program there: both would end each other's
connection, and events would fall to a client that may not read them.
"""

from collections.abc import Callable

from cryptography import x509
from cryptography.x509.oid import NameOID

from edge.central.settings import CentralBroker
from edge.core.errors import SettingsContractError
from edge.sync.tls import Tls


def tls_of(broker: CentralBroker, is_ours: Callable[[str], bool], wanted: str) -> Tls | None:
    """Return the certificates of the settings; None: without TLS.

    Args:
        broker: The settings' group.
        is_ours: Says whether the name in the certificate is this program's.
        wanted: Such a name, for the message.

    Raises:
        SettingsContractError: The certificate cannot be read, or is another client's.
    """
    if broker.tls != "mutual":
        return None
    assert broker.ca_file is not None
    assert broker.cert_file is not None
    assert broker.key_file is not None
    try:
        certificate = x509.load_pem_x509_certificate(broker.cert_file.read_bytes())
    except (OSError, ValueError) as error:
        msg = (
            f"mqtt.cert_file: wanted the certificate of {wanted}, got {type(error).__name__} at "
            f"{broker.cert_file}; make it with `edge fleet provision client-cert {wanted}`"
        )
        raise SettingsContractError(msg) from error
    named = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    name = str(named[0].value) if named else ""
    if not is_ours(name):
        msg = (
            f"mqtt.cert_file: wanted the certificate of {wanted}, got that of {name!r} in "
            f"{broker.cert_file}; give this program a settings file of its own that names its own"
        )
        raise SettingsContractError(msg)
    return Tls(broker.ca_file, broker.cert_file, broker.key_file)
