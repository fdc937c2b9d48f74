"""Central's side of enrolment, without a server: the real authority answers."""

import json
from collections.abc import Mapping

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from edge.app.enrol_over_https import Post
from edge.core.clock import SettableClock
from edge.core.errors import UnavailableError
from tests.fakes.certificates import Fleet


class CentralSide:
    """Answers as central does, with the real authority; each answer can be spoilt or lost."""

    def __init__(self, fleet: Fleet, clock: SettableClock) -> None:
        self.fleet = fleet
        self.clock = clock
        self.name = "kiosk-7"
        self.changes: dict[str, object] = {}
        self.is_answer_lost = False
        self.keys: list[object] = []

    def post(self, _path: str, document: Mapping[str, str]) -> bytes:
        key = x509.load_pem_x509_csr(document["csr"].encode()).public_key()
        self.keys.append(key)
        made = self.fleet.authority.device(self.name, key, self.clock())  # type: ignore[arg-type]
        if self.is_answer_lost:
            raise UnavailableError("wanted central, got nothing")
        answer = {
            "tenant": "harbour",
            "site": "shop-7",
            "device": "kiosk-7",
            "certificate": made.public_bytes(Encoding.PEM).decode(),
            "ca": self.fleet.authority.pem.decode(),
            "settings": {"mqtt.host": "broker.example", "mqtt.port": 8883, "update.ring": "early"},
            "root_sha256": "",
        }
        if handover := self.fleet.authority.handover_pem.decode():
            answer["handover"] = handover
        return json.dumps(answer | self.changes).encode()

    def at(self, _central: str, _trusted: bytes) -> Post:
        return self.post
