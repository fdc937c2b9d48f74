"""python-tuf's way to the network: the same that packages take."""

from collections.abc import Iterator

from tuf.ngclient.fetcher import FetcherInterface

from edge.update.connections import Connections


class Fetcher(FetcherInterface):
    """python-tuf's way to the network."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def _fetch(self, url: str) -> Iterator[bytes]:
        with self._connections.get(url) as body:
            yield from body.chunks
