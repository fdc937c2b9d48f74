"""What a package of each kind holds: names, sizes, how many. Nothing else is ever unpacked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from edge.catalog.parse import ALLOWED, FILES, NEEDED
from edge.catalog.yaml_text import MAX_TEXT_BYTES
from edge.recommend.package import MANIFEST, PACKAGE_FILES
from edge.update.limits import (
    MAX_CONTENT_BYTES,
    MAX_CONTENT_FILES,
    MAX_FILE_BYTES,
    MAX_JSON_BYTES,
    MAX_UNPACKED_BYTES,
)
from edge.wire.config_settings import MAX_SETTINGS_BYTES, SETTINGS_FILE

NAMES: Final = (MANIFEST, *PACKAGE_FILES)
"""Of a model package."""


def longest(name: str) -> int:
    """Return how many bytes the file of this name in a model package may have."""
    return MAX_FILE_BYTES if name.endswith(".onnx") else MAX_JSON_BYTES


@dataclass(frozen=True, slots=True)
class Layout:
    """What a package of one kind holds."""

    is_name: Callable[[str], object]
    wanted: str
    """What ``is_name`` takes, for whoever reads why it was refused."""
    needed: frozenset[str]
    longest: Callable[[str], int]
    most_files: int
    most_bytes: int


LAYOUTS: Final[Mapping[str, Layout]] = MappingProxyType(
    {
        "model": Layout(
            is_name=NAMES.__contains__,
            wanted=str(list(NAMES)),
            needed=frozenset(NAMES),
            longest=longest,
            most_files=len(NAMES),
            most_bytes=MAX_UNPACKED_BYTES,
        ),
        "content": Layout(
            is_name=FILES.fullmatch,
            wanted=ALLOWED,
            needed=frozenset(NEEDED),
            longest=lambda _: MAX_TEXT_BYTES,
            most_files=MAX_CONTENT_FILES,
            most_bytes=MAX_CONTENT_BYTES,
        ),
        "config": Layout(
            is_name=SETTINGS_FILE.__eq__,
            wanted=SETTINGS_FILE,
            needed=frozenset({SETTINGS_FILE}),
            longest=lambda _: MAX_SETTINGS_BYTES,
            most_files=1,
            most_bytes=MAX_SETTINGS_BYTES,
        ),
    }
)
