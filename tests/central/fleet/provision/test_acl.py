import pytest

from edge.central.fleet.provision.acl import Enrolled, central_acl, shop_acl
from edge.core.errors import RequestContractError

ROOT = "instore/v1/harbour"
A = Enrolled("kiosk-a", "shop-a", "stable")
B = Enrolled("kiosk-b", "shop-b", "early")


def _of(text: str, user: str) -> list[str]:
    """Return the lines below ``user``."""
    block = text.split(f"user {user}\n", 1)[1].split("\n\n", 1)[0]
    return block.strip().splitlines()


def test_what_all_devices_have_in_common_is_a_pattern_with_their_name() -> None:
    text = central_acl("harbour", (), ())
    assert f"pattern write {ROOT}/d/%u/up/#" in text
    assert f"pattern read {ROOT}/d/%u/down/#" in text
    assert "\ntopic" not in text  # a line for nobody in particular would be for everybody


def test_a_device_hears_its_site_and_ring_and_speaks_under_its_own_name() -> None:
    assert _of(central_acl("harbour", (B, A), ()), "kiosk-a") == [
        f"topic read {ROOT}/site/shop-a/down/#",
        f"topic read {ROOT}/ring/stable/down/#",
        f"topic write {ROOT}/site/shop-a/lan/+/kiosk-a",
        f"topic read {ROOT}/site/shop-a/lan/+/+",
    ]


def test_a_revoked_device_is_denied_everything() -> None:
    lost = Enrolled("kiosk-a", "shop-a", "stable", is_revoked=True)
    assert _of(central_acl("harbour", (lost,), ()), "kiosk-a") == ["topic deny #"]
    assert "kiosk-a" not in shop_acl("harbour", "shop-a", (lost,))


def test_a_bridge_reads_events_and_ops_write_commands_and_neither_does_more() -> None:
    text = central_acl("harbour", (), ("ops", "bridge-1"))
    assert _of(text, "bridge-1") == [
        f"topic read {ROOT}/d/+/up/ev/+",
        f"topic write {ROOT}/d/+/down/profile",
        f"topic write {ROOT}/d/+/down/erase",
        f"topic write {ROOT}/d/+/down/acked",
    ]
    assert not any("profile" in line or "up/ev" in line for line in _of(text, "ops"))


def test_the_same_fleet_gives_the_same_text_in_any_order() -> None:
    assert central_acl("harbour", (A, B), ("ops", "bridge-1")) == central_acl(
        "harbour", (B, A), ("bridge-1", "ops")
    )


def test_a_shops_own_broker_knows_its_own_devices_and_lan_topics_only() -> None:
    text = shop_acl("harbour", "shop-a", (A, B))
    assert _of(text, "kiosk-a") == [
        f"topic write {ROOT}/site/shop-a/lan/+/kiosk-a",
        f"topic read {ROOT}/site/shop-a/lan/+/+",
    ]
    assert "kiosk-b" not in text
    assert "pattern" not in text


@pytest.mark.parametrize("bad", ["a/b", "+", "#", "a\nuser ops", "x" * 33, ""])
def test_no_name_can_change_what_a_line_means(bad: str) -> None:
    for one in (
        Enrolled(bad, "shop-a", "stable"),
        Enrolled("kiosk-a", bad, "stable"),
        Enrolled("kiosk-a", "shop-a", bad),
    ):
        with pytest.raises(RequestContractError, match="wanted"):
            central_acl("harbour", (one,), ())
    with pytest.raises(RequestContractError, match="wanted"):
        central_acl(bad, (), ())
    with pytest.raises(RequestContractError, match="wanted"):
        central_acl("harbour", (), (bad,))
