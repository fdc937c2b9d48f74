"""Make consent records: what was said about which purpose, after reading which notice."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from edge.catalog.site import SiteHeader
from edge.core.chance import Chance
from edge.core.errors import RequestContractError
from edge.core.ids import uuid7
from edge.identity.consent import VALID_FOR, ConsentEvent, Notice, Purpose, State
from edge.identity.consent_merge import knowing
from edge.identity.terms import TERMS
from edge.store.consents import NewConsent
from edge.wire.cloudevents import Origin


@dataclass(frozen=True, slots=True)
class Said:
    """Who said something, and after reading what."""

    subject_ref: str
    notice: Notice
    at: datetime


class Consenting:
    """Makes consent records for the customers of one shop."""

    def __init__(
        self, origin: Origin, header: SiteHeader, chance: Chance, at_source: Callable[[], str]
    ) -> None:
        self._origin = origin
        self._header = header
        self._chance = chance
        self._at_source = at_source

    def given(
        self, said: Said, purposes: Iterable[Purpose], before: Iterable[ConsentEvent] = ()
    ) -> NewConsent:
        """Return a new record that gives ``purposes``, knowing what was said ``before``.

        Raises:
            RequestContractError: The shop has not said who is responsible for the data.
        """
        record_id = uuid7(said.at, self._chance)
        wanted = tuple(p for p in Purpose if p in set(purposes))
        events = tuple(self._event(said, record_id, p, "given") for p in wanted)
        return self._record(said, wanted, knowing(events, before))

    def withdrawn(self, said: Said, held: dict[Purpose, str]) -> NewConsent:
        """Return the events that take ``held`` (purpose -> record id) back."""
        wanted = tuple(p for p in Purpose if p in held)
        events = tuple(self._event(said, held[p], p, "withdrawn") for p in wanted)
        return self._record(said, (), events)

    def _event(self, said: Said, record_id: str, purpose: Purpose, state: State) -> ConsentEvent:
        return ConsentEvent(
            event_id=uuid7(said.at, self._chance),
            record_id=record_id,
            purpose=purpose,
            state=state,
            at=said.at,
            method="app_toggle",
            notice=said.notice,
            valid_until=said.at + VALID_FOR if state == "given" else None,
        )

    def _record(
        self, said: Said, purposes: tuple[Purpose, ...], events: tuple[ConsentEvent, ...]
    ) -> NewConsent:
        controller = self._header.controller
        if controller is None:
            msg = (
                f"wanted who is responsible for customers' data in {self._header.site}/site.yaml "
                "(controller), found nothing; nobody can consent here until it is there"
            )
            raise RequestContractError(msg)
        return NewConsent(
            subject_ref=said.subject_ref,
            controller=controller.model_dump(mode="json"),
            jurisdiction=self._header.region.upper(),
            language=said.notice.language,
            purposes=tuple(TERMS[p] for p in purposes),
            events=events,
            actor="subject",
            age_assertion="over_threshold",
            at_source=self._at_source(),
            site_id=self._origin.site,
            device_id=self._origin.device,
        )
