"""What devices say of customers, opened with central's own key. Hostile until it has passed here.

Messages of errors name no value: they are about people, and end up among the dead letters.
"""

import hmac
from base64 import b64decode
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Final, Literal, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from edge.central.bridge.sink import Arrived
from edge.central.customers.erased_marks import MOST_KNOWN
from edge.core.errors import TrustError, WireContractError
from edge.identity.consent import SILENT, ConsentEvent, Notice, Purpose
from edge.identity.day_keys import pseudonym_of
from edge.identity.informed import Informed
from edge.identity.sealing import unseal
from edge.wire.customer_events import ENROLMENT_INFO, SUBJECT_INFO
from edge.wire.profile_facts import Moment
from edge.wire.profile_message import Hex8
from edge.wire.taste_event import TASTE_INFO, TasteSaid

ENROLMENT: Final = "urn:instore:schema:enrolment:1"
CONSENT: Final = "urn:instore:schema:consent:1"
ERASURE: Final = "urn:instore:schema:erasure:1"
AUDIT_HEAD: Final = "urn:instore:schema:audit_head:1"
TASTE: Final = "urn:instore:schema:taste:1"
OURS: Final = frozenset({ENROLMENT, CONSENT, TASTE, ERASURE, AUDIT_HEAD})

_Id = Annotated[str, Field(min_length=32, max_length=36)]
_Key = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Said(BaseModel):
    # A later release of the appliance may say more; what it adds is not understood here.
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class ChangeSaid(_Said):
    """One event of a consent record."""

    event_id: _Id
    record_id: Annotated[str, Field(max_length=36)] = ""
    purpose: Purpose
    state: Literal[
        "requested", "given", "refused", "withdrawn", "expired", "renewed", "invalidated"
    ]
    at: Moment
    valid_until: Moment | None = None
    knows: Annotated[
        tuple[Annotated[str, Field(max_length=36)], ...], Field(max_length=MOST_KNOWN)
    ] = ()

    def event(self, record_id: str, version: str) -> ConsentEvent:
        """Return it as a consent event of ``record_id``."""
        return ConsentEvent(
            event_id=self.event_id,
            record_id=record_id,
            purpose=self.purpose,
            state=self.state,
            at=self.at,
            method="app_toggle",
            notice=Notice("central", version, bytes(32), bytes(32), ""),
            valid_until=self.valid_until,
            knows=frozenset(self.knows),
        )


class _RecordedSaid(ChangeSaid):
    """One event of any record: it names its record itself, as devices that are told of it want."""

    record_id: _Id


class _EnrolmentSaid(_Said):
    beacon_key: _Key
    group: Annotated[int, Field(ge=0, le=4_294_967_295)]
    pseudonym: Hex8
    language: Annotated[str, Field(max_length=16)] = ""
    since_at: Moment
    device_key: _Key
    consents: Annotated[tuple[_RecordedSaid, ...], Field(max_length=500)]


class _Noticed(_Said):
    version: Annotated[str, Field(max_length=32)] = ""


class _ConsentSaid(_Said):
    record_id: _Id
    changes: Annotated[tuple[ChangeSaid, ...], Field(max_length=100)]
    notice: _Noticed


class _SubjectSaid(_Said):
    pseudonym: Hex8


class _ErasureSaid(_Said):
    why: Literal["customer", "central", "retention"]


class HeadSaid(_Said):
    """How long a device's audit log is."""

    count: Annotated[int, Field(ge=0, lt=2**53)]
    mac: Annotated[str, Field(pattern=r"^[0-9a-f]{0,128}$")]


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A customer enrolled at a device."""

    pseudonym: bytes = field(repr=False)
    beacon_key: bytes = field(repr=False)
    group: int
    language: str
    since_at: datetime
    device_key: bytes
    consents: tuple[ConsentEvent, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Consented:
    """A customer said yes or no to something."""

    pseudonym: bytes = field(repr=False)
    consents: tuple[ConsentEvent, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Erased:
    """A device forgot a customer."""

    pseudonym: bytes = field(repr=False)
    why: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Tasted:
    """A customer bought something, or told us something."""

    pseudonym: bytes = field(repr=False)
    told: Informed = field(repr=False)


Said = Enrolled | Consented | Tasted | Erased | HeadSaid


def opened(arrived: Arrived, secret: bytes) -> Said | None:
    """Return what an event says; None: it says of whom to nobody (a device without central's key).

    Args:
        arrived: One of ``OURS``.
        secret: Central's X25519 private key.

    Raises:
        WireContractError: It was not sealed to central, or holds something else; or a key and a
            pseudonym do not belong together.
    """
    kind, properties = arrived.event["dataschema"], arrived.properties
    if kind == AUDIT_HEAD:
        return _parsed(HeadSaid, properties)
    sealed = properties.get("subject_sealed")
    if not sealed:
        return None
    if kind == ENROLMENT:
        return _enrolled(_parsed(_EnrolmentSaid, _plain(sealed, secret, ENROLMENT_INFO)))
    if kind == TASTE:
        taste = _parsed(TasteSaid, _plain(sealed, secret, TASTE_INFO))
        return Tasted(bytes.fromhex(taste.pseudonym), taste.informed)
    subject = _parsed(_SubjectSaid, _plain(sealed, secret, SUBJECT_INFO))
    pseudonym = bytes.fromhex(subject.pseudonym)
    if kind == ERASURE:
        return Erased(pseudonym, _parsed(_ErasureSaid, properties).why, arrived.at)
    said = _parsed(_ConsentSaid, properties)
    version = said.notice.version
    changes = (one.event(said.record_id, version) for one in said.changes)
    return Consented(pseudonym, _telling(changes))


def _enrolled(said: _EnrolmentSaid) -> Enrolled:
    beacon_key, pseudonym = bytes.fromhex(said.beacon_key), bytes.fromhex(said.pseudonym)
    if not hmac.compare_digest(pseudonym, pseudonym_of(beacon_key)):
        msg = (
            "wanted the pseudonym that follows from the enrolled key, got another; it is not taken"
        )
        raise WireContractError(msg)
    return Enrolled(
        pseudonym=pseudonym,
        beacon_key=beacon_key,
        group=said.group,
        language=said.language,
        since_at=said.since_at,
        device_key=bytes.fromhex(said.device_key),
        consents=_telling(one.event(one.record_id, "") for one in said.consents),
    )


def _telling(said: Iterable[ConsentEvent]) -> tuple[ConsentEvent, ...]:
    """Leave out that somebody was asked: it changes nothing, and devices are not told of it."""
    return tuple(one for one in said if one.state not in SILENT)


def _plain(sealed: object, secret: bytes, info: bytes) -> object:
    try:
        return orjson.loads(unseal(b64decode(str(sealed), validate=True), secret, info))
    except (TrustError, ValueError) as error:  # base64 and JSON raise ValueError
        msg = "subject_sealed: wanted what was sealed to central's key for this, got something else"
        raise WireContractError(msg) from error


_S = TypeVar("_S", bound=BaseModel)


def _parsed(wanted: type[_S], found: Any) -> _S:  # noqa: ANN401 - whatever JSON held
    try:
        return wanted.model_validate(found)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        msg = f"wanted what a device says of a customer, got {where}: {first['msg']}"
        raise WireContractError(msg) from None
