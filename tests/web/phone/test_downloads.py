"""What a customer takes along is a file, complete, and readable without us."""

import re

import pytest

from edge.identity.profile import Profile, Wishes
from tests.web.phone.conftest import FakePhone


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/p/export.json", "application/json"),
        ("/p/export.html", "text/html"),
        ("/p/receipt.json", "application/json"),
    ],
)
def test_a_download_is_an_attachment_that_nobody_keeps(
    phone: FakePhone, path: str, kind: str
) -> None:
    phone.enrol()

    response = phone.client.get(path)

    assert response.mimetype == kind
    assert response.headers["Content-Disposition"].startswith("attachment; filename=")
    assert response.headers["Cache-Control"] == "no-store"


def test_the_readable_one_holds_every_value_of_the_other_and_loads_nothing(
    phone: FakePhone,
) -> None:
    known = phone.enrol()
    known.profile = Profile(Wishes(starred=frozenset({"latte"}), name="<b>Ada</b>"))

    text = phone.client.get("/p/export.html").text

    exported = phone.client.get("/p/export.json").get_json()
    assert all(f"<dt>{key}</dt>" in text for key in exported)
    assert "<li>latte</li>" in re.sub(r"\s+", "", text)
    assert "Caffè Latte" in text
    assert "&lt;b&gt;Ada" in text
    assert re.findall(r"(?:src|href)=", text) == []
