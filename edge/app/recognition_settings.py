"""The settings of recognition: tokens, radio, camera."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from edge.catalog.entry import Id
from edge.core.setting_group import Group, Host, whole


class Beacon(Group):
    """The radio that hears customers' beacons, and when one counts as here."""

    adapter: Annotated[str, StringConstraints(pattern=r"^(hci[0-9]{1,2})?$")] = ""
    """The Bluetooth adapter, such as hci0; empty means no radio."""
    screen: Id = "kiosk-1"
    """The screen that the radio stands at."""
    place: Annotated[str, StringConstraints(max_length=40)] = ""
    """Where the radio stands, such as "entrance". A beacon that is strong in two different places
    at once was recorded and played again, and is refused in both."""
    enter_dbm: Annotated[int, whole(-100, -20)] = -62
    """At least this strong, three times within a second: the beacon is here."""
    leave_dbm: Annotated[int, whole(-110, -20)] = -74
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
    group: Annotated[int, whole(0, 4_294_967_295)] = 1
    """The shop group that day keys are made for; others' codes are refused."""
    prefix: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}$")] = "6b629a41"
    """The first four bytes of this retailer's beacons, in hexadecimal."""
    day_keys_ahead: Annotated[int, whole(1, 31)] = 7
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
