"""What a customer takes along from central: everything that is kept, and a signed consent receipt."""

from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from edge.central.customers.sealed_message import Sign
from edge.central.my_data.kept import Kept
from edge.identity.export import exported, said, time_words
from edge.wire.canonical import canonical

RECEIPT_FORMAT: Final = "instore-edge/central-consent-receipt/1"
_SIGNED: Final = b"instore central consent receipt 1\n"


def export_of(kept: Kept) -> Mapping[str, object]:
    """Return everything that central keeps of them; keys themselves are not in it."""
    return {
        **exported(kept.profile, kept.consents),
        "recognition": {
            "since_at": time_words(kept.since_at),
            "enrolled_at_shop": kept.site,
            "shop_group": kept.group,
            "language": kept.language,
            "pseudonym": kept.pseudonym.hex(),
            "central_holds_your_key": True,
            "devices_that_know_you": kept.devices,
        },
    }


def receipt_of(kept: Kept, sign: Sign, at: datetime) -> Mapping[str, object]:
    """Return what was said about consent, signed with the key that central's word is signed with.

    The full text that was read is proven by the receipt of the device where it was read.
    """
    body: dict[str, Any] = {
        "format": RECEIPT_FORMAT,
        "issued_at": time_words(at),
        "events": [said(event) for event in kept.consents],
    }
    signature = b64encode(sign(_SIGNED + canonical(body))).decode()
    return {**body, "signature": {"algorithm": "Ed25519", "value": signature}}
