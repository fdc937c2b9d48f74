"""Central's customers over a real database, and devices that say what real ones say.

``Voice`` makes a device's events with the product's own code; ``CentralCustomers`` takes them as
the bridge does, and opens what it writes to a device with that device's key.
"""

from base64 import b64decode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import orjson
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from edge.central.bridge.postgres_sink import PostgresSink
from edge.central.bridge.reading import Incoming, read
from edge.central.bridge.sink import Arrived
from edge.central.bridge.tables import opened
from edge.central.customers.part import CustomersPart, customers_part
from edge.central.customers.profiles import profile_of
from edge.central.fleet.releases.central_keys import (
    CUSTOMERS_EXCHANGE,
    CUSTOMERS_SIGN,
    CentralKeys,
)
from edge.central.fleet.tables import FLEET
from edge.central.postgres import Connection, migrate
from edge.central.settings import CentralSettings
from edge.core.chance import system_chance
from edge.core.clock import SettableClock
from edge.core.ids import uuid7
from edge.identity.consent import ConsentEvent, Notice, Purpose
from edge.identity.day_keys import pseudonym_of
from edge.identity.informed import Informed
from edge.identity.profile import Profile
from edge.identity.sealing import unseal
from edge.wire.cloudevents import Event, Origin, stamp
from edge.wire.customer_events import CustomerEvents
from edge.wire.profile_message import ERASE_INFO, PROFILE_INFO
from edge.wire.signed import check_signature
from edge.wire.taste_event import known_withdrawals
from edge.wire.topics import CentralTopics, Topics

TENANT: Final = "demo"
GROUP: Final = 1
NOTICE: Final = Notice("recognition", "1.0", b"\x01" * 32, b"\x02" * 32, "en")
_INFO: Final = {"profile": PROFILE_INFO, "erase": ERASE_INFO}


def central_settings(folder: Path, database: str, **customers: object) -> CentralSettings:
    """Settings of a central with new keys in ``folder``."""
    keys = folder / "keys"
    CentralKeys(keys).make_missing()
    return CentralSettings.model_validate(
        {
            "tenant": TENANT,
            "database": database,
            "repository": folder / "repository",
            "mqtt": {"tls": "none"},
            "keys": {"online": keys},
            "customers": customers,
        }
    )


@dataclass
class Voice:
    """A device with recognition, as central hears it."""

    device: str
    site: str
    clock: SettableClock
    central_key: bytes = field(repr=False)
    secret: X25519PrivateKey = field(default_factory=X25519PrivateKey.generate, repr=False)
    seq: int = 0

    @property
    def exchange_key(self) -> bytes:
        return self.secret.public_key().public_bytes_raw()

    @property
    def _events(self) -> CustomerEvents:
        origin = Origin(self.site, self.device, "0.1.0", lambda: "ntp")
        return CustomerEvents(origin, self.clock, system_chance, self.central_key)

    def enrolment(
        self, beacon_key: bytes, consents: Iterable[ConsentEvent], **change: object
    ) -> Arrived:
        """Somebody's key and consents."""
        plain = {
            "beacon_key": beacon_key.hex(),
            "group": GROUP,
            "pseudonym": pseudonym_of(beacon_key).hex(),
            "language": "en",
            "since_at": self.clock(),
            "device_key": self.exchange_key.hex(),
            "consents": [
                {
                    "event_id": one.event_id,
                    "record_id": one.record_id,
                    "purpose": one.purpose.value,
                    "state": one.state,
                    "at": one.at,
                    "knows": sorted(one.knows),
                }
                for one in consents
            ],
        }
        return self._arrived(self._events.enrolment(orjson.dumps({**plain, **change})))

    def consent(self, beacon_key: bytes, *said: ConsentEvent) -> Arrived:
        """What somebody said."""
        return self._arrived(self._events.consent(pseudonym_of(beacon_key), said))

    def tastes(
        self, beacon_key: bytes, profile: Profile, consents: Iterable[ConsentEvent] = ()
    ) -> list[Arrived]:
        """What somebody bought and told us there, where ``consents`` were known."""
        told = Informed(profile, known_withdrawals(consents))
        return [self._arrived(one) for one in self._events.tastes(pseudonym_of(beacon_key), told)]

    def erasure(self, beacon_key: bytes, why: str = "customer") -> Arrived:
        """That somebody was forgotten."""
        erasure_id = uuid7(self.clock(), system_chance)
        return self._arrived(
            self._events.erasure(erasure_id, pseudonym_of(beacon_key), why)  # type: ignore[arg-type]
        )

    def audit_head(self, count: int, mac: bytes) -> Arrived:
        """How long its audit log is."""
        return self._arrived(self._events.audit_head(count, mac))

    def _arrived(self, event: Event) -> Arrived:
        self.seq += 1
        now = self.clock()
        body = stamp(event.body, epoch="ab" * 8, seq=self.seq, sent_at=now)
        topic = Topics(TENANT, self.site, self.device).events(event.lane)
        reading = read(Incoming(topic, body), CentralTopics(TENANT), now)
        assert not reading.dead, reading.dead[0].why
        return reading.events[0]


def said(
    purpose: Purpose,
    at: datetime,
    state: str = "given",
    *,
    record_id: str = "",
    knows: Iterable[str] = (),
) -> ConsentEvent:
    """One thing said about one purpose."""
    return ConsentEvent(
        event_id=uuid7(at, system_chance),
        record_id=record_id or uuid7(at, system_chance),
        purpose=purpose,
        state=state,  # type: ignore[arg-type] # a test's own word
        at=at,
        method="app_toggle",
        notice=NOTICE,
        knows=frozenset(knows),
    )


class CentralCustomers:
    """Central, with a connection to look with."""

    def __init__(
        self, folder: Path, database: str, clock: SettableClock, **customers: object
    ) -> None:
        self.clock = clock
        self.settings = central_settings(folder, database, **customers)
        assert self.settings.keys.online is not None
        self.central = CentralKeys(self.settings.keys.online)
        part = customers_part(self.settings, system_chance)
        assert part is not None
        self.part: CustomersPart = part
        self.con: Connection = opened(database, clock)
        self.con.autocommit = True
        migrate(self.con, FLEET)
        part.prepare(self.con)
        self.sink = PostgresSink(database, follow=[part.follow(clock)])
        self.telling = part.telling(clock)

    def voice(self, device: str, site: str = "shop-1") -> Voice:
        """A device that knows this central's key."""
        return Voice(device, site, self.clock, self.central.public(CUSTOMERS_EXCHANGE))

    def take(self, *arrived: Arrived) -> None:
        """Let events arrive, each in a batch of its own."""
        for one in arrived:
            self.sink.write([one])

    def tell(self) -> None:
        """Write all that is due."""
        while self.telling.turn(self.con):
            pass

    def born(self, voice: Voice, conn_seq: int = 1, **birth: object) -> None:
        """Let central ops hear the device's birth."""
        document = {
            "exchange_key": voice.exchange_key.hex(),
            "group": GROUP,
            "heard": {},
            **birth,
        }
        self.con.execute(
            "INSERT INTO device(device, site, epoch, conn_seq, is_online, changed_at, birth,"
            " heard_at) VALUES (%s, %s, 'e', %s, true, now(), %s::jsonb, now())"
            " ON CONFLICT (device) DO UPDATE SET conn_seq = excluded.conn_seq,"
            " birth = excluded.birth, is_online = true",
            (voice.device, voice.site, conn_seq, orjson.dumps(document).decode()),
        )

    def gone(self, voice: Voice) -> None:
        """Let the device go offline."""
        self.con.execute("UPDATE device SET is_online = false WHERE device = %s", (voice.device,))

    def written(self, voice: Voice, kind: str) -> list[dict[str, Any]]:
        """What was written to a device, opened as the device opens it."""
        rows = self.con.execute(
            "SELECT payload FROM customer_message WHERE device = %s AND kind = %s ORDER BY number",
            (voice.device, kind),
        ).fetchall()
        return [self._opened(voice, kind, bytes(row[0])) for row in rows]

    def written_kinds(self) -> list[str]:
        """The kinds of all messages that wait or are not confirmed."""
        rows = self.con.execute("SELECT kind FROM customer_message ORDER BY number").fetchall()
        return [str(row[0]) for row in rows]

    def is_known(self, beacon_key: bytes) -> bool:
        """Say whether central knows somebody."""
        row = self.con.execute(
            "SELECT 1 FROM customer WHERE pseudonym = %s", (pseudonym_of(beacon_key),)
        )
        return row.fetchone() is not None

    def profile(self, beacon_key: bytes) -> Profile:
        """What central keeps of somebody."""
        with self.con.cursor() as cur:
            return profile_of(cur, self.part.keys.row_key, pseudonym_of(beacon_key))

    def everything(self) -> bytes:
        """Every row of every table, as PostgreSQL writes it down."""
        tables = self.con.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relkind IN ('r', 'p') AND NOT relispartition"
        ).fetchall()
        found = []
        for (table,) in tables:
            rows = self.con.execute(f'SELECT t::text FROM "{table}" t'.encode()).fetchall()
            found += [f"{table}: {row[0]}".encode() for row in rows]
        return b"\n".join(found)

    def close(self) -> None:
        self.sink.close()
        self.con.close()

    def _opened(self, voice: Voice, kind: str, payload: bytes) -> dict[str, Any]:
        info = _INFO[kind]
        check_signature(
            payload,
            central_key=self.central.public(CUSTOMERS_SIGN),
            info=info,
            device_key=voice.exchange_key,
        )
        sealed = b64decode(orjson.loads(payload)["sealed"])
        opened_: Mapping[str, Any] = orjson.loads(
            unseal(sealed, voice.secret.private_bytes_raw(), info)
        )
        return dict(opened_)
