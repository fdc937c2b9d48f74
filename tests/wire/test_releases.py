from datetime import UTC, datetime

import pytest

from edge.core.errors import WireContractError
from edge.wire.releases import (
    Phase,
    ReleaseState,
    Serving,
    read_facts,
    read_release_states,
    release_states,
    site_share,
    target_path,
    version_key,
)

FACTS = {
    "kind": "model",
    "name": "ranker",
    "version": "1.2.0",
    "abi": 1,
    "min_agent": "0.1.0",
    "size_unpacked": 1000,
}
PATH = "models/ranker/1.2.0/ranker-1.2.0.tar"


def test_what_a_device_says_about_its_releases_is_read_as_it_was_written() -> None:
    state = ReleaseState(
        site="harbour-kitchen",
        device="kiosk-1",
        name="ranker",
        seq=7,
        at=datetime(2026, 3, 1, 12, tzinfo=UTC),
        serving=Serving(name="ranker", digest="factory"),
        release_id="ranker-1.2.0",
        target=PATH,
        phase=Phase.ROLLED_BACK,
        reason="golden",
        figures={"p95_ms": 1.5},
    )
    assert read_release_states(release_states([state])) == (state,)


@pytest.mark.parametrize(
    "payload", [b"{}", b'{"states": 1}', b'{"states": [{"phase": "happy"}]}', b"x", b"{" * 20_000]
)
def test_anything_else_about_releases_is_refused(payload: bytes) -> None:
    with pytest.raises(WireContractError):
        read_release_states(payload)


def test_a_package_lies_where_its_name_and_version_say() -> None:
    assert target_path("model", "ranker", "1.2.0") == PATH
    assert read_facts(FACTS, PATH).minimum_version == "0.0.0"
    with pytest.raises(WireContractError, match="at models/ranker"):
        read_facts(FACTS, "models/ranker/1.3.0/ranker-1.3.0.tar")


@pytest.mark.parametrize("wrong", [{}, {**FACTS, "more": 1}, {**FACTS, "version": "1.02.0"}, None])
def test_facts_that_are_not_whole_are_refused(wrong: dict[str, object] | None) -> None:
    with pytest.raises(WireContractError, match="signed facts"):
        read_facts(wrong, PATH)


def test_versions_are_ordered_as_numbers() -> None:
    assert version_key("1.10.0") > version_key("1.9.3")


def test_a_share_takes_about_that_share_of_all_sites_and_a_larger_one_takes_them_too() -> None:
    places = [site_share(f"shop-{number}", "ranker-1.2.0") for number in range(20_000)]
    first, more = ({n for n, x in enumerate(places) if x < p} for p in (0.01, 0.05))
    assert first < more
    assert abs(len(first) - 200) < 60
    assert abs(len(more) - 1000) < 130


def test_two_releases_do_not_meet_the_same_sites_first() -> None:
    first = {n for n in range(20_000) if site_share(f"shop-{n}", "a") < 0.01}
    second = {n for n in range(20_000) if site_share(f"shop-{n}", "b") < 0.01}
    assert len(first & second) < 10
