"""python-tuf's own client on a folder: it knows nothing of our code, and judges what we publish."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlparse

from tuf.api.exceptions import DownloadHTTPError
from tuf.ngclient import FetcherInterface, Updater  # type: ignore[attr-defined]

_HERE: Final = "file:///"


class _FromFolder(FetcherInterface):
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _fetch(self, url: str) -> Iterator[bytes]:
        path = self._folder / unquote(urlparse(url).path).lstrip("/")
        if not path.is_file():
            raise DownloadHTTPError(f"{url} is not there", 404)
        yield path.read_bytes()


class TufClient:
    """One device's worth of python-tuf; what it once verified stays with it in ``folder``."""

    def __init__(self, served: Path, root: bytes, folder: Path) -> None:
        self._served = served
        self._root = root
        self._folder = folder
        for part in ("metadata", "targets"):
            (folder / part).mkdir(parents=True, exist_ok=True)

    def fetch(self, *paths: str) -> dict[str, bytes]:
        """Refresh, and return the verified bytes of those ``paths`` that are signed."""
        updater = Updater(
            str(self._folder / "metadata"),
            f"{_HERE}metadata/",
            str(self._folder / "targets"),
            f"{_HERE}targets/",
            fetcher=_FromFolder(self._served),
            bootstrap=self._root,
        )
        updater.refresh()
        found = {}
        for path in paths:
            target = updater.get_targetinfo(path)
            if target is not None:
                found[path] = Path(updater.download_target(target)).read_bytes()
        return found
