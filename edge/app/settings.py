"""Every setting of the appliance, declared once: type, range, unit in the name, meaning.

A profile (``firmware_config/profiles/*.toml``) names all of them; what the command line says
wins over the profile. Mistakes are reported all at once, and an unknown key is a mistake.
"""

import tomllib
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, Self

from pydantic import (
    Field,
    ValidationError,
    model_validator,
)

from edge.app.fleet_settings import Lan, Mqtt, Update
from edge.app.recognition_settings import Recognition
from edge.catalog.entry import Id
from edge.catalog.offer import SurfaceName
from edge.core.errors import SettingsContractError
from edge.core.setting_group import DataFolder, DeviceId, Folder, Group, Host, lines_of, put, whole

SEE = "firmware_config/profiles/kiosk.toml"


class Listen(Group):
    """Where and how the service answers."""

    host: Host = "127.0.0.1"
    """The address to listen on. Anything but 127.0.0.1 belongs behind nginx."""
    port: Annotated[int, whole(0, 65_535)] = 8080
    """The port to listen on; 0 takes any free one."""
    allowed_hosts: tuple[Host, ...] = ()
    """Host headers that are answered; empty means 127.0.0.1 and localhost."""
    threads: Annotated[int, whole(16, 512)] = 72
    """Request threads: one per screen's event stream, and eight that answer."""
    max_body_bytes: Annotated[int, whole(1_024, 1_048_576)] = 65_536
    """The longest request body that is read."""
    connection_limit: Annotated[int, whole(16, 4_096)] = 512
    """The most connections that are open at once."""


class Outbox(Group):
    """Events that wait for the broker."""

    max_bytes: Annotated[int, whole(1_048_576, 64_000_000_000)] = 1_073_741_824
    """The most that may wait; above it, the least valuable and oldest events go first."""
    reserve_mib: Annotated[int, whole(0, 1_048_576)] = 64
    """Space put aside for the day the disk is full, for orders and withdrawals; 0 is none."""


class Retention(Group):
    """How long what happened is kept on the device."""

    decisions_days: Annotated[int, whole(1, 396)] = 30
    """Days that a decision can be explained and replayed."""


class Idle(Group):
    """When a screen that nobody touches forgets what was on it."""

    guest_s: Annotated[int, whole(15, 600)] = 45
    """Seconds without a touch until the kiosk asks "Are you still there?"."""
    item_s: Annotated[int, whole(15, 600)] = 60
    """The same while a product is open."""
    warn_s: Annotated[int, whole(20, 600)] = 20
    """Seconds that the question stands before the visit is wiped; never less than 20."""
    done_s: Annotated[int, whole(5, 600)] = 20
    """Seconds that the order number stands."""
    paired_s: Annotated[int, whole(15, 600)] = 30
    """The same as guest_s once somebody is recognised: their things must not stand around."""


class Boards(Group):
    """How menu boards change."""

    hold_s: Annotated[int, whole(600, 86_400)] = 600
    """Seconds a hero stays before another may take its place; at least 10 minutes."""


class Exploration(Group):
    """How often "something different" is shown, so that it can be learned from."""

    gamma: Annotated[float, Field(ge=1, le=100_000)] = 400.0
    """SquareCB's gamma: higher shows the best-scored offer more often."""
    floor: Annotated[float, Field(ge=0, le=0.5)] = 0.05
    """No candidate's probability falls below this, divided by the number of candidates."""


class Screen(Group):
    """One browser that shows one surface."""

    id: Id
    """The screen's name in addresses and logs."""
    surface: SurfaceName
    """What it shows."""
    board: Id | None = None
    """Which board of the site; for signage only."""

    @model_validator(mode="after")
    def _board_is_for_signage(self) -> Self:
        if (self.surface == "signage") != (self.board is not None):
            msg = "a screen has a board exactly when its surface is signage"
            raise ValueError(msg)
        return self


class Settings(Group):
    """Every setting; see the profiles for what is usual."""

    device_id: DeviceId
    """The device's name, unique in the tenant; also its MQTT client id."""
    site_folder: Folder = None
    """The shop; empty means the demo shop that was delivered."""
    data_folder: DataFolder
    """Where the database lives; it can be deleted when the service is stopped."""
    model_folder: Folder = None
    """The model package; empty means the factory model that was delivered."""
    clock: Literal["system", "request"] = "system"
    """"request" lets a request say what time it is, for replays; never in a shop."""
    demo: bool = False
    """Show the demo banner and the weather switch, and open the staff pages."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least important kind of line that is logged."""
    listen: Listen = Listen()
    mqtt: Mqtt = Mqtt()
    lan: Lan = Lan()
    update: Update = Update()
    outbox: Outbox = Outbox()
    retention: Retention = Retention()
    idle: Idle = Idle()
    board: Boards = Boards()
    exploration: Exploration = Exploration()
    recognition: Recognition = Recognition()
    screens: Annotated[tuple[Screen, ...], Field(max_length=64)] = ()
    """The screens this device serves."""

    @model_validator(mode="after")
    def _screens_have_their_own_ids(self) -> Self:
        seen: set[str] = set()
        for screen in self.screens:
            if screen.id in seen:
                msg = f'wanted a new id for each screen, found "{screen.id}" again'
                raise ValueError(msg)
            seen.add(screen.id)
        return self

    @classmethod
    def load(
        cls, text: str, overrides: Mapping[str, object] | None = None, *, source: str = "settings"
    ) -> Self:
        """Return the settings in a profile's ``text``, with ``overrides`` on top.

        Args:
            text: TOML.
            overrides: Values by dotted name (``"listen.port"``), from the command line.
            source: What to call the text in messages, such as ``kiosk.toml``.

        Raises:
            SettingsContractError: There are mistakes; it lists every one of them.
        """
        try:
            raw = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            msg = f"{source}: not TOML: {error}; see {SEE}"
            raise SettingsContractError(msg) from error
        for name, value in (overrides or {}).items():
            put(raw, name, value)
        try:
            return cls.model_validate(raw)
        except ValidationError as error:
            raise SettingsContractError("\n".join(lines_of(error, cls, source, SEE))) from error


def described(group: Group, prefix: str = "") -> Iterator[tuple[str, object, str]]:
    """Yield the dotted name, the value and the meaning of every setting in ``group``."""
    for name, field in type(group).model_fields.items():
        value = getattr(group, name)
        if isinstance(value, Group):
            yield from described(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value, field.description or ""
