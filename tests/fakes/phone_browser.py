"""A phone's browser at the real service: it types a kiosk's six characters, and answers forms."""

import re
from dataclasses import dataclass, field

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from edge.core.chance import system_chance
from edge.identity.simulated_phone import SimulatedPhone
from tests.fakes.customer import PREFIX

GROUP = 1
ADDRESS = "/p/"


@dataclass
class PhoneBrowser:
    """One phone; its key is made like a real one's, and sent with a yes only."""

    client: FlaskClient
    phone: SimulatedPhone = field(
        default_factory=lambda: SimulatedPhone(system_chance(32), GROUP, PREFIX)
    )
    seen: str = ""

    def get(self, path: str) -> TestResponse:
        """Open a page."""
        answer = self.client.get(path)
        if answer.mimetype == "text/html":
            self.seen = answer.text
        return answer

    def hidden(self, name: str) -> str:
        """Return what a form of the last page carries along; "" where there is none."""
        found = re.search(rf'name="{name}" value="([^"]*)"', self.seen)
        return found[1] if found else ""

    def post(self, path: str, **fields: object) -> TestResponse:
        """Send a form of the last page."""
        return self.client.post(path, data={"csrf_token": self.hidden("csrf_token"), **fields})

    def tell(self, path: str, body: object) -> TestResponse:
        """Send what the page's script sends."""
        return self.client.post(path, json=body)

    def type_code(self, code: str) -> TestResponse:
        """Type six characters, and look at where that leads."""
        self.get(ADDRESS)
        self.post("/p/code", code=code)
        return self.get(ADDRESS)

    def answer(self, *purposes: str, over_age: bool = True) -> TestResponse:
        """Say yes to ``purposes``, as the page's own script does."""
        said = {
            "answer": "yes",
            "purposes": list(purposes),
            "over_age": over_age,
            "proof": self.hidden("proof"),
            "beacon_key": self.phone.beacon_key.hex(),
        }
        return self.tell("/p/consent", said)


def code_shown(dialog: TestResponse) -> str:
    """Return the six characters in a kiosk's dialog for phones."""
    found = re.search(r'class="pair-words">([^<]+)<', dialog.text)
    assert found, dialog.text[:300]
    return "".join(found[1].split())
