import re
from datetime import timedelta
from urllib.parse import quote

import orjson

from edge.central.fleet.web.parts import Running
from edge.central.fleet.web.standing import MOST
from edge.central.postgres import connect
from edge.web.headers import CONTENT_SECURITY_POLICY
from edge.wire.releases import Phase, Serving
from tests.fakes.fleet_web import FleetWeb

PAGES = ("/fleet/", "/fleet/devices", "/fleet/rollouts", "/fleet/models", "/fleet/delivery")


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_a_page_of_an_empty_fleet_says_so(web: FleetWeb) -> None:
    said = {path: text_of(web.client().get(path).text) for path in PAGES}
    assert "No device has been heard yet" in said["/fleet/"]
    assert "No device is like this." in said["/fleet/devices"]
    assert "No rollout was made yet." in said["/fleet/rollouts"]
    assert "Nothing was published yet." in said["/fleet/models"]
    assert "The bridge has written nothing yet." in said["/fleet/delivery"]


def test_every_page_carries_the_headers_of_the_house(web: FleetWeb) -> None:
    for path in (*PAGES, "/fleet/sign-in", "/fleet/devices/nobody", "/nothing"):
        answer = web.client().get(path)
        assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_an_unknown_host_is_refused(web: FleetWeb) -> None:
    assert web.app.test_client().get("/fleet/", base_url="http://evil.example").status_code == 400


def test_devices_are_counted_by_how_they_stand(web: FleetWeb) -> None:
    web.fleet.come("shop-0.1", "shop-0.2", "shop-1.1", "shop-2.1", "shop-3.1", "shop-4.1")
    web.fleet.go("shop-0.2")
    web.fleet.say(Phase.ROLLED_BACK, "shop-1.1", reason="latency")
    web.fleet.say(Phase.FAILED, "shop-2.1", reason="superseded")
    web.clock.advance(timedelta(minutes=20))
    for device in ("shop-0-1", "shop-1-1", "shop-2-1"):
        web.healthy(device, outbox_events=4, outbox_oldest_seconds=30, painted_oldest_seconds=60)
    web.healthy("shop-3-1", "ranker")
    found = web.see("/summary")
    assert found["standings"] == {"online": 2, "offline": 1, "refused": 1, "poorly": 1, "quiet": 1}
    assert (found["devices"], found["online"], found["offline"]) == (6, 5, 1)
    assert (found["problems"], found["waiting"], found["oldest_s"]) == (3, 12, 30)
    assert found["painted_at"] == "2026-03-02T09:19:00+00:00"
    assert "shop-4-1" in web.client().get("/fleet/devices?state=quiet").text


def test_a_device_that_was_offered_what_is_not_ours_is_named_with_the_error(web: FleetWeb) -> None:
    web.fleet.come("shop-0.1", "shop-1.1")
    detail = "ExpiredMetadataError: timestamp.json is expired, from http://cache/"
    web.fleet.say(Phase.COMMITTED, "shop-0.1", reason="trust", detail=detail)
    # What an earlier release ended with stays the reason; the error is told all the same.
    detail = "BadVersionNumberError: 3 after 7 slower than its budget"
    web.fleet.say(Phase.ROLLED_BACK, "shop-1.1", reason="latency", detail=detail)
    refusals = web.see("/summary")["refusals"]
    assert isinstance(refusals, list)
    assert [(one["error"], one["devices"], one["example"]) for one in refusals] == [
        ("BadVersionNumberError", 1, "shop-1-1"),
        ("ExpiredMetadataError", 1, "shop-0-1"),
    ]
    assert "ExpiredMetadataError" in web.client().get("/fleet/").text
    page = text_of(web.client().get("/fleet/devices/shop-0-1").text)
    assert "This device refused what it was offered: ExpiredMetadataError" in page
    assert "It keeps what it has and serves" in page


def test_thousands_of_devices_are_shown_a_page_at_a_time(web: FleetWeb) -> None:
    web.fleet.come("shop-0.1")
    with connect(web.database) as con:
        con.execute(
            "INSERT INTO device(device, site, conn_seq, is_online, online_since, changed_at, heard_at)"
            " SELECT 'till-' || lpad(i::text, 4, '0'), 'far-' || i / 10, 1, true, %(at)s, %(at)s, "
            "%(at)s FROM generate_series(1, 250) i",
            {"at": web.clock()},
        )
    seen, after = [], ""
    while True:
        page = web.see(f"/devices?q=till-&after={after}")
        assert page["total"] == 250
        devices = page["devices"]
        assert isinstance(devices, list)
        assert len(devices) <= MOST
        seen += [one["device"] for one in devices]
        if page["next"] is None:
            break
        after = str(page["next"])
    assert seen == [f"till-{number:04}" for number in range(1, 251)]
    assert "The next 100" in web.client().get("/fleet/devices").text
    assert web.see("/devices?q=far-25")["total"] == 1
    assert web.see("/devices?q=%25")["total"] == 0  # a "%" is itself
    assert web.see("/devices?state=everything&q=shop-0")["total"] == 1


def test_what_a_device_says_is_shown_as_text(web: FleetWeb) -> None:
    web.fleet.come("shop-0.1")
    web.fleet.say(Phase.FAILED, "shop-0.1", reason="load", detail="<script>alert(1)</script>")
    page = web.client().get("/fleet/devices/shop-0-1").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_a_rollout_shows_its_waves_and_what_it_waits_for(web: FleetWeb) -> None:
    web.fleet.come(*(f"shop-{number}.1" for number in range(10)))
    rollout_id = web.draft(bake_minutes=60)
    page = text_of(web.client().get(f"/fleet/rollouts/{rollout_id}").text)
    assert "Two persons must approve the plan; nobody has yet." in page
    assert "First approval is missing" in page
    plan = web.see(f"/rollouts/{rollout_id}")["plan_digest"]
    for who in ("ada", "grace"):
        web.fleet.rollouts.approve(rollout_id, who, str(plan))
    web.fleet.rollouts.start(rollout_id, "ada")
    web.fleet.step()
    picture = web.see(f"/rollouts/{rollout_id}")["picture"]
    assert isinstance(picture, dict)
    assert [(one["standing"], one["planned"], one["members"]) for one in picture["waves"]] == [
        ("now", 1, 1),
        ("next", 0, 0),
        ("next", 0, 0),
        ("next", 1, 0),
        ("next", 8, 0),
    ]
    web.fleet.say(Phase.COMMITTED, "shop-0.1")
    web.fleet.step()
    page = text_of(web.client().get(f"/fleet/rollouts/{rollout_id}").text)
    assert "The canary has finished. It rests until 2 Mar 10:02 UTC" in page


def test_a_canary_that_nobody_knows_is_said_to_wait_and_not_to_pass(web: FleetWeb) -> None:
    rollout_id = web.draft()
    digest = str(web.see(f"/rollouts/{rollout_id}")["plan_digest"])
    for who in ("ada", "grace"):
        web.fleet.rollouts.approve(rollout_id, who, digest)
    web.fleet.rollouts.start(rollout_id, "ada")
    web.fleet.step()
    said = text_of(web.client().get(f"/fleet/rollouts/{rollout_id}").text)
    assert "It waits for one: are the shops" in said
    assert "passes with time" not in said


def test_the_words_of_a_device_without_any_release_are_those_of_every_page(web: FleetWeb) -> None:
    web.fleet.come("shop-0.1")
    delivered = Serving(name="ranker", digest="0" * 64)
    web.fleet.say(Phase.IDLE, "shop-0.1", serving=delivered)
    said = text_of(web.client().get("/fleet/devices").text)
    assert "ranker as delivered" in said
    assert "factory" not in said


def test_pages_speak_the_language_that_the_browser_asks_for(web: FleetWeb) -> None:
    page = web.client().get("/fleet/", headers={"Accept-Language": "de-AT,en;q=0.5"}).text
    assert '<html lang="de"' in page
    assert "Noch war kein Gerät zu hören" in page
    assert '<html lang="en"' in web.client().get("/fleet/", headers={"Accept-Language": "ja"}).text


def test_pages_say_when_the_broker_is_away_or_nobody_steps(web: FleetWeb) -> None:
    web.running = Running(is_hearing=False, is_alive=True, refreshed="wanted a key, got none")
    page = web.client().get("/fleet/").text
    assert "The broker is away." in page
    assert "The online signatures could not be renewed." in page
    web.running = Running(is_hearing=False, is_alive=False)
    assert "Nobody steps the rollouts." in web.client().get("/fleet/").text


def test_dead_letters_and_gaps_are_shown(web: FleetWeb) -> None:
    with connect(web.database) as con:
        con.execute(
            "INSERT INTO high_water(tenant, device, epoch, lane, site, contiguous_seq, highest_seq, "
            "arrived, updated_at) VALUES ('harbour', 'shop-0-1', 'e', 't', 'shop-0', 7, 12, 9, %s)",
            (web.clock() - timedelta(hours=2),),
        )
        con.execute(
            "INSERT INTO dead_letter(at, target, tenant, device, topic, encoding, why, payload, "
            "digest) VALUES (%s, 'postgres', 'harbour', 'shop-0-1', 't', '', 'wanted a title', 'x', "
            "'y')",
            (web.clock(),),
        )
        con.execute(
            "INSERT INTO dead_letter_untaken VALUES ('harbour', 'shop-1-1', 4, %(at)s, %(at)s, "
            "'wanted <b>'), ('harbour', 'long-ago', 4, %(then)s, %(then)s, 'x')",
            {"at": web.clock(), "then": web.clock() - timedelta(days=2)},
        )
    html = web.client().get("/fleet/delivery").text
    page = text_of(html)
    assert "There is no room for more dead letters of shop-1-1." in page
    assert "wanted &lt;b&gt;" in html
    assert "long-ago" not in page
    assert "The bridge wrote last 2 hours ago." in page
    assert "Nothing has been written for 2 hours." in page
    assert "Orders and releases 1 9 3 0" in page
    assert "wanted a title" in page


EVIL = "<img src=x onerror=alert(1)>'\"{{7*7}}\u202e%s\\"


def test_no_field_of_a_device_is_more_than_text_on_any_page(web: FleetWeb) -> None:
    with connect(web.database) as con:
        named = {"evil": EVIL, "at": web.clock(), "poorly": orjson.dumps([EVIL]).decode()}
        for query in (
            (
                "INSERT INTO device(device, site, ring, version, epoch, conn_seq, is_online, "
                "online_since, changed_at, why, heard_at, birth) VALUES ('kiosk-01', %(evil)s, %(evil)s, "
                "%(evil)s, %(evil)s, 1, true, %(at)s, %(at)s, %(evil)s, %(at)s, "
                "jsonb_build_object('clock', %(evil)s::text, 'key_protection', %(evil)s::text))"
            ),
            (
                "INSERT INTO device_health(tenant, device, site, at, figures, poorly) VALUES ('harbour', "
                "'kiosk-01', %(evil)s, %(at)s, jsonb_build_object(%(evil)s::text, 1, 'outbox_events', 1e12, "
                "'outbox_oldest_seconds', 1e9, 'painted_oldest_seconds', 1e9), %(poorly)s::jsonb)"
            ),
            (
                "INSERT INTO dead_letter(at, target, tenant, device, topic, encoding, why, payload, digest) "
                "VALUES (%(at)s, %(evil)s, 'harbour', %(evil)s, %(evil)s, '', %(evil)s, 'x', 'y')"
            ),
            (
                "INSERT INTO dead_letter_untaken VALUES "
                "('harbour', %(evil)s, 1, %(at)s, %(at)s, %(evil)s)"
            ),
            (
                "INSERT INTO release_state VALUES ('kiosk-01', %(evil)s, 1, %(at)s, %(evil)s, %(evil)s, "
                "'d', %(evil)s, %(evil)s, 'failed', %(evil)s, %(evil)s, '{}', 1, %(at)s)"
            ),
        ):
            con.execute(query, named)
    shown = 0
    asked = f"/fleet/devices?q={quote(EVIL)}&release={quote(EVIL)}&after={quote(EVIL)}"
    for path in (*PAGES, "/fleet/devices/kiosk-01", asked, f"/fleet/devices/{quote(EVIL)}"):
        answer = web.client().get(path)
        assert answer.status_code in {200, 404}, path
        assert "<img src=x" not in answer.text
        shown += "{{7*7}}" in answer.text  # and nobody calculated it
        assert "49" not in re.findall(r"onerror=alert\(1\)&gt;&#39;&#34;(\d+)", answer.text)
    assert shown >= 5
