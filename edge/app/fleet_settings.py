"""The settings of what joins a device to central and to the other devices of its shop."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from edge.core.setting_group import Broker, Folder, Group, whole

Key = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{64})?$")]
Ring = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9-]{3,32}$"),
    Field(json_schema_extra={"wanted": "3 to 32 lower-case letters, digits or hyphens"}),
]
ConfigName = Annotated[
    str,
    StringConstraints(pattern=r"^([a-z0-9-]{3,32})?$"),
    Field(json_schema_extra={"wanted": '3 to 32 lower-case letters, digits or hyphens, or ""'}),
]
Clock = Annotated[
    str,
    StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$"),
    Field(json_schema_extra={"wanted": "a time of day such as 02:30"}),
]
Url = Annotated[
    str,
    StringConstraints(pattern=r"^(https?://[A-Za-z0-9.\[\]:-]{1,255}(/[A-Za-z0-9._/-]*)?)?$"),
    Field(json_schema_extra={"wanted": 'an http or https address, or ""'}),
]


class Mqtt(Group):
    """The broker that decisions and orders are delivered to; the shop runs without it."""

    host: Broker = ""
    """The broker's name or address; empty means no broker, events wait in the outbox."""
    port: Annotated[int, whole(1, 65_535)] = 1883
    """The broker's port."""
    tls: Literal["none", "mutual"] = "none"
    """"mutual": TLS 1.3, both sides with certificates; "none" only inside the shop's network."""
    ca_file: Folder = None
    """Who signed the broker's certificate; needed with tls = "mutual"."""
    cert_file: Folder = None
    """This device's certificate; its CN is device_id."""
    key_file: Folder = None
    """The certificate's key, readable by the service alone."""
    reconnect_spread_s: Annotated[int, whole(0, 3_600)] = 600
    """After a connection that was good is lost, the first try comes within so many seconds at a
    moment of its own, so that a whole fleet does not knock at once."""
    command_key: Key = ""
    """Central's Ed25519 public key for commands, in hexadecimal; empty: none are taken."""
    acknowledged_by: Literal["central", "broker"] = "central"
    """Whose word lets this device forget an event. "central": it is written there for good. "broker"
    is for demos and tests: a broker that crashes, or reads its files anew, loses what it had."""
    acked_key: Key = ""
    """Central's Ed25519 public key for that word, in hexadecimal; `edge enrol` brings it."""
    confirm_within_s: Annotated[int, whole(1, 3_600)] = 60
    """What central has not confirmed within so long is sent again, and again after longer pauses."""

    @model_validator(mode="after")
    def _central_has_a_key(self) -> Self:
        if self.host and self.acknowledged_by == "central" and not self.acked_key:
            msg = (
                'acknowledged_by = "central" needs acked_key, which `edge enrol` brings; "broker" '
                "does without, and loses what a broker loses"
            )
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _mutual_has_files(self) -> Self:
        if self.tls == "mutual" and not (self.ca_file and self.cert_file and self.key_file):
            msg = 'tls = "mutual" needs ca_file, cert_file and key_file; `edge enrol` makes them'
            raise ValueError(msg)
        return self


class Lan(Group):
    """What the devices of one shop share over the shop's broker."""

    on: bool = False
    """False: this device knows only what happens on itself."""
    host: Broker = ""
    """The shop's own broker; it may run on one of the devices."""
    port: Annotated[int, whole(1, 65_535)] = 1883
    """Its port."""
    tls: Literal["none", "mutual"] = "none"
    """"mutual": with the certificate of [mqtt]; "none" only where nobody else is on the network."""

    @model_validator(mode="after")
    def _on_has_a_broker(self) -> Self:
        if self.on and not self.host:
            msg = "on = true needs host, the shop's own broker"
            raise ValueError(msg)
        return self


class Update(Group):
    """Where signed releases come from, and when they may be fetched."""

    repository: Url = ""
    """The TUF repository: the address above metadata/ and targets/; empty: no updates."""
    cache: Url = ""
    """A device of this shop that passes the same files on; tried first, trusted no more."""
    serves_cache: bool = False
    """Pass fetched files on to other devices of the shop."""
    trust_file: Folder = None
    """The pinned root.json, which enrolment delivers: whom this device believes about releases.
    None is shipped, since nobody else's keys belong into your shops; needed with a repository."""
    ring: Ring = "stable"
    """Whose doorbell this device listens to."""
    config: ConfigName = ""
    """Which signed configuration this device follows, such as "kiosk"; empty: none. Its shop's texts
    it follows by the name of its site."""
    poll_minutes: Annotated[int, whole(1, 1_440)] = 30
    """How often it looks for news, give or take a fifth."""
    bandwidth_kib_s: Annotated[int, whole(0, 1_048_576)] = 0
    """The most that a download takes of the line; 0 is no limit."""
    window_from: Clock = "00:00"
    """Downloads and swaps begin from this time of the shop's day on …"""
    window_to: Clock = "00:00"
    """… until this one; both the same means at any time."""
    reserve_mib: Annotated[int, whole(0, 1_048_576)] = 256
    """Disk that must stay free after a download."""

    @model_validator(mode="after")
    def _repository_has_trust(self) -> Self:
        if self.repository and not self.trust_file:
            msg = "repository needs trust_file, the pinned root.json; `edge enrol` delivers it"
            raise ValueError(msg)
        return self
