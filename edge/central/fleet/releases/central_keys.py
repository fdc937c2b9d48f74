"""Central's keys beside the repository's: for commands, for what is written, about customers.

Each is a file of its own, so that none can be used for what another is for. Devices hold the
public halves in their settings; ``edge fleet keys show`` prints them as they stand there.
"""

from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from edge.central.fleet.releases.key_folder import KeyFolder
from edge.core.errors import TrustError
from edge.wire.acked import Sign

COMMANDS: Final = "commands"
ACKED: Final = "acked"
CUSTOMERS_SIGN: Final = "customers-sign"
CUSTOMERS_EXCHANGE: Final = "customers-exchange"
BESIDE: Final = (COMMANDS, ACKED, CUSTOMERS_SIGN, CUSTOMERS_EXCHANGE)
_SETTINGS: Final = {
    COMMANDS: "mqtt.command_key",
    ACKED: "mqtt.acked_key",
    CUSTOMERS_SIGN: "recognition.central_sign_key",
    CUSTOMERS_EXCHANGE: "recognition.central_key",
}


class CentralKeys:
    """The keys in the folder ``keys.online`` of central's settings; each is read when needed."""

    def __init__(self, folder: Path) -> None:
        self._keys = KeyFolder(folder)

    def make_missing(self) -> tuple[str, ...]:
        """Make those that are not there and return their names."""
        missing = tuple(name for name in BESIDE if not (self._keys.folder / _file(name)).exists())
        for name in missing:
            exchanges = name == CUSTOMERS_EXCHANGE
            new = X25519PrivateKey.generate() if exchanges else Ed25519PrivateKey.generate()
            self._keys.write(_file(name), new)
        return missing

    def replace(self, name: str) -> Path:
        """Make another key in place of ``name`` and return where the old one went.

        Devices take nothing signed with the new one before their settings name it.
        """
        path = self._keys.folder / _file(name)
        old = path.with_name(f"{name}.{self.public(name).hex()[:8]}.retired")
        path.rename(old)
        self.make_missing()
        return old

    def sign_command(self, message: bytes) -> bytes:
        """Sign with the command key; this is ``edge.wire.command.Sign``."""
        return self._ed25519(COMMANDS).sign(message)

    def sign_acked(self) -> Sign:
        """Return what signs which events are written; read once, since a bridge signs often.

        It is the only key that a bridge needs, and may be alone in its folder.
        """
        return self._ed25519(ACKED).sign

    def sign_for_customers(self, message: bytes) -> bytes:
        """Sign the envelope of a message about customers (``edge.wire.signed``)."""
        return self._ed25519(CUSTOMERS_SIGN).sign(message)

    def exchange_private(self) -> bytes:
        """Return the 32 bytes that enrolments sealed to central are opened with."""
        return self._x25519(CUSTOMERS_EXCHANGE).private_bytes_raw()

    def public(self, name: str) -> bytes:
        """Return the 32 public bytes of one of them."""
        if name == CUSTOMERS_EXCHANGE:
            return self._x25519(name).public_key().public_bytes_raw()
        return self._ed25519(name).public_key().public_bytes_raw()

    def settings(self) -> dict[str, str]:
        """Return what a device's settings say about central's keys: dotted name, value."""
        return {_SETTINGS[name]: self.public(name).hex() for name in BESIDE}

    def _ed25519(self, name: str) -> Ed25519PrivateKey:
        found = self._keys.read(_file(name))
        if not isinstance(found, Ed25519PrivateKey):
            raise TrustError(_other(name, "Ed25519"))
        return found

    def _x25519(self, name: str) -> X25519PrivateKey:
        found = self._keys.read(_file(name))
        if not isinstance(found, X25519PrivateKey):
            raise TrustError(_other(name, "X25519"))
        return found


def _file(name: str) -> str:
    return f"{name}.pem"


def _other(name: str, wanted: str) -> str:
    return f"wanted an {wanted} key in {name}.pem, got one of another kind"
