"""The words a customer agrees to are hashed as shown, and do not change unnoticed."""

import hashlib
import re

import pytest
from markupsafe import Markup

from edge.identity.consent import Purpose
from edge.web.phone.notice import VERSION
from tests.web.phone.conftest import FakePhone

WORDS = {
    "en": "7a2a49b9af82cf120a12b720bd428c1fb796ac04de706ff14b21eb660e04dc73",
    "de": "6dc2b71ad2ff23368b684ddd86589a7c244ef6ea0cd79526cdd0019114100613",
}
"""SHA-256 of the demo shop's notice of version 2.0, by language.

Changing a word changes it: then raise VERSION (its first number when what is done with the data
changes, so that consent to the older words ends) and put the new value here.
"""


@pytest.mark.parametrize("language", WORDS)
def test_the_words_are_those_of_their_version(phone: FakePhone, language: str) -> None:
    phone.come()
    phone.get(f"/p/?lang={language}")
    notice_id, version, said_in, text, _ui = phone.hidden("proof").split("|")

    assert (notice_id, version, said_in) == ("phone-consent", VERSION, language)
    assert text == WORDS[language]


def test_the_hash_is_over_the_very_text_and_markup_on_the_page(phone: FakePhone) -> None:
    phone.come()
    *_, text, ui = phone.hidden("proof").split("|")
    start = phone.seen.index("<h1>Your favourites")
    shown = Markup(phone.seen[start : phone.seen.index("</form>", start)])

    assert hashlib.sha256(shown.striptags().encode()).hexdigest() == text
    around = [shown[:-cut] if cut else shown for cut in range(4)]
    before = [phone.seen[start - back : start] for back in range(4)]
    assert ui in {
        hashlib.sha256(f"{head}{body}".encode()).hexdigest() for head in before for body in around
    }


def test_the_same_toggles_are_in_my_data_and_every_purpose_is_there(phone: FakePhone) -> None:
    phone.come()
    first = re.findall(r"<label class=\"toggle\".*?</label>", phone.seen, re.DOTALL)
    phone.answer("tastes")
    phone.get("/p/me")
    again = re.findall(r"<label class=\"toggle\".*?</label>", phone.seen, re.DOTALL)

    assert len(first) == len(Purpose)
    assert [toggle.replace(" checked", "") for toggle in again] == first
    assert sum(" checked" in toggle for toggle in again) == 1
