"""Prometheus reads how the appliance is and how long each route takes."""

from dataclasses import replace

from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from edge.web.app import create_app
from tests.fakes.services import FakeShop

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def read(client: FlaskClient) -> Samples:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.get_data(as_text=True))
        for sample in family.samples
    }


def key(name: str, **labels: str) -> tuple[str, frozenset[tuple[str, str]]]:
    return name, frozenset(labels.items())


def test_requests_are_counted_and_timed_by_route_and_status(client: FlaskClient) -> None:
    client.post("/api/v1/decide", json={"placement": "kiosk-strip"})
    client.post("/api/v1/decide", json={"placement": "nowhere"})

    found = read(client)

    route = "/api/v1/decide"
    for status in ("200", "404"):
        counted = key("edge_http_requests_total", method="POST", route=route, status=status)
        assert found[counted] == 1
    assert found[key("edge_http_request_seconds_count", route=route)] == 2
    assert found[key("edge_http_request_seconds_bucket", route=route, le="+Inf")] == 2


def test_addresses_that_do_not_exist_do_not_grow_the_page(client: FlaskClient) -> None:
    before = len(read(client))
    for i in range(5):
        client.get(f"/no/such/page/{i}")
    client.open("/no/such/page", method="BREW", content_type="application/json")

    found = read(client)

    none = {dict(labels).get("route") for name, labels in found if name.endswith("_total")}
    assert "none" in none
    assert not any("such" in str(route) for route in none)
    assert len(found) < before + 40


def test_figures_and_parts_of_the_appliance_are_shown(client: FlaskClient) -> None:
    found = read(client)

    assert found[key("edge_serving")] == 1
    assert found[key("edge_outbox_depth")] == 3
    assert found[key("edge_part_state", part="delivery", state="off")] == 1
    assert found[key("process_resident_memory_bytes")] > 0


def test_a_figure_that_only_grows_is_a_counter(shop: FakeShop) -> None:
    services = shop.services()
    figures = {"decisions_served_total": 7.0, "outbox_events": 1.0, "no name": 1.0}
    health = replace(services.health(), figures=figures)
    client = create_app(replace(services, health=lambda: health)).test_client()
    client.environ_base["HTTP_HOST"] = "127.0.0.1:8080"

    text = client.get("/metrics").get_data(as_text=True)

    assert "# TYPE edge_decisions_served_total counter\nedge_decisions_served_total 7.0" in text
    assert "# TYPE edge_outbox_events gauge\nedge_outbox_events 1.0" in text
    assert "no name" not in text


def test_two_appliances_in_one_process_count_apart(client: FlaskClient) -> None:
    client.post("/api/v1/decide", json={"placement": "kiosk-strip"})
    other = create_app(FakeShop().services()).test_client()
    other.environ_base["HTTP_HOST"] = "127.0.0.1:8080"

    route = key("edge_http_request_seconds_count", route="/api/v1/decide")
    assert route in read(client)
    assert route not in read(other)


def test_outside_the_demo_only_the_appliance_itself_reads_the_figures() -> None:
    client = create_app(FakeShop(is_demo=False).services()).test_client()
    client.environ_base["HTTP_HOST"] = "127.0.0.1:8080"

    here = client.get("/metrics", environ_base={"REMOTE_ADDR": "127.0.0.1"})
    elsewhere = client.get("/metrics", environ_base={"REMOTE_ADDR": "192.0.2.7"})

    assert (here.status_code, elsewhere.status_code) == (200, 403)
