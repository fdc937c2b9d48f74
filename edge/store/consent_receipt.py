"""The receipt that a customer keeps: what they consented to, signed by the device.

The parts are those of ISO/IEC TS 27560:2023 (header, processing, party, events). Whoever has the
device's public key can tell whether a receipt is genuine, without the device.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from edge.store.consent_rows import Kept, to_text

RECEIPT_VERSION: Final = "27560:2023/edge-1"
_SIGNED: Final = b"instore consent receipt 1"
_SIGNATURE: Final = "signature"


class Signer(Protocol):
    """What of the device's keys signs."""

    @property
    def public_key(self) -> bytes:
        """The device's Ed25519 public key, 32 bytes."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the device's signature of ``message``."""
        ...


def receipt(events: Sequence[Kept], signer: Signer, at: datetime) -> Mapping[str, object]:
    """Return the receipt of what one customer said (in the order it was kept), ready for JSON."""
    records: dict[str, list[Kept]] = {}
    for one in events:
        records.setdefault(one.event["record_id"], []).append(one)
    body: dict[str, object] = {
        "schema_version": RECEIPT_VERSION,
        "issued_at": to_text(at),
        "records": [_record(of_record) for of_record in records.values()],
    }
    value = signer.sign(_message(body))
    body[_SIGNATURE] = {
        "algorithm": "Ed25519",
        "public_key": signer.public_key.hex(),
        "value": value.hex(),
    }
    return body


def verify_receipt(found: Mapping[str, object], public_key: bytes) -> bool:
    """Say whether the device with that Ed25519 public key (32 bytes) made exactly this receipt.

    The key must come from somewhere else than the receipt, such as the shop's own page.
    """
    signature = found.get(_SIGNATURE)
    if not isinstance(signature, Mapping):
        return False
    body = {name: value for name, value in found.items() if name != _SIGNATURE}
    try:
        value = bytes.fromhex(str(signature.get("value")))
        Ed25519PublicKey.from_public_bytes(public_key).verify(value, _message(body))
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _message(body: Mapping[str, object]) -> bytes:
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return _SIGNED + text.encode()


def _record(events: Sequence[Kept]) -> Mapping[str, object]:
    record = events[0].record
    purposes = {one.event["purpose_id"]: one.purpose for one in events}
    return {
        "header": {
            "schema_version": record["schema_version"],
            "record_id": record["record_id"],
            "pii_principal_id": record["subject_ref"],
            "created_at": record["created_at"],
            "language": record["language"],
            "site_id": record["site_id"],
            "device_id": record["device_id"],
        },
        "processing": [_processing(purpose, record) for purpose in purposes.values()],
        "party": {"role": "controller", **json.loads(record["controller_json"])},
        "events": [_event(one.event) for one in events],
    }


def _processing(purpose: Mapping[str, Any], record: Mapping[str, Any]) -> Mapping[str, object]:
    return {
        "purpose": purpose["purpose_id"],
        "description": purpose["description"],
        "lawful_basis": purpose["lawful_basis"],
        "pii_information": json.loads(purpose["data_categories"]),
        "sources": json.loads(purpose["sources"]),
        "recipient_third_parties": json.loads(purpose["recipients"]),
        "transfers": json.loads(purpose["transfers"]),
        "storage_locations": [purpose["storage_location"]],
        "retention_days": purpose["retention_days"],
        "jurisdiction": record["jurisdiction"],
        "profiling": bool(purpose["profiling"]),
        "automated_decision": bool(purpose["automated_decision"]),
        "biometric": bool(purpose["biometric"]),
        "sensitive": bool(purpose["sensitive"]),
    }


def _event(event: Mapping[str, Any]) -> Mapping[str, object]:
    return {
        "event_id": event["event_id"],
        "purpose": event["purpose_id"],
        "event_state": event["state"],
        "event_time": event["at"],
        "time_source": event["at_source"],
        "valid_until": event["valid_until"],
        "method": event["method"],
        "withdrawal_method": event["withdrawal_method"],
        "entity": event["actor"],
        "age_assertion": event["age_assertion"],
        "privacy_notice": {
            "id": event["notice_id"],
            "version": event["notice_version"],
            "language": event["notice_language"],
            "text_sha256": event["notice_sha256"].hex(),
            "page_sha256": event["ui_sha256"].hex(),
        },
    }
