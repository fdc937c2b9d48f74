"""Settings on their way to a whole device: a few may be signed for it, none that make it itself."""

import zlib
from pathlib import Path

import pytest
from click.testing import CliRunner

from edge.app.main import edge
from edge.app.profile import Profile, read_profile
from edge.app.settings import Settings, described
from edge.core.clock import SettableClock
from edge.core.errors import SettingsContractError
from edge.wire.config_settings import ALLOWED
from edge.wire.releases import Phase
from tests.fakes.repository import RunningRepository
from tests.fakes.restarted import CONFIG, SITE, device

CAP = 1_073_741_824


def offer(repository: RunningRepository, version: str) -> None:
    """Let central want settings of devices that follow them."""
    candidate = repository.candidate(version, name=CONFIG, kind="config", trial_minutes=1)
    repository.set_rollout(name=CONFIG, candidate=candidate)


def sign(repository: RunningRepository, version: str, text: str) -> None:
    """Sign settings whatever is in them, and let central want them."""
    facts = {"kind": "config", "name": CONFIG, "version": version}
    repository.publish_files({"settings.toml": text.encode()}, facts)
    offer(repository, version)


def test_settings_take_effect_with_the_next_start_and_an_abort_takes_them_back(
    tmp_path: Path, repository: RunningRepository, clock: SettableClock
) -> None:
    offer(repository, "1.1.0")
    with device(tmp_path / "data", repository, clock) as shop:
        assert shop.built.store.outbox._cap_bytes == CAP
        assert shop.look("config") is Phase.TRIAL
        assert shop.built.store.outbox._cap_bytes == CAP
        shop.start_again()
        assert shop.built.store.outbox._cap_bytes == 2_000_000
        assert shop.watch("config", 2) is Phase.COMMITTED
        last = shop.told[-1]
        assert (last.name, last.phase, last.serving.version) == (CONFIG, "committed", "1.1.0")
        said = CliRunner().invoke(edge, ["release", "status", "--data", str(tmp_path / "data")])
        assert "kiosk 1.1.0 serves (kiosk-1.1.0)" in said.output
        offer(repository, "1.2.0")
        shop.bring("config")
        assert shop.built.store.outbox._cap_bytes == 4_000_000
        repository.set_rollout(name=CONFIG)
        shop.look("config")
        shop.start_again()
        assert shop.built.store.outbox._cap_bytes == CAP


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('device_id = "other"\n[mqtt]\nkey_file = "/tmp/k"', ("device_id:", "mqtt.key_file:")),
        ('[update]\ntrust_file = "/tmp/root.json"', ("update.trust_file:",)),
        ("[listen]\nport = 1", ("listen.port:",)),
        ("[outbox]\nmax_bytes = 5", ("outbox.max_bytes",)),
        ("[outbox.max_bytes]\na = 5", ("outbox.max_bytes.a:",)),
        ("[idle]\nwarn_s = 3\nguest_s = 1", ("idle.guest_s", "idle.warn_s")),
        ("nonsense", ("not TOML",)),
    ],
)
def test_a_forbidden_or_wrong_setting_is_refused_with_every_mistake(
    tmp_path: Path,
    repository: RunningRepository,
    clock: SettableClock,
    text: str,
    why: tuple[str, ...],
) -> None:
    sign(repository, f"3.{zlib.crc32(text.encode()) % 10**8}.0", text)
    with device(tmp_path / "data", repository, clock) as shop:
        assert shop.look("config") is Phase.FAILED
        assert shop.told[-1].reason == "static"
        for word in why:
            assert word in shop.told[-1].detail
        assert shop.built.restart.why == ""


def test_what_a_rollout_chooses_of_another_kind_is_refused(
    tmp_path: Path, repository: RunningRepository, clock: SettableClock
) -> None:
    facts = {"kind": "content", "name": CONFIG, "version": "4.0.0"}
    repository.publish_files({"settings.toml": b""}, facts)
    candidate = repository.candidate("4.0.0", name=CONFIG, kind="content")
    repository.set_rollout(name=CONFIG, candidate=candidate)
    with device(tmp_path / "data", repository, clock) as shop:
        assert shop.look("config") is Phase.FAILED
        assert shop.told[-1].reason == "trust"


def test_a_device_that_follows_no_configuration_takes_none(
    tmp_path: Path, repository: RunningRepository, clock: SettableClock
) -> None:
    offer(repository, "1.1.0")
    with device(tmp_path / "data", repository, clock, **{"update.config": ""}) as shop:
        assert [one.kind for one in shop.built.releases.at_start] == ["content"]


def test_menu_and_settings_come_with_one_start_and_central_hears_of_both(
    tmp_path: Path, repository: RunningRepository, clock: SettableClock
) -> None:
    offer(repository, "1.1.0")
    menu = repository.candidate("1.1.0", name=SITE, kind="content", trial_minutes=1)
    repository.set_rollout(name=SITE, candidate=menu)
    with device(tmp_path / "data", repository, clock) as shop:
        for kind in ("content", "config"):
            assert shop.look(kind) is Phase.TRIAL
        shop.start_again()
        assert (shop.serves("content"), shop.serves("config")) == ("1.1.0", "1.1.0")
        for kind in ("content", "config"):
            assert shop.watch(kind, 2) is Phase.COMMITTED
        assert shop.starts == 2


def test_the_youngest_try_alone_is_blamed_for_a_service_that_ends(
    tmp_path: Path, repository: RunningRepository, clock: SettableClock
) -> None:
    menu = repository.candidate("1.1.0", name=SITE, kind="content", trial_minutes=30)
    repository.set_rollout(name=SITE, candidate=menu)
    with device(tmp_path / "data", repository, clock) as shop:
        assert shop.look("content") is Phase.TRIAL
        shop.start_again()
        assert shop.watch("content", 1) is Phase.TRIAL
        offer(repository, "1.1.0")
        assert shop.look("config") is Phase.TRIAL
        shop.stop()
        for _ in range(4):  # as if it had been killed each time
            shop.start()
            shop.abandon()
        shop.start()
        assert (shop.serves("content"), shop.serves("config")) == ("1.1.0", None)
        assert shop.look("config") is Phase.ROLLED_BACK
        assert shop.told[-1].reason == "crash"


def test_every_setting_that_may_be_signed_exists_and_none_says_who_the_device_is() -> None:
    profile = read_profile(None, "kiosk", {})
    known = {name for name, _, _ in described(profile.settings())}
    assert known >= ALLOWED
    assert not any(
        word in name
        for name in ALLOWED
        for word in ("key", "file", "folder", "host", "port", "device", "listen", "repository")
    )


def test_what_joining_and_the_command_line_settled_stands_above_a_configuration() -> None:
    text = read_profile(None, "kiosk", {}).text
    profile = Profile(text, "kiosk.toml", {"idle.item_s": 77}, {"idle.guest_s": 99})
    found = profile.settings({"idle.guest_s": 30, "idle.item_s": 30, "idle.done_s": 30})
    assert (found.idle.guest_s, found.idle.item_s, found.idle.done_s) == (99, 77, 30)
    with pytest.raises(SettingsContractError, match=r"device\.toml and the configuration"):
        profile.settings({"idle.done_s": 1})
    assert isinstance(found, Settings)
