"""Events about customers: consent, enrolment, tastes, erasure; and the head of the audit log.

Whom they are about is sealed to central's key: no broker, log or bridge on the way can read it.
Without central's key they name nobody at all.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Literal

import orjson

from edge.core.chance import Chance
from edge.core.clock import Clock
from edge.core.ids import uuid7
from edge.identity.consent import ConsentEvent
from edge.identity.informed import Informed
from edge.identity.sealing import seal
from edge.wire.cloudevents import Event, Origin, Track, event, rfc3339
from edge.wire.lanes import Lane
from edge.wire.taste_event import TASTE_INFO, taste_plains

SUBJECT_INFO: Final = b"instore subject 1"
ENROLMENT_INFO: Final = b"instore enrolment 1"


class CustomerEvents:
    """Makes this device's events about customers."""

    def __init__(self, origin: Origin, clock: Clock, chance: Chance, central_key: bytes) -> None:
        """Take what events are made from.

        Args:
            origin: Where they come from.
            clock: The time.
            chance: For their ids.
            central_key: Central's X25519 public key, 32 bytes; b"" when there is none.
        """
        self._origin = origin
        self._clock = clock
        self._chance = chance
        self._central_key = central_key

    @property
    def can_enrol(self) -> bool:
        """Whether central's key is known, so that an enrolment can be sent."""
        return bool(self._central_key)

    def consent(self, pseudonym: bytes, changes: Sequence[ConsentEvent]) -> Event:
        """Return the event of changes to one consent record, in their order."""
        notice = changes[0].notice
        properties = {
            "record_id": changes[0].record_id,
            "subject_sealed": self._subject(pseudonym),
            "changes": [
                {
                    "event_id": change.event_id,
                    "purpose": change.purpose.value,
                    "state": change.state,
                    "at": rfc3339(change.at),
                    "method": change.method,
                    "valid_until": change.valid_until and rfc3339(change.valid_until),
                    "knows": sorted(change.knows),
                }
                for change in changes
            ],
            "notice": {
                "id": notice.notice_id,
                "version": notice.version,
                "text_sha256": notice.text_sha256.hex(),
                "language": notice.language,
            },
        }
        return self._event("consent", "Consent Changed", properties)

    def enrolment(self, plain: bytes) -> Event:
        """Return the event that gives ``plain`` (key, group, consents) to central alone."""
        sealed = b64encode(seal(plain, self._central_key, ENROLMENT_INFO)).decode()
        return self._event("enrolment", "Customer Enrolled", {"subject_sealed": sealed})

    def tastes(self, pseudonym: bytes, told: Informed) -> list[Event]:
        """Return the events that say to central alone what a customer bought and told us.

        Without central's key there are none: they would be about nobody.
        """
        if not self._central_key or not pseudonym:
            return []
        sealed = (
            seal(plain, self._central_key, TASTE_INFO) for plain in taste_plains(pseudonym, told)
        )
        return [
            self._event(
                "taste", "Customer Profile Changed", {"subject_sealed": b64encode(one).decode()}
            )
            for one in sealed
        ]

    def erasure(
        self, erasure_id: str, pseudonym: bytes, why: Literal["customer", "central", "retention"]
    ) -> Event:
        """Return the event that says a customer was forgotten here."""
        properties = {
            "erasure_id": erasure_id,
            "why": why,
            "subject_sealed": self._subject(pseudonym),
        }
        return self._event("erasure", "Customer Erased", properties)

    def audit_head(self, count: int, mac: bytes) -> Event:
        """Return the event that lets central see a log that was cut."""
        properties = {"count": count, "mac": mac.hex()}
        return self._event("audit_head", "Audit Head", properties, Lane.TRANSACTION)

    def _subject(self, pseudonym: bytes) -> str:
        if not self._central_key or not pseudonym:
            return ""
        plain = orjson.dumps({"pseudonym": pseudonym.hex()})
        return b64encode(seal(plain, self._central_key, SUBJECT_INFO)).decode()

    def _event(
        self, kind: str, title: str, properties: Mapping[str, object], lane: Lane = Lane.CONSENT
    ) -> Event:
        at: datetime = self._clock()
        return event(
            self._origin,
            Track(
                event_id=uuid7(at, self._chance),
                schema=kind,
                kind=kind,
                title=title,
                lane=lane,
                at=at,
                anonymous_id=self._origin.device,
                properties=properties,
            ),
        )
