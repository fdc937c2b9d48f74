"""What this device passes on to the others of its shop: the signed files that it fetched itself."""

from collections.abc import Callable
from pathlib import Path

from edge.app.releases.folder import RELEASES
from edge.app.settings import Settings
from edge.update.cache import Cache


def passing_on(settings: Settings) -> Callable[[str], Path | None]:
    """Return what finds a file by its path in the repository; without the setting, nothing."""
    if not settings.update.serves_cache:
        return lambda _path: None
    return Cache(settings.data_folder / RELEASES).file
