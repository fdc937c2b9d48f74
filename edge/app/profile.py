"""The settings of this device, layer by layer: profile, signed configuration, enrolment, command line.

A later layer wins. So a configuration package tunes what the profile says, and can touch neither
what joining the fleet settled nor what whoever started the service said.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

from edge.app.device_overlay import settled_in
from edge.app.enrolled_files import OVERLAY
from edge.app.settings import Settings
from edge.app.shipped import shipped
from edge.core.errors import SettingsContractError

_NOTHING: Final[Mapping[str, object]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile's text, and what stands above it."""

    text: str = field(repr=False)
    source: str
    settled: Mapping[str, object] = field(default_factory=dict, repr=False)
    overrides: Mapping[str, object] = field(default_factory=dict, repr=False)

    def settings(self, configured: Mapping[str, object] = _NOTHING) -> Settings:
        """Return the settings, with what a configuration package says in its place.

        Raises:
            SettingsContractError: There are mistakes; it lists every one of them.
        """
        layers = {**configured, **self.settled, **self.overrides}
        above = [OVERLAY] if self.settled else []
        above += ["the configuration"] if configured else []
        return Settings.load(self.text, layers, source=" and ".join((self.source, *above)))


def read_profile(path: Path | None, usual: str, overrides: Mapping[str, object]) -> Profile:
    """Return the profile in ``path``, or the delivered one called ``usual``.

    Raises:
        SettingsContractError: It cannot be read, or has mistakes.
    """
    path = path or shipped(f"firmware_config/profiles/{usual}.toml")
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        msg = f"wanted a profile in {path}, cannot read it: {error}"
        raise SettingsContractError(msg) from error
    alone = Profile(text, path.name, overrides=overrides)
    settled = settled_in(alone.settings().data_folder)
    return Profile(text, path.name, settled, overrides)
