"""Which settings a configuration package may hold: what tunes a device, never what makes it itself.

Who a device is, where it listens, whom it trusts and where its data lies are settled on the device,
by its profile and by joining the fleet. A package that could change them would be a way to take a
fleet over, or to lose it, with one signature.
"""

from collections.abc import Iterator, Mapping
from typing import Final

SETTINGS_FILE: Final = "settings.toml"
MAX_SETTINGS_BYTES: Final = 64 << 10

ALLOWED: Final = frozenset(
    {
        "log_level",
        *("mqtt.reconnect_spread_s", "mqtt.confirm_within_s"),
        *("update.poll_minutes", "update.bandwidth_kib_s", "update.reserve_mib"),
        *("update.window_from", "update.window_to"),
        "outbox.max_bytes",
        "retention.decisions_days",
        *("idle.guest_s", "idle.item_s", "idle.warn_s", "idle.done_s", "idle.paired_s"),
        "board.hold_s",
        *("exploration.gamma", "exploration.floor"),
        *("recognition.beacon.enter_dbm", "recognition.beacon.leave_dbm"),
    }
)


def flat(raw: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Yield every setting of a TOML document by its dotted name."""
    for name, value in raw.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def mistakes_in_names(raw: Mapping[str, object]) -> tuple[str, ...]:
    """Return what a configuration package must not say, one line for each."""
    return tuple(
        f"{name}: not for a configuration package; it is settled on the device"
        for name, _ in flat(raw)
        if name not in ALLOWED
    )
