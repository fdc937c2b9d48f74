"""Nothing is kept without a yes to these very words, by somebody old enough."""

import logging

import pytest

from edge.identity.consent import Purpose
from edge.web.phone.visit import COOKIE, KEYLESS
from tests.fakes.customers import PhoneShop
from tests.web.phone.conftest import EVERYTHING, FakePhone

KEY = bytes(range(32))


def test_everything_is_off_and_the_page_says_who_how_long_and_how_to_take_it_back(
    phone: FakePhone,
) -> None:
    phone.come()

    assert "checked" not in phone.seen
    for words in (
        "Harbour Kitchen Ltd, 1 Quay Street",
        "privacy@harbour-kitchen.example",
        "Sam Okoye",
        "at most 396 days",
        "kept for 90 days",
        "after 7 days at the latest",
        "I am 16 or older.",
        "How suggestions work",
    ):
        assert words in phone.seen, words


def test_a_yes_is_enrolled_with_the_key_and_the_words_that_were_shown(
    phone: FakePhone, shop: PhoneShop
) -> None:
    phone.come()
    shown = phone.hidden("proof").split("|")

    phone.answer("tastes", key=KEY)

    (enrolment,) = shop.customers.enrolments
    notice = enrolment.notice
    assert enrolment.purposes == {Purpose.TASTES}
    assert enrolment.beacon_key == KEY
    assert [notice.notice_id, notice.version, notice.language] == shown[:3]
    assert [notice.text_sha256.hex(), notice.ui_sha256.hex()] == shown[3:]


def test_no_is_one_form_and_leaves_nothing_but_a_count(phone: FakePhone, shop: PhoneShop) -> None:
    phone.come()

    # What is ticked beside a no is not a yes.
    response = phone.post("/p/consent", answer="no", purpose="tastes", proof="anything")

    assert response.headers["Location"] == "/p/declined"
    assert "Nothing about you is kept" in phone.get("/p/declined").text
    assert (shop.customers.declined, shop.customers.people) == (1, {})


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        pytest.param({"purposes": []}, "Nothing is ticked", id="nothing ticked"),
        pytest.param({"over_age": False}, "confirm your age", id="no age"),
        pytest.param({"over_age": "yes"}, "confirm your age", id="an age that is no tick"),
        pytest.param({"proof": ""}, "words changed", id="other words"),
    ],
)
def test_a_yes_that_lacks_something_records_nothing(
    phone: FakePhone, shop: PhoneShop, changed: dict[str, object], says: str
) -> None:
    phone.come()

    response = phone.answer("tastes", more=changed)

    assert says in response.get_json()["problem"]
    assert shop.customers.enrolments == []
    form = phone.post("/p/consent", answer="yes", over_age="on", proof=phone.hidden("proof"))
    assert form.status_code == 422
    assert "Nothing is ticked" in form.text


@pytest.mark.parametrize("key", [None, b"", bytes(31), bytes(33)])
def test_a_key_of_another_length_is_refused(
    phone: FakePhone, shop: PhoneShop, key: bytes | None
) -> None:
    phone.come()

    assert phone.answer("tastes", key=key).status_code == 422
    assert phone.answer("fame", key=KEY).status_code == 422
    assert shop.customers.enrolments == []


def test_words_that_changed_since_the_page_was_loaded_are_read_again(
    phone: FakePhone, shop: PhoneShop
) -> None:
    phone.come()
    controller = shop.site.header.controller
    assert controller is not None
    header = shop.site.header.model_copy(
        update={"controller": controller.model_copy(update={"name": "Somebody Else Ltd"})}
    )
    shop.site = shop.site.model_copy(update={"header": header})

    assert "words changed" in phone.answer("tastes").get_json()["problem"]
    assert shop.customers.enrolments == []


def test_a_browser_without_scripts_is_erased_when_it_disconnects(
    phone: FakePhone, shop: PhoneShop
) -> None:
    phone.come()
    fields = {"purpose": list(EVERYTHING), "over_age": "on", "proof": phone.hidden("proof")}

    response = phone.post("/p/consent", answer="yes", **fields)

    assert response.headers["Location"] == "/p/"
    assert KEYLESS in "".join(response.headers.getlist("Set-Cookie"))
    (enrolment,) = shop.customers.enrolments
    assert len(enrolment.beacon_key) == 32
    phone.get("/p/")
    assert "Everything is erased." in phone.post("/p/disconnect").text
    assert shop.customers.people == {}


def test_a_full_disk_says_that_nothing_was_changed(phone: FakePhone, shop: PhoneShop) -> None:
    phone.come()
    shop.customers.is_disk_full = True

    response = phone.answer("tastes")

    assert response.status_code == 503
    assert "Nothing was changed" in response.get_json()["problem"]


def test_no_key_token_or_cookie_is_logged_or_shown(
    phone: FakePhone, shop: PhoneShop, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    phone.come()
    shop.customers.is_disk_full = True
    phone.answer("tastes", key=KEY)
    shop.customers.is_disk_full = False
    phone.answer("tastes", key=KEY)
    cookie = phone.client.get_cookie(COOKIE, path="/p")
    assert cookie is not None

    pages = "".join(phone.get(path).text for path in ("/p/", "/p/me", "/p/export.html"))
    for secret in (KEY.hex(), "ABCDEFGHIJ234567ABCD", cookie.value):
        assert secret not in caplog.text
        assert secret not in pages
