"""A menu on its way through a whole device: signed, fetched, checked, started with, or refused."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from edge.app.at_start.begin import begin
from edge.core.clock import SettableClock
from edge.core.errors import SiteContractError
from edge.store.store import FILE_NAME
from edge.update.machine_patience import LONGEST_WAIT
from edge.update.trial import MOST_STARTS
from edge.wire.releases import Phase
from tests.fakes.appliance import client
from tests.fakes.repository import RunningRepository
from tests.fakes.restarted import SITE, Device, device, menu, texts

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


def offer(repository: RunningRepository, version: str, stable: str | None = None) -> None:
    """Let central want a menu of this shop."""
    repository.set_rollout(
        name=SITE,
        candidate=repository.candidate(version, name=SITE, kind="content", trial_minutes=1),
        stable=repository.release(stable, name=SITE, kind="content") if stable else None,
    )


def settle(repository: RunningRepository, version: str | None) -> None:
    """Let everybody run a menu, and nobody try another."""
    stable = repository.release(version, name=SITE, kind="content") if version else None
    repository.set_rollout(name=SITE, stable=stable)


def sign(repository: RunningRepository, version: str, site: Path) -> None:
    """Sign a shop's folder whatever is in it."""
    repository.publish_files(texts(site), {"kind": "content", "name": SITE, "version": version})


def started_visit(shop: Device) -> FlaskClient:
    """Begin a visit at the kiosk."""
    kiosk = client(shop.built)
    token = re.search(r'name="csrf_token" value="([^"]+)"', kiosk.get("/kiosk/start").text)
    assert token
    kiosk.post("/kiosk/start", data={"csrf_token": token[1]}, headers=SAME_ORIGIN)
    return kiosk


def shown(shop: Device) -> dict[str, bool]:
    """Say which screens show the new names."""
    board = client(shop.built).get("/board/board-1").text
    kiosk = started_visit(shop).get("/kiosk/menu/coffee").text
    shop.everybody_leaves()
    assert all("House Filter" in page or "House filter" in page for page in (board, kiosk))
    return {"board": "Harbour Roast" in board, "kiosk": "Harbour Roast" in kiosk}


def test_a_new_menu_arrives_and_kiosk_and_board_show_it(
    tmp_path: Path, repository: RunningRepository, clock: SettableClock
) -> None:
    offer(repository, "1.1.0")
    with device(tmp_path / "data", repository, clock) as shop:
        assert shown(shop) == {"board": False, "kiosk": False}
        assert shop.look("content") is Phase.TRIAL
        assert shop.built.restart.why == f"for {SITE} 1.1.0"
        shop.start_again()
        assert shown(shop) == {"board": True, "kiosk": True}
        assert shop.watch("content", 2) is Phase.COMMITTED
        last = shop.told[-1]
        assert (last.name, last.phase, last.serving.version) == (SITE, "committed", "1.1.0")
        assert shop.built.services.health().figures["content_release_version"] == 1_001_000
        health = {part.part: part for part in shop.built.services.health().parts}
        assert f"{SITE} 1.1.0 serves" in health["release"].detail
        settle(repository, "1.1.0")
        shop.look("content")
        assert shop.built.restart.why == ""
        shop.stop()
        shop.start()
        assert shown(shop)["board"]


def test_a_menu_with_mistakes_is_refused_with_them_and_the_old_one_stays(
    tmp_path: Path, repository: RunningRepository, clock: SettableClock
) -> None:
    site = menu(tmp_path / "site", "price_minor: 350", "price_minor: cheap", "bakery")
    sign(repository, "2.0.0", site)
    offer(repository, "2.0.0")
    with device(tmp_path / "data", repository, clock) as shop:
        assert shop.look("content") is Phase.FAILED
        assert shop.built.restart.why == ""
        last = shop.told[-1]
        assert (last.reason, last.serving.version) == ("static", None)
        assert "price_minor" in last.detail
        assert "bakery.yaml" in last.detail
        health = {part.part: part for part in shop.built.services.health().parts}
        assert health["release"].state == "degraded"
        offer(repository, "2.0.0")  # another document, the same bytes
        assert shop.look("content") is Phase.FAILED


def test_the_menu_of_another_shop_is_refused(
    tmp_path: Path, repository: RunningRepository, clock: SettableClock
) -> None:
    site = menu(tmp_path / "site", "site: harbour-kitchen", "site: other-kitchen", "site.yaml")
    sign(repository, "2.1.0", site)
    offer(repository, "2.1.0")
    with device(tmp_path / "data", repository, clock) as shop:
        assert shop.look("content") is Phase.FAILED
        assert shop.told[-1].reason == "catalog"
        assert "got demo/other-kitchen" in shop.told[-1].detail


def test_what_is_no_shop_text_is_not_even_unpacked(
    tmp_path: Path, repository: RunningRepository, clock: SettableClock
) -> None:
    files = texts(menu(tmp_path / "site", "Cappuccino", "Coffee")) | {"products/run.sh": b"#!"}
    repository.publish_files(files, {"kind": "content", "name": SITE, "version": "2.2.0"})
    offer(repository, "2.2.0")
    with device(tmp_path / "data", repository, clock) as shop:
        assert shop.look("content") is Phase.FAILED
        assert "products/run.sh" in shop.told[-1].detail


def test_an_abort_brings_the_old_menu_back_in_a_trial_and_after_it(
    tmp_path: Path, repository: RunningRepository, clock: SettableClock
) -> None:
    with device(tmp_path / "data", repository, clock) as shop:
        for is_committed in (False, True):
            offer(repository, "1.1.0")
            assert shop.look("content") is Phase.TRIAL
            shop.start_again()
            if is_committed:
                assert shop.watch("content", 2) is Phase.COMMITTED
            settle(repository, None)
            shop.look("content")
            shop.start_again()
            assert shown(shop) == {"board": False, "kiosk": False}
            shop.look("content")
            assert shop.serves("content") is None
        offer(repository, "1.1.0")
        shop.bring("content")
        offer(repository, "1.2.0", stable="1.1.0")
        shop.bring("content")
        settle(repository, "1.1.0")
        shop.look("content")
        shop.start_again()
        assert shown(shop) == {"board": True, "kiosk": True}
        assert not list((tmp_path / "data/releases/content").glob(".*"))


def test_a_visit_is_not_ended_by_a_menu_that_comes_or_goes(
    tmp_path: Path, repository: RunningRepository, clock: SettableClock
) -> None:
    offer(repository, "1.1.0")
    with device(tmp_path / "data", repository, clock) as shop:
        started_visit(shop)
        assert shop.look("content") is Phase.PREFLIGHT
        shop.everybody_leaves()
        assert shop.look("content") is Phase.TRIAL
        shop.start_again()
        started_visit(shop)
        settle(repository, None)
        assert shop.look("content") is Phase.ROLLING_BACK
        assert shop.built.restart.why == ""
        shop.clock.advance(LONGEST_WAIT)
        shop.look("content")
        assert shop.built.restart.why


def test_a_menu_with_which_the_service_does_not_last_is_given_up_by_starts_alone(
    tmp_path: Path, repository: RunningRepository, clock: SettableClock
) -> None:
    offer(repository, "1.1.0")
    with device(tmp_path / "data", repository, clock) as shop:
        assert shop.look("content") is Phase.TRIAL
        shop.stop()
        for _ in range(MOST_STARTS + 1):
            begun = begin(shop.profile, clock())  # … and the process ends, however
            assert begun.content
            assert begun.content.serving
        repository.faults.status = 503
        shop.start()
        assert not any(shown(shop).values())
        assert shop.look("content") is Phase.ROLLED_BACK
        assert shop.told[-1].reason == "crash"


def test_a_menu_that_changed_on_the_disk_gives_way_to_the_one_before_and_is_fetched_again(
    tmp_path: Path, repository: RunningRepository, clock: SettableClock
) -> None:
    offer(repository, "1.1.0")
    with device(tmp_path / "data", repository, clock) as shop:
        shop.bring("content")
        folder = shop.of("content").keeping._parts.folder
        state = shop.of("content").releasing.state
        shop.stop()
        path = folder.path(str(state.serving.digest)) / "products/coffee.yaml"
        path.chmod(0o644)
        path.write_text(path.read_text().replace("Harbour Roast", "Harbour Toast"))
        shop.start()
        assert not any(shown(shop).values())
        assert shop.look("content") is Phase.TRIAL
        shop.start_again()
        assert shown(shop)["board"]


def test_a_broken_site_folder_does_not_stop_a_shop_that_has_a_release(
    tmp_path: Path, repository: RunningRepository, clock: SettableClock
) -> None:
    own = menu(tmp_path / "own", "Cappuccino", "Milk coffee")
    offer(repository, "1.1.0")
    with device(tmp_path / "data", repository, clock, site_folder=str(own)) as shop:
        shop.bring("content")
        shop.stop()
        (own / "site.yaml").write_text("nonsense")
        shop.start()
        assert shown(shop)["board"]
        shop.stop()
        (tmp_path / "data/releases/content/current.json").unlink()
        with pytest.raises(SiteContractError):
            shop.start()


def test_a_lost_database_does_not_take_the_menu_with_it(
    tmp_path: Path, repository: RunningRepository, clock: SettableClock
) -> None:
    offer(repository, "1.1.0")
    with device(tmp_path / "data", repository, clock) as shop:
        shop.bring("content")
        before = shop.told[-1].seq
        shop.stop()
        for path in (tmp_path / "data").glob(f"{FILE_NAME}*"):
            path.unlink()
        shop.start()
        assert shown(shop)["board"]
        settle(repository, "1.1.0")
        shop.look("content")
        assert shop.told[-1].seq > before
