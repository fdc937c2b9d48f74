"""What central does with new events about customers, in the transaction that writes them.

The order in which they arrive is no matter: what holds follows from everything that was said, and
who was erased leaves a mark that an older word does not pass. Whom an event is about is struck out
of the bridge's own table at once: there, nobody can be told from anybody, before or after an erasure.
"""

import logging
from collections.abc import Iterable, Sequence
from typing import Final, LiteralString

from edge.central.bridge.sink import Arrived
from edge.central.customers import consent_rows, erased_marks
from edge.central.customers.forgetting import forget, no_longer_held
from edge.central.customers.keys import CustomerKeys
from edge.central.customers.profiles import keep_only, merge_in
from edge.central.customers.said import (
    OURS,
    Consented,
    Enrolled,
    Erased,
    HeadSaid,
    Said,
    Tasted,
    opened,
)
from edge.central.customers.site_groups import is_of_group
from edge.central.customers.tables import alone
from edge.central.postgres import Cursor
from edge.core.clock import Clock
from edge.core.errors import WireContractError
from edge.identity.consent import ConsentEvent, purposes_in_force

log = logging.getLogger(__name__)

_STRIKE_OUT: Final[LiteralString] = """
UPDATE event SET body = jsonb_set(body, '{data,properties,subject_sealed}', '""')
WHERE event_id = %s::uuid AND device = %s AND tenant = %s AND day = %s::date
"""
_ENROL: Final[LiteralString] = """
INSERT INTO customer(pseudonym, beacon_key, group_id, site, language, since_at)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (pseudonym) DO UPDATE SET is_due = true, empty_since = NULL,
  since_at = least(customer.since_at, excluded.since_at)
"""
_CHANGED: Final[LiteralString] = """
UPDATE customer SET is_due = true, empty_since = NULL WHERE pseudonym = %s
"""
_PLACE: Final[LiteralString] = """
INSERT INTO customer_place(device, site, group_id, exchange_key) VALUES (%s, %s, %s, %s)
ON CONFLICT DO NOTHING
"""
_HELD: Final[LiteralString] = """
INSERT INTO customer_device(pseudonym, device) VALUES (%s, %s)
ON CONFLICT (pseudonym, device) DO UPDATE SET let_go = false
"""
_HEAD: Final[LiteralString] = """
INSERT INTO customer_audit_head AS h (device, epoch, count, mac, at) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (device, epoch) DO UPDATE SET
  was_cut = h.was_cut OR (excluded.at > h.at AND excluded.count < h.count)
    OR (excluded.at < h.at AND excluded.count > h.count)
    OR (excluded.count = h.count AND excluded.mac <> h.mac),
  count = CASE WHEN excluded.at > h.at THEN excluded.count ELSE h.count END,
  mac = CASE WHEN excluded.at > h.at THEN excluded.mac ELSE h.mac END,
  at = greatest(h.at, excluded.at)
"""


class FollowCustomers:
    """A ``Follow`` of the bridge."""

    def __init__(self, keys: CustomerKeys, clock: Clock) -> None:
        self._keys = keys
        self._clock = clock

    def __call__(self, cursor: Cursor, batch: Sequence[Arrived]) -> None:
        """Take what ``batch`` says of customers.

        Raises:
            WireContractError: An event was not sealed to central, or says what cannot be.
        """
        ours = [one for one in batch if one.event["dataschema"] in OURS]
        if not ours:
            return
        found = [(one, opened(one, self._keys.exchange_private)) for one in ours]
        alone(cursor)
        for arrived, said in found:
            self._take(cursor, arrived, said)
            if "subject_sealed" in arrived.properties:
                day = arrived.event["time"][:10]
                cursor.execute(_STRIKE_OUT, (*arrived.key, day))

    def _take(self, cur: Cursor, arrived: Arrived, said: Said | None) -> None:
        match said:
            case Enrolled():
                self._enrolled(cur, arrived, said)
            case Consented():
                self._consented(cur, said)
            case Tasted():
                self._tasted(cur, arrived, said)
            case Erased():
                self._erased(cur, arrived, said)
            case HeadSaid():
                facts = (arrived.device, arrived.epoch, said.count, said.mac, arrived.at)
                cur.execute(_HEAD, facts)
            case None:
                pass

    def _enrolled(self, cur: Cursor, arrived: Arrived, said: Enrolled) -> None:
        if not is_of_group(cur, arrived.site, said.group):
            msg = f"wanted an enrolment of the group that {arrived.site} belongs to, got another's"
            raise WireContractError(msg)
        key, pseudonym, now = self._keys.row_key, said.pseudonym, self._clock()
        cur.execute(_PLACE, (arrived.device, arrived.site, said.group, said.device_key))
        mark = erased_marks.of(cur, key, pseudonym)
        consents = said.consents
        if mark is not None:
            erased_marks.learn(cur, key, pseudonym, consents)
            mark = erased_marks.of(cur, key, pseudonym) or mark
            consents = erased_marks.still_said(key, mark, consents)
            if not purposes_in_force(consents, now):
                return
            erased_marks.clear(cur, key, pseudonym)
        self._add(cur, pseudonym, consents)
        sealed = key.seal(said.beacon_key, pseudonym, self._keys.writing.chance)
        facts = (said.group, arrived.site, said.language, said.since_at)
        cur.execute(_ENROL, (pseudonym, sealed, *facts))
        cur.execute(_HELD, (pseudonym, arrived.device))

    def _consented(self, cur: Cursor, said: Consented) -> None:
        key, pseudonym = self._keys.row_key, said.pseudonym
        if erased_marks.of(cur, key, pseudonym) is not None:
            # Central has no key of theirs any more; only an enrolment could bring them back.
            erased_marks.learn(cur, key, pseudonym, said.consents)
            return
        if self._add(cur, pseudonym, said.consents):
            cur.execute(_CHANGED, (pseudonym,))

    def _add(self, cur: Cursor, pseudonym: bytes, consents: Iterable[ConsentEvent]) -> int:
        """Keep what was said about consent, and delete what ends with it; return how much is new."""
        added = consent_rows.add(cur, pseudonym, consents)
        if added:
            everything = consent_rows.of(cur, pseudonym)
            keep_only(cur, self._keys, pseudonym, everything, self._clock())
        return added

    def _tasted(self, cur: Cursor, arrived: Arrived, said: Tasted) -> None:
        """Take what was bought or told; before their enrolment too, which may be on its way."""
        if erased_marks.of(cur, self._keys.row_key, said.pseudonym) is None:
            now, device = self._clock(), arrived.device
            merge_in(cur, self._keys, said.pseudonym, said.told, now, told_by=device)

    def _erased(self, cur: Cursor, arrived: Arrived, said: Erased) -> None:
        pseudonym, device = said.pseudonym, arrived.device
        if said.why == "retention" and not no_longer_held(cur, pseudonym, device):
            return
        keys = (self._keys.row_key, self._keys.writing)
        forget(cur, keys, pseudonym, self._clock(), told_by=device)
