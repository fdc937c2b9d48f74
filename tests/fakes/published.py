"""What a signed repository has published, as files and as a client fetches it."""

from pathlib import Path
from typing import Final

from edge.wire.releases import target_path
from tests.fakes.repository import SignedRepository
from tests.fakes.tuf_client import TufClient

FACTORY: Final = Path(__file__).parents[2] / "models/factory"
PATH: Final = "models/ranker/1.0.0/ranker-1.0.0.tar"
"""The model that the fixture ``signed`` has published."""


def fetch(signed: SignedRepository, *paths: str) -> dict[str, bytes]:
    """Return what a new client is given of ``paths``."""
    return TufClient(signed.served, signed.root, signed.folder / "client").fetch(*paths)


def files(signed: SignedRepository) -> dict[str, bytes]:
    """Return all that is served, by its path."""
    paths = (path for path in signed.served.rglob("*") if path.is_file())
    return {str(path.relative_to(signed.served)): path.read_bytes() for path in paths}


def package(version: str) -> str:
    """Return the path of the model of this version."""
    return target_path("model", "ranker", version)
