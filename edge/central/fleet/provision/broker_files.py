"""A broker's configuration, filled in from the delivered file.

The words between @ are replaced; everything else stays as it was delivered and tested.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.core.errors import SettingsContractError

CENTRAL: Final = "firmware_config/mosquitto/central.conf"
SHOP: Final = "firmware_config/mosquitto/shop.conf"
_WORD: Final = re.compile(r"@([A-Z]+)@")
_PLAIN: Final = re.compile(r"[A-Za-z0-9._:/+-]*")


@dataclass(frozen=True, slots=True)
class BrokerPlace:
    """Where a broker listens, and where its files are."""

    folder: Path
    """ca.crt, server.crt, server.key, crl.pem, acl."""
    data: Path
    """What it writes itself."""
    port: int = 8883
    address: str = "0.0.0.0"  # noqa: S104 - shops come from outside; certificates decide
    connections: int = 20_000


def filled(template: str, place: BrokerPlace) -> str:
    """Return the configuration for ``place``.

    Raises:
        SettingsContractError: A path or address holds what would begin another setting.
    """
    words = {
        "FOLDER": str(place.folder),
        "DATA": str(place.data),
        "PORT": str(place.port),
        "ADDRESS": place.address,
        "CONNECTIONS": str(place.connections),
    }
    for word, value in words.items():
        if not _PLAIN.fullmatch(value):
            msg = (
                f"wanted letters, digits and ._:/+- for @{word}@ in a broker's file, got {value!r}"
            )
            raise SettingsContractError(msg)
    return _WORD.sub(lambda found: words.get(found[1], found[0]), template)
