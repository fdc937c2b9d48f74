"""Every setting of the appliance, declared once: type, range, unit in the name, meaning.

A profile (``firmware_config/profiles/*.toml``) names all of them; what the command line says
wins over the profile. Mistakes are reported all at once, and an unknown key is a mistake.
"""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from edge.catalog.entry import Id
from edge.catalog.offer import SurfaceName
from edge.core.errors import SettingsContractError
from edge.core.mistakes import Mistake, found, mistakes_in

SEE = "firmware_config/profiles/kiosk.toml"

DeviceId = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9-]{3,32}$"),
    Field(json_schema_extra={"wanted": "3 to 32 lower-case letters, digits or hyphens"}),
]
Host = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9.\[\]:-]{1,255}$"),
    Field(
        json_schema_extra={
            "wanted": "a host name (lower-case) or address, with a port where it has one"
        }
    ),
]
Broker = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9.\[\]:-]{0,255}$"),
    Field(json_schema_extra={"wanted": 'a host name or address, or ""'}),
]


def _folder(value: object) -> object:
    if value is None or value == "":
        return None
    return _data_folder(value)


def _data_folder(value: object) -> object:
    # Path("") would be the working folder, which nobody means by it.
    if isinstance(value, Path) or (isinstance(value, str) and value):
        return value
    msg = f"must be the path of a folder, got {found(value)}"
    raise ValueError(msg)


Folder = Annotated[Path | None, BeforeValidator(_folder)]
DataFolder = Annotated[
    Path,
    BeforeValidator(_data_folder),
    Field(json_schema_extra={"wanted": "the path of a folder"}),
]


def _whole(least: int, most: int) -> Any:  # noqa: ANN401 - pydantic's FieldInfo has no public type
    # Strict, so that ``true`` is not the port 1.
    return Field(ge=least, le=most, strict=True)


class Group(BaseModel):
    """Settings that belong together; its docstrings are the descriptions shown to people."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Listen(Group):
    """Where and how the service answers."""

    host: Host = "127.0.0.1"
    """The address to listen on. Anything but 127.0.0.1 belongs behind nginx."""
    port: Annotated[int, _whole(0, 65_535)] = 8080
    """The port to listen on; 0 takes any free one."""
    allowed_hosts: tuple[Host, ...] = ()
    """Host headers that are answered; empty means 127.0.0.1 and localhost."""
    threads: Annotated[int, _whole(16, 512)] = 72
    """Request threads: one per screen's event stream, and eight that answer."""
    max_body_bytes: Annotated[int, _whole(1_024, 1_048_576)] = 65_536
    """The longest request body that is read."""
    connection_limit: Annotated[int, _whole(16, 4_096)] = 512
    """The most connections that are open at once."""


class Mqtt(Group):
    """The broker that decisions and orders are delivered to; the shop runs without it."""

    host: Broker = ""
    """The broker's name or address; empty means no broker, events wait in the outbox."""
    port: Annotated[int, _whole(1, 65_535)] = 1883
    """The broker's port."""
    tls: Literal["none"] = "none"
    """How the connection is secured; so far only inside the shop's own network."""


class Outbox(Group):
    """Events that wait for the broker."""

    max_bytes: Annotated[int, _whole(1_048_576, 64_000_000_000)] = 1_073_741_824
    """The most that may wait; above it, the least valuable and oldest events go first."""


class Retention(Group):
    """How long what happened is kept on the device."""

    decisions_days: Annotated[int, _whole(1, 396)] = 30
    """Days that a decision can be explained and replayed."""


class Idle(Group):
    """When a screen that nobody touches forgets what was on it."""

    guest_s: Annotated[int, _whole(15, 600)] = 45
    """Seconds without a touch until the kiosk asks "Are you still there?"."""
    item_s: Annotated[int, _whole(15, 600)] = 60
    """The same while a product is open."""
    warn_s: Annotated[int, _whole(20, 600)] = 20
    """Seconds that the question stands before the visit is wiped; never less than 20."""
    done_s: Annotated[int, _whole(5, 600)] = 20
    """Seconds that the order number stands."""
    paired_s: Annotated[int, _whole(15, 600)] = 30
    """The same as guest_s once somebody is recognised: their things must not stand around."""


class Boards(Group):
    """How menu boards change."""

    hold_s: Annotated[int, _whole(600, 86_400)] = 600
    """Seconds a hero stays before another may take its place; at least 10 minutes."""


class Exploration(Group):
    """How often "something different" is shown, so that it can be learned from."""

    gamma: Annotated[float, Field(ge=1, le=100_000)] = 400.0
    """SquareCB's gamma: higher shows the best-scored offer more often."""
    floor: Annotated[float, Field(ge=0, le=0.5)] = 0.05
    """No candidate's probability falls below this, divided by the number of candidates."""


class Beacon(Group):
    """The radio that hears customers' beacons, and when one counts as here."""

    adapter: Annotated[str, StringConstraints(pattern=r"^(hci[0-9]{1,2})?$")] = ""
    """The Bluetooth adapter, such as hci0; empty means no radio."""
    screen: Id = "kiosk-1"
    """The screen that the radio stands at."""
    enter_dbm: Annotated[int, _whole(-100, -20)] = -62
    """At least this strong, three times within a second: the beacon is here."""
    leave_dbm: Annotated[int, _whole(-110, -20)] = -74
    """Weaker than this for three seconds, or silent for six: it has left."""

    @model_validator(mode="after")
    def _leaving_is_weaker(self) -> Self:
        if self.leave_dbm >= self.enter_dbm:
            msg = f"leave_dbm ({self.leave_dbm}) must be below enter_dbm ({self.enter_dbm})"
            raise ValueError(msg)
        return self


class Camera(Group):
    """What reads codes at a kiosk."""

    source: str = ""
    """"0" is the first camera; a path is a picture or video that stands in; empty is none."""
    screen: Id = "kiosk-1"
    """The screen the camera looks out of."""
    hand_scanner: str = ""
    """The serial port of a hand scanner, such as /dev/ttyACM0; empty is none."""


Issuer = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{8}:[0-9a-f]{64}$"),
    Field(json_schema_extra={"wanted": "8 hexadecimal digits, a colon and 64 more"}),
]


class Recognition(Group):
    """Recognising customers by a token that they present, after they consented."""

    on: bool = False
    """False: no screen mentions it and nothing is listened to."""
    group: Annotated[int, _whole(0, 4_294_967_295)] = 1
    """The shop group that day keys are made for; others' codes are refused."""
    prefix: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}$")] = "6b629a41"
    """The first four bytes of this retailer's beacons, in hexadecimal."""
    day_keys_ahead: Annotated[int, _whole(1, 31)] = 7
    """Days that recognition goes on without the network."""
    issuers: tuple[Issuer, ...] = ()
    """Who signs K2 and K4 codes: "key id:Ed25519 public key", 8 and 64 hexadecimal digits."""
    central_key: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{64})?$")] = ""
    """Central's X25519 public key, in hexadecimal; empty: enrolments stay on this device."""
    central_sign_key: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{64})?$")] = ""
    """Central's Ed25519 public key; empty: nothing about customers is taken from the broker."""
    phone_host: Host = "127.0.0.1:8080"
    """The address of the phone page, as phones reach it."""
    beacon: Beacon = Beacon()
    camera: Camera = Camera()


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
            _put(raw, name, value)
        try:
            return cls.model_validate(raw)
        except ValidationError as error:
            lines = [
                f"{source}: {_line(mistake)}; see {SEE}" for mistake in mistakes_in(error, cls)
            ]
            raise SettingsContractError("\n".join(lines)) from error


def described(group: Group, prefix: str = "") -> Iterator[tuple[str, object, str]]:
    """Yield the dotted name, the value and the meaning of every setting in ``group``."""
    for name, field in type(group).model_fields.items():
        value = getattr(group, name)
        if isinstance(value, Group):
            yield from described(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value, field.description or ""


def _put(raw: dict[str, Any], name: str, value: object) -> None:
    *groups, last = name.split(".")
    for group in groups:
        inner = raw.setdefault(group, {})
        if not isinstance(inner, dict):
            return  # the profile's own mistake; the validation reports it
        raw = inner
    raw[last] = value


def _line(mistake: Mistake) -> str:
    what = mistake.problem or f"must be {mistake.wanted}, got {mistake.found}"
    return f"'{mistake.path}' {what}" if mistake.path else what
