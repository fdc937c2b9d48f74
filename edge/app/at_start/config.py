"""A signed configuration: some settings in TOML, none of them what makes this device itself."""

import hashlib
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from edge.app.profile import Profile
from edge.core.errors import SettingsContractError
from edge.update.machine_state import Held
from edge.update.verdict import Reason, Verdict, refusal
from edge.wire.config_settings import (
    MAX_SETTINGS_BYTES,
    SETTINGS_FILE,
    flat,
    mistakes_in_names,
)
from edge.wire.releases import PackageFacts

KIND: Final = "config"


def read_config(folder: Path, held: Held) -> Mapping[str, object]:
    """Return the settings of an admitted package by dotted name.

    Raises:
        SettingsContractError: There are mistakes, or it is not what was admitted.
    """
    if identify_config(folder) != held.model:
        msg = f"{SETTINGS_FILE}: wanted the settings that were admitted, got others"
        raise SettingsContractError(msg)
    return _read(folder)


def identify_config(folder: Path) -> str:
    """Return what tells these settings from all others."""
    return f"sha256:{hashlib.sha256(_bytes(folder)).hexdigest()}"


def config_admission(profile: Profile) -> Callable[[Path, PackageFacts], Verdict]:
    """Return what decides whether settings may stand above ``profile``."""

    def admit(folder: Path, _facts: PackageFacts) -> Verdict:
        try:
            configured = _read(folder)
            profile.settings(configured)
        except SettingsContractError as error:
            return refusal(Reason.STATIC, *str(error).splitlines())
        return Verdict(True, figures={"settings": float(len(configured))})

    return admit


def _read(folder: Path) -> Mapping[str, object]:
    try:
        raw = tomllib.loads(_bytes(folder).decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        msg = f"{SETTINGS_FILE}: not TOML: {error}"
        raise SettingsContractError(msg) from error
    if mistakes := mistakes_in_names(raw):
        raise SettingsContractError("\n".join(mistakes))
    return dict(flat(raw))


def _bytes(folder: Path) -> bytes:
    try:
        with (folder / SETTINGS_FILE).open("rb") as file:
            found = file.read(MAX_SETTINGS_BYTES + 1)
    except OSError as error:
        msg = f"{SETTINGS_FILE}: wanted it in the package, got {error.strerror}"
        raise SettingsContractError(msg) from error
    if len(found) > MAX_SETTINGS_BYTES:
        msg = f"{SETTINGS_FILE}: wanted at most {MAX_SETTINGS_BYTES} bytes, got more"
        raise SettingsContractError(msg)
    return found
