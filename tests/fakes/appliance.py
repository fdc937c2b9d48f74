"""The whole appliance in this process, on real SQLite, with a clock that is set."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from flask.testing import FlaskClient

from edge.app.load_site import load_site
from edge.app.settings import Settings
from edge.app.wiring import Appliance, build
from edge.catalog.site import Site
from edge.core.chance import system_chance
from edge.core.clock import Clock, SettableClock
from tests.fakes.profiles import demo_profile

ROOT = Path(__file__).parents[2]
DEMO_SITE = ROOT / "firmware_config/sites/harbour_kitchen"
LUNCH_AT = datetime(2026, 3, 3, 12, 5, tzinfo=UTC)
"""A Tuesday at lunch time in London."""


def settings(data: Path, **overrides: object) -> Settings:
    """Return the demo's settings with its data in ``data``; overrides by dotted name."""
    return Settings.load(
        demo_profile(), {"data_folder": str(data), **overrides}, source="demo.toml"
    )


@cache
def site() -> Site:
    """Return the demo shop, read once: it does not change."""
    return load_site(DEMO_SITE)


@contextmanager
def appliance(
    data: Path,
    *,
    clock: Clock | None = None,
    shop: Site | None = None,
    broker_port: int | None = None,
    **overrides: object,
) -> Iterator[Appliance]:
    """Build the appliance, without its threads, and close it at the end."""
    if broker_port is not None:
        overrides |= {"mqtt.host": "127.0.0.1", "mqtt.port": broker_port}
    built = build(
        settings(data, **overrides),
        shop or site(),
        clock=clock or SettableClock(LUNCH_AT),
        chance=system_chance,
    )
    try:
        yield built
    finally:
        built.stop()


def client(built: Appliance) -> FlaskClient:
    """Return a browser without a screen: same origin, own cookies."""
    return built.app.test_client()
