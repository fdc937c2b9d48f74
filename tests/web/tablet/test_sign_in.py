"""T1: a tablet is enrolled by a code, a member signs in by a PIN, and neither is taken on faith."""

from datetime import timedelta

import pytest
from flask import Flask

from edge.web.app import create_app
from tests.fakes.services import FakeShop
from tests.fakes.staff import CODE, PIN, StaffedShop
from tests.web.tablet.conftest import FakeTablet, tablet


def test_a_tablet_that_is_not_enrolled_is_asked_for_its_code(stranger: FakeTablet) -> None:
    page = stranger.get("/tablet/").text

    assert "Enrol this tablet" in page
    assert "Amira" not in page  # who works here is for our tablets only


def test_a_code_enrols_one_tablet_once(stranger: FakeTablet, team_app: Flask) -> None:
    taken = stranger.post("/tablet/enrol", code=CODE)
    again = tablet(team_app).post("/tablet/enrol", code=CODE)

    assert (taken.status_code, taken.headers["Location"]) == (303, "/tablet/sign-in")
    assert again.status_code == 422
    assert "This code enrols no tablet." in again.text


def test_an_enrolled_tablet_asks_who_signs_in(enrolled: FakeTablet) -> None:
    page = enrolled.get("/tablet/").text

    for name in ("Amira", "Jonas", "Ines"):
        assert name in page
    assert page.count('class="key"') == 11  # 0 to 9, and one back
    assert 'type="password"' in page
    assert "Calls for help" not in page


def test_the_right_pin_opens_the_tablet(enrolled: FakeTablet) -> None:
    answer = enrolled.sign_in()

    assert answer.headers["Location"] == "/tablet/now"
    assert "Calls for help" in enrolled.get("/tablet/now").text
    assert "Amira" in enrolled.get("/tablet/").text


def test_a_wrong_pin_says_how_many_tries_are_left_and_never_the_pin(enrolled: FakeTablet) -> None:
    answer = enrolled.sign_in(pin="999999")

    assert answer.status_code == 422
    assert "That PIN is not right. 4 tries left." in answer.text
    assert "999999" not in answer.text
    assert 'value="amira" required checked' in answer.text


def test_the_last_try_is_counted_in_the_singular(enrolled: FakeTablet) -> None:
    for _ in range(3):
        enrolled.sign_in(pin="999999")

    assert "1 try left." in enrolled.sign_in(pin="999999").text


def test_too_many_wrong_pins_lock_until_a_time_of_the_shops_own(
    enrolled: FakeTablet, team_shop: StaffedShop
) -> None:
    for _ in range(4):
        enrolled.sign_in(pin="999999")

    answer = enrolled.sign_in(pin="999999")
    assert answer.status_code == 429
    assert (
        "Too many wrong PINs. With this name, signing in here works again at 12:20" in answer.text
    )
    assert enrolled.sign_in().status_code == 429  # the right one as well
    team_shop.clock.advance(timedelta(minutes=15))
    assert enrolled.sign_in().status_code == 303


def test_the_right_pin_on_a_tablet_that_is_not_ours_opens_nothing(stranger: FakeTablet) -> None:
    answer = stranger.sign_in()

    assert answer.status_code == 422
    assert "Enrol this tablet" in answer.text
    assert stranger.cookie("edge_staff") is None


def test_signing_in_gives_another_key_each_time(enrolled: FakeTablet) -> None:
    enrolled.sign_in()
    first = enrolled.cookie("edge_staff")
    enrolled.sign_in("jonas")

    assert first is not None
    assert enrolled.cookie("edge_staff") not in (None, first)


def test_a_wrong_pin_ends_the_session_that_was_there(amira: FakeTablet) -> None:
    amira.sign_in("jonas", "999999")

    assert amira.cookie("edge_staff") is None
    assert amira.get("/tablet/now").headers["Location"] == "/tablet/sign-in"


def test_signing_out_ends_the_session_on_the_device_too(
    amira: FakeTablet, team_shop: StaffedShop
) -> None:
    answer = amira.post("/tablet/sign-out")

    assert answer.headers["Location"] == "/tablet/"
    assert team_shop.staff.sessions == {}
    assert amira.cookie("edge_staff") is None
    assert amira.cookie("edge_staff", "/live") is None
    assert amira.cookie("edge_tablet") is not None  # the tablet stays one of ours


def test_a_page_that_locks_itself_signs_out(amira: FakeTablet, team_shop: StaffedShop) -> None:
    assert amira.tell("/tablet/sign-out").status_code == 204
    assert team_shop.staff.sessions == {}


def test_two_minutes_untouched_lock_the_tablet(amira: FakeTablet, team_shop: StaffedShop) -> None:
    assert 'data-lock-ms="120000"' in amira.get("/tablet/now").text
    team_shop.clock.advance(timedelta(seconds=119))
    assert amira.tell("/tablet/alive").status_code == 204
    team_shop.clock.advance(timedelta(seconds=119))
    assert amira.get("/tablet/now").status_code == 200
    team_shop.clock.advance(timedelta(seconds=120))

    assert amira.get("/tablet/now").headers["Location"] == "/tablet/sign-in"
    assert amira.tell("/tablet/alive").status_code == 401


def test_what_a_page_asks_by_itself_keeps_nobody_signed_in(
    amira: FakeTablet, team_shop: StaffedShop
) -> None:
    presence = team_shop.recognition.arrive("kiosk-1")
    for _ in range(4):
        team_shop.clock.advance(timedelta(seconds=30))
        amira.get("/tablet/now?by=live")
        amira.get(f"/tablet/customer/{presence.presence_id}/lives")
        amira.client.post("/tablet/painted", json={"decision_id": "d-1"})

    assert amira.get("/tablet/now").headers["Location"] == "/tablet/sign-in"


def test_a_part_of_a_locked_page_leads_to_signing_in(enrolled: FakeTablet) -> None:
    answer = enrolled.get("/tablet/now", **{"HX-Request": "true"})

    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"] == "/tablet/sign-in"


@pytest.mark.parametrize("headers", [{}, {"X-Edge-Lan": "1"}], ids=["plain", "over TLS"])
def test_the_keys_are_out_of_reach_of_scripts_and_other_sites(
    enrolled: FakeTablet, headers: dict[str, str]
) -> None:
    data = {"csrf_token": enrolled.token, "user_id": "jonas", "pin": PIN}
    answer = enrolled.client.post("/tablet/sign-in", data=data, headers=headers)

    kept = answer.headers.getlist("Set-Cookie")
    assert len(kept) == 4
    for cookie in kept:
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert ("Secure" in cookie) == bool(headers)
    places = [part for cookie in kept for part in cookie.split("; ") if part.startswith("Path=")]
    assert sorted(places) == ["Path=/live", "Path=/ops", "Path=/tablet", "Path=/tablet"]


def test_an_associates_key_does_not_go_to_the_operators_pages(amira: FakeTablet) -> None:
    assert amira.cookie("edge_staff", "/ops") is None


def test_a_session_on_a_browser_that_is_not_our_tablet_is_nobodys(
    amira: FakeTablet, team_app: Flask
) -> None:
    stolen = amira.cookie("edge_staff")
    thief = tablet(team_app)
    thief.client.set_cookie("edge_staff", stolen or "", path="/tablet")

    assert thief.get("/tablet/now").headers["Location"] == "/tablet/sign-in"


def test_nobody_in_the_team_is_said(enrolled: FakeTablet, team_shop: StaffedShop) -> None:
    team_shop.staff.team.clear()

    page = enrolled.get("/tablet/").text

    assert "Nobody is in the team yet." in page
    assert 'name="pin"' not in page


def test_an_only_member_is_chosen_already(enrolled: FakeTablet, team_shop: StaffedShop) -> None:
    team_shop.staff.team = {"amira": ("Amira", "associate")}

    assert 'value="amira" required checked' in enrolled.get("/tablet/").text


@pytest.mark.parametrize("path", ["/tablet/", "/tablet/now", "/tablet/guide", "/tablet/stock"])
@pytest.mark.parametrize("is_demo", [True, False])
def test_here_and_in_a_demo_the_tablet_is_open_without_a_pin(path: str, is_demo: bool) -> None:
    shop = StaffedShop(is_demo=is_demo)
    address = "192.168.1.7" if is_demo else "127.0.0.1"
    found = tablet(create_app(shop.services()), address).get(path)

    assert found.status_code == 200
    assert ("Demo" in found.text) == is_demo
    assert 'href="/tablet/sign-in"' in found.text
    assert "data-lock-ms" not in found.text


def test_signing_in_is_possible_where_nobody_has_to() -> None:
    demo = tablet(create_app(StaffedShop().services()), "127.0.0.1")
    demo.enrol()
    demo.sign_in()

    page = demo.get("/tablet/").text
    assert "Amira" in page
    assert "data-lock-ms" in page
    demo.post("/tablet/sign-out")
    assert "Amira" not in demo.get("/tablet/").text
    assert demo.tell("/tablet/alive").status_code == 401


@pytest.mark.parametrize("path", ["/tablet/sign-in", "/tablet/enrol"])
def test_a_shop_without_a_team_has_nowhere_to_sign_in(path: str) -> None:
    shop = tablet(create_app(FakeShop().services()), "127.0.0.1")

    assert shop.get(path).status_code == 404
    assert shop.post(path).status_code == 404
    assert "Sign in" not in shop.get("/tablet/").text


def test_the_pages_speak_german(enrolled: FakeTablet) -> None:
    page = enrolled.client.get("/tablet/", headers={"Accept-Language": "de"}).text

    assert "Wer meldet sich an?" in page
