"""The online roles are signed anew in time, and it is said in time when keepers have to meet."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from edge.central.fleet.releases.holding import holdings
from edge.central.fleet.releases.sign import renew
from edge.core.clock import SettableClock
from tests.fakes.published import files
from tests.fakes.repository import SignedRepository


def test_refreshing_signs_once_a_day_and_nothing_in_between(
    tmp_path: Path,
) -> None:
    clock = SettableClock(datetime(2026, 3, 1, tzinfo=UTC))
    signed = SignedRepository(tmp_path, clock)
    signed.make()
    before = files(signed)
    clock.advance(timedelta(hours=23))
    assert signed.repository.refresh_online() == ()
    assert files(signed) == before
    clock.advance(timedelta(hours=1))
    assert set(signed.repository.refresh_online()) == {"rollouts", "snapshot", "timestamp"}
    assert signed.repository.refresh_online() == ()
    state = signed.repository.state()
    for role in ("rollouts", "snapshot", "timestamp"):
        assert state.of(role).signed.version == 2
        assert state.of(role).signed.expires == clock() + timedelta(days=14)


def test_refreshing_goes_on_when_an_offline_role_has_expired_and_says_so_in_time(
    tmp_path: Path,
) -> None:
    clock = SettableClock(datetime(2026, 3, 1, tzinfo=UTC))
    signed = SignedRepository(tmp_path, clock)
    signed.make()
    clock.advance(timedelta(days=59))
    assert not any(
        one.is_short
        for one in holdings(signed.repository.state(), clock())
        if not one.role.is_online
    )
    clock.advance(timedelta(days=1))
    short = {one.role.name for one in holdings(signed.repository.state(), clock()) if one.is_short}
    assert {"models", "content", "config", "agent"} <= short
    assert not {"root", "targets"} & short
    clock.advance(timedelta(days=40))
    assert signed.repository.refresh_online()
    lines = [one.to_text() for one in holdings(signed.repository.state(), clock())]
    assert any("models" in line and "EXPIRED" in line for line in lines)
    assert any("targets" in line and "80 days" in line for line in lines)


def test_a_renewed_role_holds_its_whole_life_again(tmp_path: Path) -> None:
    clock = SettableClock(datetime(2026, 3, 1, tzinfo=UTC))
    signed = SignedRepository(tmp_path, clock)
    signed.make()
    clock.advance(timedelta(days=80))
    for role in ("models", "targets", "root"):
        renew(signed.desk, role)
    signed.sign_and_publish()
    held = {one.role.name: one.left for one in holdings(signed.repository.state(), clock())}
    assert held["models"] == timedelta(days=90)
    assert held["targets"] == timedelta(days=180)
    assert held["root"] == timedelta(days=365)
