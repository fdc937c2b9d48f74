"""One signed repository for all tests of this folder, with two menus and two configurations."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from edge.central.fleet.releases.package_file import Label, config_package, content_package
from edge.core.clock import SettableClock, system_clock
from tests.fakes.repository import RunningRepository, running_repository
from tests.fakes.restarted import CONFIG, SITE, menu


@pytest.fixture(scope="session")
def signed_texts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRepository]:
    """Two menus of the demo shop that rename what everybody knows, and two sets of settings."""
    folder = tmp_path_factory.mktemp("signed-texts")
    with running_repository(folder) as repository:
        for version, name in (("1.1.0", "Harbour Roast"), ("1.2.0", "Winter Roast")):
            site = menu(folder / version, "en: Cappuccino", f"en: {name}")
            repository.publish_package(content_package(site, Label(SITE, version)))
            settings = folder / f"{version}.toml"
            settings.write_text(f"[outbox]\nmax_bytes = {int(version[2]) * 2_000_000}\n")
            repository.publish_package(config_package(settings, Label(CONFIG, version)))
        yield repository


@pytest.fixture
def repository(signed_texts: RunningRepository) -> RunningRepository:
    """The repository, doing nothing wrong and wanting nothing."""
    signed_texts.faults.heal()
    for name in (SITE, CONFIG):
        signed_texts.set_rollout(name=name)
    return signed_texts


@pytest.fixture
def clock() -> SettableClock:
    """A clock that the test sets, beginning at the next noon: signed things hold, the shop is open."""
    now = system_clock()
    noon = now.replace(hour=12, minute=0, second=0, microsecond=0)
    return SettableClock(noon if noon > now else noon + timedelta(days=1))
