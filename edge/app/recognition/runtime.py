"""Everything of recognition, built once: read this to see how a token becomes a person.

Radio: ``Beacons`` turn sightings into an invitation, and name nobody.
Camera, hand scanner, page: ``Recognise`` turns a code into a ``Presence`` at a screen.
Phone: ``CustomerPages`` take consent, changes, withdrawal and erasure.
Central: ``FromCentral`` takes profiles and erasures, and reports new customers; ``TasteEvents``
tell it what customers bought and told us here.
``Known`` holds whose tokens are told; ``Presences`` tell the screens who comes and goes.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edge.app.recognition.beacons import Beacons
from edge.app.recognition.central_parts import CentralParts
from edge.app.recognition.consenting import Consenting
from edge.app.recognition.customer_parts import CustomerParts
from edge.app.recognition.customers import CustomerPages
from edge.app.recognition.from_central import FromCentral
from edge.app.recognition.known import Known
from edge.app.recognition.pace import Pace
from edge.app.recognition.pairings import Pairings
from edge.app.recognition.presences import Presences
from edge.app.recognition.profiles import Profiles
from edge.app.recognition.recognise import Recognise, RecognitionParts
from edge.app.recognition.taste_events import TasteEvents
from edge.app.recognition_settings import Recognition as RecognitionSettings
from edge.app.supervisor import Job, Supervisor
from edge.catalog.site import Site
from edge.core.chance import Chance
from edge.core.clock import Clock
from edge.devices.code_process import CameraSettings, CameraSource
from edge.devices.code_source import CodeSource
from edge.devices.hand_scanner import HandScanner, HandScannerSettings
from edge.devices.sightings import Sighting
from edge.identity.arbiter import Leases
from edge.identity.beacon_reader import BeaconReader
from edge.identity.code_reader import CodeReader
from edge.identity.consent import Notice
from edge.identity.gate import Thresholds
from edge.identity.profile import CustomerId
from edge.identity.proof import ProofReader
from edge.identity.used import UsedCodes
from edge.store.store import Store
from edge.web.phone.notice import CONSENT, MY_DATA, VERSION
from edge.web.phone_visits import PhoneVisits
from edge.web.recognition_ports import Scan
from edge.wire.cloudevents import Origin
from edge.wire.customer_events import CustomerEvents

if TYPE_CHECKING:
    from edge.devices.ble import BeaconScanner

Scanned = Callable[[str, Scan], None]


@dataclass(frozen=True, slots=True)
class Ground:
    """What recognition stands on."""

    settings: RecognitionSettings
    store: Store
    site: Site
    origin: Origin
    clock: Clock
    chance: Chance


@dataclass(slots=True)
class Recognising:
    """The built parts, and the sources that feed them."""

    settings: RecognitionSettings
    known: Known
    presences: Presences
    recognise: Recognise
    pages: CustomerPages
    beacons: Beacons
    from_central: FromCentral
    events: CustomerEvents
    store: Store
    clock: Clock
    used: UsedCodes
    audit_reported: int = 0
    scanned: Scanned = lambda _screen_id, _scan: None
    """Takes what a camera or serial scanner read; the kiosk's screens, once there are any."""
    keeping: Supervisor = field(init=False)
    """A thread of its own: building tables for a million customers takes seconds."""
    radio: "BeaconScanner | None" = None
    sources: list[tuple[str, CodeSource]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.keeping = Supervisor(
            [
                Job("customers", 5, self.known.tick),
                Job("enrolments", 60, self.from_central.report),
                Job("audit head", 3600, self._report_audit),
                Job("erasures", 10, self.store.people.finish_erasures),
            ]
        )

    def start(self) -> None:
        """Start keeping tables, and the radio, camera and hand scanner that the settings name."""
        self.keeping.start()
        beacon, camera = self.settings.beacon, self.settings.camera
        if beacon.adapter:
            # Only where there is a radio: bleak and its D-Bus take their time and memory.
            from edge.devices.ble import BeaconScanner, ScannerSettings  # noqa: PLC0415

            radio = ScannerSettings(beacon.adapter, bytes.fromhex(self.settings.prefix))
            self.radio = BeaconScanner(radio, self._sighted, self.clock)
            self.radio.start()
        if camera.source:
            eye = CameraSource(CameraSettings(camera.source), self._read, self.clock)
            self.sources.append(("camera", eye))
        if camera.hand_scanner:
            scanner = HandScannerSettings(camera.hand_scanner)
            self.sources.append(("hand_scanner", HandScanner(scanner, self._read, self.clock)))
        for _, source in self.sources:
            source.start()

    def stop(self) -> None:
        """End the sources, then the keeping of tables."""
        if self.radio is not None:
            self.radio.stop()
        for _, source in self.sources:
            source.stop()
        self.keeping.stop()

    def jobs(self) -> list[Job]:
        """Return what is to be done every so often, and quickly."""
        return [Job("presences", 1, self._tick)]

    def forget(self, customer_id: CustomerId) -> None:
        """Let retention forget a customer, as if they had asked for it."""
        self.pages.forget(customer_id, "retention")

    def _report_audit(self) -> None:
        """Tell central how long the audit log is, so that a log that was cut is seen there."""
        head = self.store.audit.head()
        if head.n != self.audit_reported:
            event = self.events.audit_head(head.n, bytes.fromhex(head.mac_hex))
            self.store.add_events([event]).result()
            self.audit_reported = head.n

    def _tick(self) -> None:
        self.beacons.tick()
        self.presences.expire()

    def _sighted(self, sighting: Sighting) -> None:
        screen_id = self.settings.beacon.screen
        self.beacons.heard((sighting.frame,), screen_id, sighting.rssi_dbm, sighting.seen_at)

    def _read(self, text: str) -> None:
        screen_id = self.settings.camera.screen
        self.scanned(screen_id, self.recognise.scanned(screen_id, text))


def build_recognition(ground: Ground, at_source: Callable[[], str]) -> Recognising:
    """Build recognition; nothing runs and nobody is known before its jobs do."""
    settings, clock, chance = ground.settings, ground.clock, ground.chance
    known = Known(
        ground.store,
        clock,
        group=settings.group,
        days_ahead=settings.day_keys_ahead,
        notices=tuple(Notice(name, VERSION, b"", b"", "") for name in (CONSENT, MY_DATA)),
    )
    presences = Presences(clock, chance)
    events = CustomerEvents(ground.origin, clock, chance, bytes.fromhex(settings.central_key))
    tastes = TasteEvents(known, events)
    profiles = Profiles(ground.store, clock, tastes.changed)
    pace = Pace(clock)
    pairings = Pairings(clock, chance, settings.phone_host)
    used = UsedCodes()
    reader = CodeReader(known.windows, _issuers(settings), known.customer_of, used, since=clock())
    phones = PhoneVisits(clock, chance)
    recognise = Recognise(
        RecognitionParts(known, profiles, presences, pairings, phones, reader, pace, clock),
        ground.site,
    )
    pages = CustomerPages(
        CustomerParts(
            store=ground.store,
            site=ground.site,
            known=known,
            profiles=profiles,
            presences=presences,
            pairings=pairings,
            phones=phones,
            recognise=recognise,
            proofs=ProofReader(known.windows, since=clock()),
            # A phone's tries cannot be guessed right; this bounds only what they cost.
            pace=Pace(clock, per_s=30, at_once=60),
            consenting=Consenting(ground.origin, ground.site.header, chance, at_source),
            events=events,
            clock=clock,
            chance=chance,
        )
    )
    beacons = _beacons(settings, known, presences, clock)
    recognise.invitations = beacons
    pages.near_by = beacons
    from_central = FromCentral(
        CentralParts(
            store=ground.store,
            header=ground.site.header,
            group=settings.group,
            known=known,
            profiles=profiles,
            pages=pages,
            events=events,
            tastes=tastes,
            clock=clock,
            chance=chance,
            central_sign_key=bytes.fromhex(settings.central_sign_key),
        )
    )
    return Recognising(
        settings,
        known,
        presences,
        recognise,
        pages,
        beacons,
        from_central,
        events,
        ground.store,
        clock,
        used,
    )


def _issuers(settings: RecognitionSettings) -> dict[bytes, bytes]:
    pairs = (issuer.split(":") for issuer in settings.issuers)
    return {bytes.fromhex(key_id): bytes.fromhex(key) for key_id, key in pairs}


def _beacons(
    settings: RecognitionSettings, known: Known, presences: Presences, clock: Clock
) -> Beacons:
    near = settings.beacon
    reader = BeaconReader(known.windows, bytes.fromhex(settings.prefix))
    leases = Leases(
        Thresholds(enter_dbm=near.enter_dbm, leave_dbm=near.leave_dbm),
        places={near.screen: near.place},
    )
    return Beacons(reader, leases, presences, clock)
