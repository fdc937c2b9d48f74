"""What joining the fleet settled, in ``<data>/device.toml``: read after the profile.

The profile stays as it was delivered, so an update may bring another one.
"""

import tomllib
from collections.abc import Iterator
from pathlib import Path

from edge.app.enrol_answer import SETTLED
from edge.app.enrolled_files import OVERLAY
from edge.core.errors import SettingsContractError

_FILES = ("mqtt.tls", "mqtt.ca_file", "mqtt.cert_file", "mqtt.key_file", "update.trust_file")
_ALLOWED = {"device_id", "mqtt.acknowledged_by", *SETTLED, *_FILES}


def settled_in(data: Path) -> dict[str, object]:
    """Return what ``device.toml`` says, by dotted name; nothing if there is none.

    Raises:
        SettingsContractError: It cannot be read, or says what joining does not settle.
    """
    path = data / OVERLAY
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        msg = f"wanted the settings of `edge enrol` in {path}, got: {error}; enrol again"
        raise SettingsContractError(msg) from error
    found = dict(_flat(raw))
    if strange := sorted(set(found) - _ALLOWED):
        msg = f"{path}: wanted only what joining settles, got {', '.join(strange)[:200]}"
        raise SettingsContractError(msg)
    return found


def _flat(raw: dict[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for name, value in raw.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
