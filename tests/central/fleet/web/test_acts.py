import pytest

from edge.central.fleet.web.access import COOKIE, NEEDS
from edge.central.fleet.web.people import Person, Role, line_of
from edge.central.fleet.web.sessions import IDLE, LONGEST
from tests.fakes.fleet_web import HERE, FleetWeb

ROLLOUT = "ranker-1.1.0"
LETS_GO_ON = ("approve", "start", "resume")
STOPS = ("pause", "abort")


def digest(web: FleetWeb) -> str:
    return str(web.see(f"/rollouts/{ROLLOUT}")["plan_digest"])


def stage(web: FleetWeb) -> object:
    return web.see(f"/rollouts/{ROLLOUT}")["stage"]


@pytest.fixture
def drafted(web: FleetWeb) -> FleetWeb:
    web.fleet.come("shop-0.1", "shop-1.1")
    web.draft()
    return web


def test_two_persons_approve_on_the_page_and_the_log_has_their_names(drafted: FleetWeb) -> None:
    plan = digest(drafted)
    for who in ("ada", "grace"):
        answer = drafted.post(drafted.client(who), f"/fleet/rollouts/{ROLLOUT}/approve", plan=plan)
        assert answer.status_code == 303
    found = drafted.see(f"/rollouts/{ROLLOUT}")
    assert (found["stage"], found["approved_by"]) == ("approved", ["ada", "grace"])
    log = found["log"]
    assert isinstance(log, list)
    assert [(one["who"], one["what"]) for one in log[1:]] == [
        ("ada", "approved"),
        ("grace", "approved"),
    ]


def test_one_person_cannot_be_two_whatever_they_type(drafted: FleetWeb) -> None:
    ada, plan = drafted.client("ada"), digest(drafted)
    path = f"/fleet/rollouts/{ROLLOUT}/approve"
    assert drafted.post(ada, path, plan=plan).status_code == 303
    again = drafted.post(ada, path, plan=plan, who="grace")
    assert again.status_code == 409
    assert "wanted the word of a second person" in again.text
    assert stage(drafted) == "draft"


def test_a_plan_that_was_not_read_is_not_approved(drafted: FleetWeb) -> None:
    for plan in ("", "0" * 64):
        path = f"/fleet/rollouts/{ROLLOUT}/approve"
        assert drafted.post(drafted.client("ada"), path, plan=plan).status_code == 409


def test_an_operator_stops_and_does_not_let_go_on(drafted: FleetWeb) -> None:
    drafted.fleet.rollouts.approve(ROLLOUT, "ada", digest(drafted))
    drafted.fleet.rollouts.approve(ROLLOUT, "grace", digest(drafted))
    drafted.fleet.rollouts.start(ROLLOUT, "ada")
    olga = drafted.client("olga")
    for act in LETS_GO_ON:
        assert drafted.post(olga, f"/fleet/rollouts/{ROLLOUT}/{act}").status_code == 403
    path = f"/fleet/rollouts/{ROLLOUT}/pause"
    assert drafted.post(olga, path, why="strange\nlog").status_code == 303
    assert (stage(drafted), drafted.see(f"/rollouts/{ROLLOUT}")["why"]) == ("paused", "strange log")
    assert drafted.post(olga, "/fleet/halt", why="look").status_code == 303
    assert drafted.post(olga, "/fleet/unhalt").status_code == 403
    assert "Everything is halted: ranker." in drafted.client().get("/fleet/rollouts").text
    assert drafted.post(drafted.client("ada"), "/fleet/unhalt", why="fine").status_code == 303


def test_taking_back_wants_the_name_typed(drafted: FleetWeb) -> None:
    olga, path = drafted.client("olga"), f"/fleet/rollouts/{ROLLOUT}/abort"
    assert drafted.post(olga, path, why="bad", typed="ranker").status_code == 409
    assert stage(drafted) == "draft"
    assert drafted.post(olga, path, why="bad", typed=ROLLOUT).status_code == 303
    assert stage(drafted) == "aborted"


def test_nobody_changes_anything_without_a_token(drafted: FleetWeb) -> None:
    for act in (*LETS_GO_ON, *STOPS):
        answer = drafted.post(drafted.client(), f"/fleet/rollouts/{ROLLOUT}/{act}", typed=ROLLOUT)
        assert (answer.status_code, answer.location) == (303, "/fleet/sign-in")
        refused = drafted.ask(f"/rollouts/{ROLLOUT}/{act}")
        assert (refused.status_code, refused.mimetype) == (401, "application/problem+json")
        assert refused.headers["WWW-Authenticate"].startswith("Bearer")
    assert stage(drafted) == "draft"


def test_another_sites_page_changes_nothing_with_a_signed_in_browser(drafted: FleetWeb) -> None:
    ada, path = drafted.client("ada"), f"/fleet/rollouts/{ROLLOUT}/approve"
    form = {"plan": digest(drafted)}
    assert ada.post(path, data=form, headers=HERE).status_code == 403  # no form token
    for header in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://evil.example"}):
        assert ada.post(path, data=form, headers=header).status_code == 403
        bare = ada.post(f"/api/fleet/v1/rollouts/{ROLLOUT}/approve", json=form, headers=header)
        assert bare.status_code == 403
    cookie = ada.get_cookie(COOKIE)
    assert cookie is not None
    assert (cookie.http_only, cookie.same_site) == (True, "Strict")
    assert stage(drafted) == "draft"


def test_a_wrong_token_does_not_sign_in_and_tries_run_out(web: FleetWeb) -> None:
    client = web.client()
    codes = [web.post(client, "/fleet/sign-in", token="ft-no").status_code for _ in range(12)]
    assert codes == [403] * 10 + [429] * 2
    assert client.get_cookie(COOKIE) is None


def test_a_session_ends_when_nobody_is_there_though_the_page_looks_again(web: FleetWeb) -> None:
    ada = web.client("ada")
    poll = {"X-Fleet-Poll": "1"}
    assert "Sign out" in ada.get("/fleet/sign-in", headers=poll).text
    for _ in range(4):
        web.clock.advance(IDLE / 3)
        ada.get("/fleet/sign-in", headers=poll)
    assert "Sign out" not in ada.get("/fleet/sign-in", headers=poll).text
    ada = web.client("ada")
    for _ in range(30):
        web.clock.advance(LONGEST / 30)
        ada.get("/fleet/sign-in")
    assert "Sign out" in ada.get("/fleet/").text
    web.clock.advance(LONGEST / 30)
    assert "Sign out" not in ada.get("/fleet/").text


def test_who_is_taken_off_the_list_is_signed_out_at_once(drafted: FleetWeb) -> None:
    ada = drafted.client("ada")
    drafted.write_people(without="ada")
    answer = drafted.post(ada, f"/fleet/rollouts/{ROLLOUT}/approve", plan=digest(drafted))
    assert answer.location == "/fleet/sign-in"
    assert drafted.ask(f"/rollouts/{ROLLOUT}/approve", "ada", plan="x").status_code == 401


def test_looking_needs_a_token_as_soon_as_somebody_is_only_a_viewer(web: FleetWeb) -> None:
    web.write_people(line_of(Person("vera", Role.VIEWER), "ft-vera"))
    assert web.client().get("/fleet/").location == "/fleet/sign-in"
    assert web.app.test_client().get("/api/fleet/v1/summary").status_code == 401
    vera = {"Authorization": "Bearer ft-vera"}
    assert web.app.test_client().get("/api/fleet/v1/summary", headers=vera).status_code == 200
    assert web.app.test_client().get("/healthz").status_code == 200


def test_a_command_is_asked_of_a_device_in_a_persons_name(drafted: FleetWeb) -> None:
    olga = drafted.client("olga")
    path = "/fleet/devices/shop-0-1/command"
    assert drafted.post(olga, path, name="log-tail").status_code == 303
    assert drafted.post(olga, path, name="format-disk").status_code == 409
    found = drafted.see("/devices/shop-0-1")["commands"]
    assert isinstance(found, list)
    assert [(one["name"], one["who"], one["sent_at"]) for one in found] == [
        ("log-tail", "olga", None)
    ]
    assert drafted.ask("/devices/nobody/commands", "olga", name="identify").status_code == 409
    asked = drafted.ask("/devices/shop-1-1/commands", "olga", name="identify")
    assert asked.status_code == 202


def test_every_endpoint_has_its_role_and_every_role_its_endpoint(web: FleetWeb) -> None:
    there = {rule.endpoint for rule in web.app.url_map.iter_rules()}
    # Customers' own pages are switched off here: tests/central/my_data/test_pages.py.
    for_ops = {name for name in NEEDS if not name.startswith("my.")}
    assert there | {"enrolment.join", "enrolment.stay"} == for_ops
    changing = {
        rule.endpoint for rule in web.app.url_map.iter_rules() if "POST" in (rule.methods or ())
    } - {"session.sign_in", "session.sign_out"}
    assert {one for one in changing if NEEDS[one] not in (Role.OPERATOR, Role.APPROVER)} == set()
