"""What holds for every test."""

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings

from tests.fakes.remembered import RememberedTemplates

Flask.jinja_options = {"bytecode_cache": RememberedTemplates()}

# How fast a busy machine draws and runs examples says nothing about the code.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


def pytest_configure(config: pytest.Config) -> None:
    """Let xdist keep the order below; by itself it hands out the longest files first."""
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the browser's tests last: its driver keeps an event loop running in this thread.

    After it, nothing else could start a loop of its own, and Python 3.11 miscounts the depth of
    its own parser in the greenlets that the driver switches between.
    """
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
