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
            _named(field, getattr(self, field))

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
    def acked(self) -> str:
        """Return where central says which of this device's events are written for good."""
        return f"{self._device}/down/acked"

    @property
    def commands(self) -> str:
        """Return where central's signed commands to this device are published."""
        return f"{self._device}/down/cmd"

    def result(self, command_id: str) -> str:
        """Return where the result of one command is published."""
        return f"{self._device}/up/res/{command_id}"

    @property
    def config(self) -> str:
        """Return where the pointer to this device's desired configuration is retained."""
        return f"{self._device}/down/config"

    @property
    def configs(self) -> tuple[str, str]:
        """Return where pointers for the site, and for this device alone, are retained."""
        return f"{_ROOT}/{self.tenant}/site/{self.site}/down/config", self.config

    @property
    def release(self) -> str:
        """Return where the state of this device's releases is retained."""
        return f"{self._device}/up/release"

    def doorbell(self, ring: str) -> str:
        """Return where central says that there is something to look for; never trusted."""
        return f"{_ROOT}/{self.tenant}/ring/{_named('ring', ring)}/down/release"

    def lan(self, what: str) -> str:
        """Return where this device tells the others of its shop about ``what``."""
        return f"{_ROOT}/{self.tenant}/site/{self.site}/lan/{what}/{self.device}"

    def lan_of_all(self, what: str) -> str:
        """Return the filter for what every device of the shop tells about ``what``."""
        return f"{_ROOT}/{self.tenant}/site/{self.site}/lan/{what}/+"

    @property
    def _device(self) -> str:
        return f"{_ROOT}/{self.tenant}/d/{self.device}"


@dataclass(frozen=True, slots=True)
class CentralTopics:
    """The topics as central sees them: all devices of one tenant.

    Raises:
        SettingsContractError: A name holds what may not be in a topic.
    """

    tenant: str
    share: str = "cdp"
    """The shared subscription of the bridge's workers. Mosquitto lets anybody join one whose name
    they know, and what falls to somebody who may not read it is lost: in production it is secret
    (``[mqtt] share_file`` in central.toml)."""

    def __post_init__(self) -> None:
        _named("tenant", self.tenant)
        _named("share", self.share)

    @property
    def events(self) -> str:
        """Return the shared filter of everything that goes into the customer-data platform."""
        return f"$share/{self.share}/{_ROOT}/{self.tenant}/d/+/up/ev/#"

    @property
    def states(self) -> tuple[str, str, str]:
        """Return the filters of what ops watch: status, releases, results of commands."""
        root = f"{_ROOT}/{self.tenant}/d/+/up"
        return f"{root}/status", f"{root}/release", f"{root}/res/+"

    def to(self, device: str, what: str) -> str:
        """Return where central writes ``what`` (cmd, config, profile, erase, context, acked)."""
        return f"{_ROOT}/{self.tenant}/d/{_named('device', device)}/down/{what}"

    def doorbell(self, ring: str) -> str:
        """Return the doorbell of a ring."""
        return f"{_ROOT}/{self.tenant}/ring/{_named('ring', ring)}/down/release"

    def device_of(self, topic: str) -> str | None:
        """Return which device published on ``topic``; None: not a device's topic of this tenant.

        The broker lets each device publish under its own name only, so this is who said it;
        what the payload claims is not.
        """
        match topic.split("/"):
            case ["instore", "v1", self.tenant, "d", device, "up", *_] if _NAME.fullmatch(device):
                return device
            case _:
                return None


def _named(field: str, name: str) -> str:
    if not _NAME.fullmatch(name):
        msg = f"{field}: wanted 3 to 32 of a-z, 0-9 and '-', got {name[:60]!r}"
        raise SettingsContractError(msg)
    return name
