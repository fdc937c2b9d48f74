"""The page at home over a real database: a key opens its own data, and what is done there is done."""

import logging
from base64 import b64decode
from collections.abc import Callable
from datetime import timedelta

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from flask import Flask

from edge.central.customers import profiles
from edge.central.customers.tables import alone
from edge.central.fleet.releases.central_keys import CUSTOMERS_SIGN
from edge.central.fleet.web.access import NEEDS
from edge.core.chance import system_chance
from edge.core.errors import SettingsContractError
from edge.identity.consent import Purpose
from edge.identity.day_keys import day_of, pseudonym_of
from edge.identity.profile import Profile, Purchase, Wishes
from edge.web.headers import CONTENT_SECURITY_POLICY
from edge.wire.canonical import canonical
from tests.fakes.at_home import HERE, AtHome, central_app
from tests.fakes.central_customers import CentralCustomers, Voice, said
from tests.web.test_headers import addresses

Home = Callable[[bytes], AtHome]
EVERYTHING = tuple(Purpose)
FOR_CUSTOMERS = ("/my/me", "/my/export.json", "/my/export.html", "/my/receipt.json")


def enrolled(central: CentralCustomers, shop: Voice, *purposes: Purpose) -> bytes:
    """Somebody comes, and buys two lattes and a scone."""
    key = system_chance(32)
    now = central.clock() - timedelta(days=2)
    central.take(shop.enrolment(key, [said(one, now) for one in purposes or EVERYTHING]))
    today = day_of(now)
    bought = Profile(purchases=(Purchase("latte", today, 2), Purchase("scone-cream", today, 1)))
    with central.con.transaction(), central.con.cursor() as cur:
        alone(cur)
        profiles.merge_in(
            cur, central.part.keys, pseudonym_of(key), bought, now, told_by=shop.device
        )
    central.tell()
    return key


def kept(central: CentralCustomers, key: bytes) -> Profile:
    with central.con.cursor() as cur:
        return profiles.profile_of(cur, central.part.keys.row_key, pseudonym_of(key))


def log_of(central: CentralCustomers) -> list[tuple[str, str, str]]:
    rows = central.con.execute("SELECT who, what, detail FROM customer_log ORDER BY entry")
    return [(row[0], row[1], row[2]) for row in rows.fetchall()]


def test_the_key_opens_its_own_data_in_the_words_of_the_customers_shop(
    central: CentralCustomers, shop: Voice, at_home: Home
) -> None:
    ada, bob = enrolled(central, shop), enrolled(central, shop)
    home = at_home(ada)

    page = home.open()

    assert "Caffè Latte \N{MULTIPLICATION SIGN} 2" in page
    assert "keeps about you, since" in page
    assert "Used for" not in page  # central does not know
    assert 'href="/my/export.html"' in page
    assert "/p/" not in page
    other = at_home(bob)
    assert other.get("/my/me").headers["Location"] == "/my/?over=1"


def test_the_visit_is_a_cookie_for_these_pages_that_goes_over_tls_only(
    central: CentralCustomers, shop: Voice, at_home: Home
) -> None:
    home = at_home(enrolled(central, shop))
    answer = home.client.post(
        "/my/prove", json=home.shown(), headers={**HERE, "Host": "my.example"}
    )
    (cookie,) = answer.headers.getlist("Set-Cookie")

    assert {"HttpOnly", "SameSite=Strict", "Path=/my", "Secure"} <= set(cookie.split("; "))
    assert "Max-Age" not in cookie
    assert "Expires" not in cookie


def test_a_wish_said_at_home_is_told_to_the_shops(
    central: CentralCustomers, shop: Voice, at_home: Home
) -> None:
    ada = enrolled(central, shop)
    home = at_home(ada)
    home.open()

    assert home.post("/my/change", about="mute", kind="scone").headers["Location"] == (
        "/my/me?saved=1"
    )
    assert home.post("/my/change", wrong="latte").status_code == 303
    central.clock.advance(timedelta(minutes=2))
    central.tell()

    assert kept(central, ada).wishes == Wishes(muted=frozenset({"scone"}))
    (told,) = central.written(shop, "profile")[-1]["customers"]
    assert told["wishes"]["muted"] == ["scone"]
    assert [line["sku"] for line in told["purchases"]] == ["scone-cream"]
    assert told["wrong"] == {"latte": day_of(central.clock())}
    assert log_of(central) == [
        ("customer", "change", "tastes"),
        ("customer", "change", "past_orders"),
    ]


@pytest.mark.parametrize("sent", [{}, {"star": "caviar"}, {"surprise": "always"}])
def test_a_change_that_cannot_be_changes_nothing(
    central: CentralCustomers, shop: Voice, at_home: Home, sent: dict[str, str]
) -> None:
    ada = enrolled(central, shop)
    home = at_home(ada)
    home.open()

    assert home.post("/my/change", **sent).status_code == 422
    assert kept(central, ada).wishes == Wishes()
    assert log_of(central) == []


def test_what_is_not_allowed_is_neither_shown_nor_taken(
    central: CentralCustomers, shop: Voice, at_home: Home
) -> None:
    ada = enrolled(central, shop, Purpose.PHONE_OFFERS)
    home = at_home(ada)
    page = home.open()

    assert "Latte" not in page
    for sent in ({"star": "latte"}, {"wrong": "latte"}):
        assert home.post("/my/change", **sent).status_code == 422
    assert kept(central, ada) == Profile()


def test_a_purpose_is_taken_back_and_what_was_kept_for_it_goes_at_once(
    central: CentralCustomers, shop: Voice, at_home: Home
) -> None:
    ada = enrolled(central, shop)
    home = at_home(ada)
    home.open()

    answer = home.post("/my/purposes", purpose=["tastes", "phone_offers"])
    central.tell()

    assert answer.headers["Location"] == "/my/me?saved=1"
    assert kept(central, ada).purchases == ()
    (told,) = central.written(shop, "profile")[-1]["customers"]
    withdrawn = [one["purpose"] for one in told["consents"] if one["state"] == "withdrawn"]
    assert withdrawn == ["past_orders"]
    assert log_of(central) == [("customer", "withdraw", "past_orders")]
    page = home.get("/my/me").text
    assert 'value="past_orders" disabled' in page
    assert "come to a shop" in page


def test_nothing_can_be_allowed_at_home(
    central: CentralCustomers, shop: Voice, at_home: Home
) -> None:
    ada = enrolled(central, shop, Purpose.TASTES)
    home = at_home(ada)
    page = home.open()
    proof = page.partition('name="proof" value="')[2].partition('"')[0]

    home.post("/my/purposes", purpose=["tastes", "past_orders"], proof=proof)

    assert [one["purpose"] for one in home.get("/my/export.json").get_json()["consents"]] == [
        "tastes"
    ]
    assert log_of(central) == []


@pytest.mark.parametrize("path", ["/my/erase", "/my/purposes"])
def test_an_erasure_leaves_nothing_here_and_is_told_to_every_device(
    central: CentralCustomers, shop: Voice, at_home: Home, path: str
) -> None:
    ada, bob = enrolled(central, shop), enrolled(central, shop)
    home, elsewhere = at_home(ada), at_home(ada)
    home.open()
    elsewhere.open()
    other = at_home(bob)
    other.open()

    page = home.post(path).text  # the last purpose that is taken back erases too

    assert "Everything is erased." in page
    assert "data-forget" in page
    assert not central.is_known(ada)
    everything = central.everything()
    assert pseudonym_of(ada).hex().encode() not in everything
    assert central.written(shop, "erase")[-1] == {"pseudonyms": [pseudonym_of(ada).hex()]}
    ((who, what, detail),) = log_of(central)
    assert (who, what) == ("customer", "erase")
    assert detail.endswith("written to 1 devices")
    assert detail.partition(",")[0] in page
    assert elsewhere.get("/my/me").headers["Location"] == "/my/?over=1"
    assert home.prove().get_json()["refusal"] == "unknown"
    assert other.get("/my/me").status_code == 200


def test_whoever_was_erased_elsewhere_meanwhile_is_told_that_the_page_is_over(
    central: CentralCustomers, shop: Voice, at_home: Home
) -> None:
    ada = enrolled(central, shop)
    home = at_home(ada)
    home.open()
    central.take(shop.erasure(ada))

    assert home.post("/my/change", star="latte").headers["Location"] == "/my/?over=1"
    home.prove()
    for path in FOR_CUSTOMERS:
        assert home.get(path).headers["Location"] == "/my/?over=1"
    assert not central.is_known(ada)


def test_removing_the_key_ends_the_visit_and_nothing_else(
    central: CentralCustomers, shop: Voice, at_home: Home
) -> None:
    ada = enrolled(central, shop)
    home = at_home(ada)
    home.open()

    page = home.post("/my/unlink").text

    assert "The key is removed." in page
    assert "data-forget" in page
    assert home.get("/my/me").status_code == 303
    assert central.is_known(ada)


def test_everything_is_taken_along_and_the_receipt_is_signed(
    central: CentralCustomers, shop: Voice, at_home: Home
) -> None:
    ada = enrolled(central, shop)
    home = at_home(ada)
    home.open()

    export = home.get("/my/export.json").get_json()
    receipt = home.get("/my/receipt.json").get_json()

    assert [line["sku"] for line in export["observed"]["purchases"]] == ["latte", "scone-cream"]
    assert export["recognition"]["devices_that_know_you"] == 1
    assert ada.hex() not in orjson.dumps([export, receipt]).decode()
    assert home.key.hex() not in orjson.dumps([export, receipt]).decode()
    assert "Caffè Latte" in home.get("/my/export.html").text
    signature = b64decode(receipt.pop("signature")["value"])
    public = Ed25519PublicKey.from_public_bytes(central.central.public(CUSTOMERS_SIGN))
    public.verify(signature, b"instore central consent receipt 1\n" + canonical(receipt))
    assert {one["state"] for one in receipt["events"]} == {"given"}


def test_a_wrong_key_and_nobodys_key_get_the_same_answer(
    central: CentralCustomers, shop: Voice, at_home: Home
) -> None:
    ada = enrolled(central, shop)
    home = at_home(ada)
    stranger = at_home(system_chance(32))
    right, wrong = home.shown(), stranger.shown()

    unknown = stranger.prove().get_json()
    mixed = stranger.prove({"who": right["who"], "code": wrong["code"]}).get_json()

    assert unknown == mixed
    assert unknown["refusal"] == "unknown"
    assert "opens nothing here" in unknown["words"]
    assert "edge_phone" not in str(stranger.client.get_cookie("edge_phone", path="/my"))
    used = home.prove(right).get_json(), home.prove(right).get_json()
    assert used[0] == {"next": "/my/me"}
    assert used[1]["refusal"] == "used"


@pytest.mark.parametrize(
    "body",
    [
        *({}, [], 7, {"who": "0" * 32}, {"who": 1, "code": "P1:"}),
        *({"who": "0" * 31, "code": "P1:"}, {"who": "\0" * 32, "code": "P1:"}),
        {"who": "0" * 32, "code": "P" * 513},
    ],
)
def test_what_is_no_claim_is_refused(at_home: Home, body: object) -> None:
    assert at_home(bytes(32)).prove(body or {"x": 1}).status_code == 422


@pytest.mark.parametrize("body", [b"[" * 60_000, b'{"who":' * 9_000, b"", b"\xff", b"NaN"])
def test_what_breaks_readers_of_json_breaks_nothing_here(at_home: Home, body: bytes) -> None:
    headers = {**HERE, "Content-Type": "application/json"}
    answer = at_home(bytes(32)).client.post("/my/prove", data=body, headers=headers)

    assert answer.status_code == 422


def test_a_visit_that_is_over_stands_in_nobodys_way_to_a_new_one(
    central: CentralCustomers, shop: Voice, at_home: Home
) -> None:
    ada, bob = enrolled(central, shop), enrolled(central, shop)
    home = at_home(ada)
    home.open()
    central.take(shop.erasure(ada))

    assert home.get("/my/").status_code == 200
    home.beacon_key = bob
    assert "My data" in home.open()


def test_somebody_who_tries_without_end_is_let_wait(at_home: Home) -> None:
    home = at_home(bytes(32))

    answers = [home.prove().status_code for _ in range(40)]

    assert answers[0] == 200
    assert answers[-1] == 429


def test_another_page_cannot_prove_change_or_erase(
    central: CentralCustomers, shop: Voice, at_home: Home
) -> None:
    ada = enrolled(central, shop)
    home = at_home(ada)
    home.open()

    strange = {"Sec-Fetch-Site": "cross-site"}
    assert home.client.post("/my/prove", json=home.shown(), headers=strange).status_code == 403
    for path in ("change", "purposes", "erase", "unlink"):
        assert home.client.post(f"/my/{path}", data={"star": "latte"}).status_code == 403
        home.get("/my/me")
        token = {"csrf_token": home.seen.partition('csrf_token" value="')[2].partition('"')[0]}
        answer = home.client.post(f"/my/{path}", data=token, headers=strange)
        assert answer.status_code == 403
    assert central.is_known(ada)


def test_every_answer_is_kept_by_nobody_and_lets_nothing_in(app: Flask, at_home: Home) -> None:
    home = at_home(bytes(32))
    mine = [found for found in addresses(app) if found[1].startswith("/my/")]
    for method, path in mine:
        answer = home.client.open(path, method=method)
        assert answer.status_code < 500, path
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert len(mine) > 12


def test_nothing_at_this_address_is_said_without_a_word_of_the_fleet(at_home: Home) -> None:
    answer = at_home(bytes(32)).get("/my/nowhere")

    assert answer.status_code == 404
    assert "There is nothing at this address." in answer.text
    assert "fleet" not in answer.text.partition("</head>")[2].lower()


def test_no_log_line_tells_who_asked(
    central: CentralCustomers, shop: Voice, at_home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    ada = enrolled(central, shop)
    home = at_home(ada)
    shown = home.shown()
    with caplog.at_level(logging.DEBUG):
        home.open()
        home.prove(shown)
        home.post("/my/change", star="latte")
        home.post("/my/erase")
    names = (pseudonym_of(ada).hex(), home.key.hex(), ada.hex(), shown["who"], shown["code"])
    assert not [name for name in names if name in caplog.text]


def test_a_database_that_is_away_is_said_in_the_pages_own_way(
    central: CentralCustomers, at_home: Home
) -> None:
    settings = central.settings.model_copy(update={"database": "host=/nowhere dbname=x"})
    home = AtHome(central_app(settings, central.clock), central.clock, bytes(32))

    assert home.get("/my/").status_code == 200
    answer = home.prove()
    assert answer.status_code == 503
    assert "Try again in a moment" in answer.get_json()["problem"]


def test_every_page_at_home_is_for_anybody_and_nothing_else_is_there(app: Flask) -> None:
    there = {rule.endpoint for rule in app.url_map.iter_rules() if rule.rule.startswith("/my/")}
    assert there == {name for name in NEEDS if name.startswith("my.")}
    assert {NEEDS[name] for name in there} == {None}


def test_switched_off_there_is_no_page(central: CentralCustomers) -> None:
    customers = central.settings.customers.model_copy(update={"pages": False})
    app = central_app(central.settings.model_copy(update={"customers": customers}), central.clock)

    assert not [path for _, path in addresses(app) if path.startswith("/my")]


def test_switched_on_without_shops_it_does_not_start(central: CentralCustomers) -> None:
    customers = central.settings.customers.model_copy(update={"sites": None})
    settings = central.settings.model_copy(update={"customers": customers})

    with pytest.raises(SettingsContractError, match=r"customers\.sites"):
        central_app(settings, central.clock)
    keyless = settings.keys.model_copy(update={"online": None})
    settings = central.settings.model_copy(update={"keys": keyless})
    with pytest.raises(SettingsContractError, match=r"keys\.online"):
        central_app(settings, central.clock)


def test_the_language_is_the_browsers_until_it_is_switched(at_home: Home) -> None:
    home = at_home(bytes(32))
    german = {"Accept-Language": "de-AT,de;q=0.9"}

    assert 'lang="de"' in home.client.get("/my/", headers=german).text[:60]
    home.client.get("/my/?lang=en", headers=german)
    assert 'lang="en"' in home.client.get("/my/", headers=german).text[:60]
