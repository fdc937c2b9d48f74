"""What each command does."""

from typing import get_args

from edge.app.commands.works import IDENTIFY_S, WorkParts, works
from edge.web.ports import Health, PartHealth
from edge.wire.command import CommandName
from edge.wire.command_result import MAX_RESULT_BYTES, CommandResult, write_result
from tests.fakes.recorded import NOON

HEALTH = Health(
    is_serving=True,
    parts=tuple(PartHealth(f"part{n}", "ok", "x" * 500, NOON) for n in range(20)),
    figures={f"figure_{n}": float(n) for n in range(200)},
)


class Shop:
    """Notes what commands did."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, object]] = []
        self.called: list[str] = []
        self.works = works(
            WorkParts(
                device_id="kiosk-01",
                versions={"appliance": "0.1.0"},
                tell=self.tell,
                health=lambda: HEALTH,
                log_tail=lambda arguments: {"lines": [str(arguments)]},
                refresh=lambda: self.called.append("refresh"),
                retry=lambda: self.called.append("retry"),
                chance=lambda size: b"\x01" * size,
            )
        )

    def tell(self, screen_id: str, event: str, data: object, /) -> int:
        self.told.append((screen_id, event, data))
        return 2


def test_every_command_there_is_has_something_that_carries_it_out() -> None:
    assert set(Shop().works) == set(get_args(CommandName))


def test_identify_shows_the_devices_name_and_a_number_on_every_open_page() -> None:
    shop = Shop()
    answer = shop.works["identify"]({})

    assert shop.told == [
        ("*", "identify", {"device": "kiosk-01", "number": answer["number"], "for_s": IDENTIFY_S})
    ]
    assert answer["pages"] == 2
    assert isinstance(answer["number"], int)
    assert 10 <= answer["number"] <= 99
    assert shop.works["identify"]({"number": 42})["number"] == 42


def test_restart_ui_loads_every_open_page_anew() -> None:
    shop = Shop()

    assert shop.works["restart-ui"]({}) == {"pages": 2}
    assert shop.told == [("*", "reload", {})]


def test_refresh_and_retry_reach_whoever_looks_and_whoever_sends() -> None:
    shop = Shop()
    shop.works["refresh"]({})
    shop.works["retry"]({})

    assert shop.called == ["refresh", "retry"]


def test_the_support_bundle_is_health_figures_and_versions_and_fits_an_answer() -> None:
    bundle = Shop().works["support-bundle"]({})
    result = CommandResult(
        command_id="0" * 36, name="support-bundle", outcome="done", at=NOON, data=bundle
    )

    assert set(bundle) == {"versions", "is_serving", "parts", "figures"}
    assert len(write_result(result)) < MAX_RESULT_BYTES
    assert b"left out" not in write_result(result)
