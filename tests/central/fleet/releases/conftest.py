"""A repository with one model in it, a copy for each test."""

import shutil
from pathlib import Path

import pytest

from tests.fakes.published import FACTORY
from tests.fakes.repository import SignedRepository


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with ranker 1.0.0, made once and copied for each test."""
    signed = SignedRepository(tmp_path_factory.mktemp("made") / "signed")
    signed.make()
    signed.publish_model(FACTORY, "1.0.0")
    return signed.folder


@pytest.fixture
def signed(made: Path, tmp_path: Path) -> SignedRepository:
    return SignedRepository(shutil.copytree(made, tmp_path / "signed"))
