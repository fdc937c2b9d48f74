"""MQTT topics. The device is in the path, so that the broker can hold each one to its own.

Source: fleet.md 1 and decided.md 43 of the design.
"""

import re
from dataclasses import dataclass
from typing import Final

from edge.core.errors import SettingsContractError
from edge.wire.lanes import Lane

_ROOT: Final = "instore/v1"
_NAME: Final = re.compile(r"[a-z0-9-]{3,32}")


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of one device of one site.

    Raises:
        SettingsContractError: A name holds anything but 3 to 32 of a-z, 0-9 and "-". A "/" in a
            device's name would widen what the broker lets it write (security.md 4).
    """

    tenant: str
    site: str
    device: str

    def __post_init__(self) -> None:
        for field in ("tenant", "site", "device"):
            name = getattr(self, field)
            if not _NAME.fullmatch(name):
                msg = f"{field}: wanted 3 to 32 of a-z, 0-9 and '-', got {name[:60]!r}"
                raise SettingsContractError(msg)

    @property
    def source(self) -> str:
        """Return where this device's events come from, for their envelope."""
        return f"/sites/{self.site}/devices/{self.device}"

    def events(self, lane: str) -> str:
        """Return where event batches of ``lane`` are published."""
        return f"{self._device}/up/ev/{Lane(lane)}"

    @property
    def status(self) -> str:
        """Return where the birth document and the will are retained."""
        return f"{self._device}/up/status"

    @property
    def contexts(self) -> tuple[str, str]:
        """Return where context for the site, and for this device alone, is retained."""
        return (
            f"{_ROOT}/{self.tenant}/site/{self.site}/down/context",
            f"{self._device}/down/context",
        )

    @property
    def profile(self) -> str:
        """Return where central sends day keys and profiles, sealed to this device."""
        return f"{self._device}/down/profile"

    @property
    def erase(self) -> str:
        """Return where central says whom to forget, sealed to this device."""
        return f"{self._device}/down/erase"

    @property
    def _device(self) -> str:
        return f"{_ROOT}/{self.tenant}/d/{self.device}"
