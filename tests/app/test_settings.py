"""Every setting is declared once, has a range, and stands in every profile."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from pydantic import ValidationError

from edge.app.load_site import site_texts
from edge.app.settings import Settings, described
from edge.app.shipped import shipped
from edge.catalog.parse import parse_site
from edge.catalog.site import Site
from edge.core.errors import SettingsContractError
from edge.core.setting_group import Group

PROFILES = sorted(shipped("firmware_config/profiles").glob("*.toml"))
NAMES = [path.name for path in PROFILES]
SMALL = 'device_id = "kiosk-1"\ndata_folder = "data"\n'
SEE = "see firmware_config/profiles/kiosk.toml"


def test_a_small_profile_takes_the_usual_values() -> None:
    settings = Settings.load(SMALL)

    assert settings.data_folder == Path("data")
    assert settings.site_folder is None
    assert settings.listen.max_body_bytes == 65_536
    assert settings.listen.threads == 72
    assert settings.mqtt.host == ""
    assert (settings.exploration.gamma, settings.exploration.floor) == (400, 0.05)


def test_the_command_line_wins_over_the_profile() -> None:
    text = SMALL + 'site_folder = "shop"\n[listen]\nport = 1\nthreads = 32\n'

    settings = Settings.load(text, {"listen.port": 9000, "site_folder": "", "mqtt.port": 8883})

    assert (settings.listen.port, settings.listen.threads) == (9000, 32)
    assert settings.site_folder is None
    assert settings.mqtt.port == 8883


MISTAKES = {
    "idle.warn_s": (5, "must be a whole number from 20 to 600, got 5"),
    "board.hold_s": (599, "must be a whole number from 600 to 86400, got 599"),
    "listen.port": (True, "must be a whole number from 0 to 65535, got true"),
    "listen.host": ("a b", 'must be a host name (lower-case) or address, with a port where it has one, got "a b"'),
    "exploration.floor": (float("nan"), "must be a number from 0 to 0.5, got NaN"),
    "device_id": ("Kiosk 1", 'must be 3 to 32 lower-case letters, digits or hyphens, got "Kiosk 1"'),
    "data_folder": ("", 'must be the path of a folder, got ""'),
    "site_folder": (3, 'must be the path of a folder, got 3'),
    "mqtt.tls": ("on", 'must be one of none, mutual, got "on"'),
    "clock": ("mine", 'must be one of system, request, got "mine"'),
    "listen.prot": (1, ('unknown key; did you mean "port"? allowed: host, port, allowed_hosts, threads, '
                       "max_body_bytes, connection_limit")),
}  # fmt: skip


def test_all_mistakes_are_reported_at_once_with_what_was_wanted_and_what_came() -> None:
    overrides = {name: value for name, (value, _) in MISTAKES.items()}

    with pytest.raises(SettingsContractError) as caught:
        Settings.load(SMALL, overrides, source="kiosk.toml")

    expected = {f"kiosk.toml: '{name}' {what}; {SEE}" for name, (_, what) in MISTAKES.items()}
    assert set(str(caught.value).splitlines()) == expected


def test_a_setting_that_must_be_given_is_asked_for() -> None:
    with pytest.raises(
        SettingsContractError, match="'data_folder' must be the path of a folder, got nothing"
    ):
        Settings.load('device_id = "kiosk-1"')


def test_a_profile_that_is_not_toml_is_told_with_its_line() -> None:
    with pytest.raises(SettingsContractError, match=r"kiosk.toml: not TOML: .*line 3"):
        Settings.load(SMALL + "port 8080", source="kiosk.toml")


def test_a_value_where_a_group_belongs_is_a_mistake_also_under_an_override() -> None:
    with pytest.raises(
        SettingsContractError, match=r"'listen' must be the keys host, port, .*, got 3"
    ):
        Settings.load(SMALL + "listen = 3", {"listen.port": 1})


def screens(*entries: str) -> str:
    return SMALL + "".join(f"[[screens]]\n{entry}\n" for entry in entries)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (screens('id = "a"\nsurface = "signage"'), r"'screens\[0\]' a screen has a board exactly"),
        (screens('id = "a"\nsurface = "kiosk"\nboard = "b"'), "has a board exactly when"),
        (screens(*['id = "a"\nsurface = "kiosk"'] * 2), 'each screen, found "a" again'),
        (screens(*[f'id = "k{i}"\nsurface = "kiosk"' for i in range(65)]), "of at most 64 entries"),
    ],
    ids=["no board", "a board too many", "twice", "too many"],
)
def test_screens_must_fit_together(text: str, why: str) -> None:
    with pytest.raises(SettingsContractError, match=why):
        Settings.load(text)


def test_a_broker_whose_word_is_not_enough_needs_centrals_key() -> None:
    wanted: dict[str, object] = {"mqtt.host": "broker"}
    with pytest.raises(SettingsContractError, match='"central" needs acked_key'):
        Settings.load(SMALL, wanted)

    assert Settings.load(SMALL, wanted | {"mqtt.acked_key": "ab" * 32}).mqtt.confirm_within_s == 60
    assert Settings.load(SMALL, wanted | {"mqtt.acknowledged_by": "broker"}).mqtt.acked_key == ""


def test_settings_cannot_be_changed_while_they_hold() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings.load(SMALL).listen.port = 1  # type: ignore[misc]


@pytest.mark.parametrize("path", PROFILES, ids=NAMES)
def test_every_setting_stands_in_every_profile_and_nothing_else(path: Path) -> None:
    raw = tomllib.loads(path.read_text())
    screen = {key for screen in raw.pop("screens") for key in screen}
    declared = {name for name, _, _ in described(Settings.load(path.read_text()))}

    assert set(names(raw)) == declared - {"screens"}
    assert screen >= {"id", "surface"}


@pytest.mark.parametrize("path", PROFILES, ids=NAMES)
def test_every_setting_in_a_profile_is_explained(path: Path) -> None:
    lines = path.read_text().partition("[[screens]]")[0].splitlines()
    silent = [line for line in lines if " = " in line and "#" not in line]

    assert silent == []


def test_every_setting_says_what_it_means() -> None:
    assert all(meaning for _, _, meaning in described(Settings.load(SMALL)))


def test_there_is_a_profile_per_surface_and_one_for_the_demo() -> None:
    assert NAMES == ["demo.toml", "kiosk.toml", "signage.toml", "tablet.toml"]


def test_the_demo_shows_boards_that_the_demo_shop_has(demo_site: Site) -> None:
    demo = Settings.load(shipped("firmware_config/profiles/demo.toml").read_text())

    assert {screen.surface for screen in demo.screens} == {"kiosk", "signage", "tablet"}
    assert all(demo_site.board(screen.board) for screen in demo.screens if screen.board)


def names(raw: Mapping[str, object], prefix: str = "") -> Iterator[str]:
    for name, value in raw.items():
        if isinstance(value, dict):
            yield from names(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


@pytest.fixture
def demo_site() -> Site:
    return parse_site(site_texts(shipped("firmware_config/sites/harbour_kitchen")))


def test_a_group_is_described_under_its_name() -> None:
    class Outer(Group):
        """Groups."""

        class Inner(Group):
            """One group."""

            one_s: int = 1
            """A second."""

        inner: Inner = Inner()

    assert list(described(Outer())) == [("inner.one_s", 1, "A second.")]
