"""A real signed repository, made with the product's own code, and a web server before it.

with running_repository(tmp_path) as repository:
path = repository.publish_model(package_folder, "1.2.0")
repository.set_rollout(stable=repository.release("1.2.0"))
...  # a device with repository.url and repository.root
"""

import contextlib
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from edge.central.fleet.releases.central_keys import CentralKeys
from edge.central.fleet.releases.ceremony import first_metadata, make_keys
from edge.central.fleet.releases.key_folder import KeyFolder
from edge.central.fleet.releases.package_file import Label, PackageFile, model_package, packed
from edge.central.fleet.releases.pending import Pending
from edge.central.fleet.releases.repository import Repository
from edge.central.fleet.releases.repository_folder import Step
from edge.central.fleet.releases.sign import Desk, add_package, sign_pending
from edge.core.clock import Clock, system_clock
from edge.wire.releases import ABI, PackageFacts, target_path
from edge.wire.rollout import Candidate, Release, RolloutDocument, rollout_path

CAPTIVE_PAGE: Final = b"<html><title>Welcome to the guest network</title>Accept the terms.</html>"
_BLOCK: Final = 4096


@dataclass
class Faults:
    """What the web server does wrong, from the next request on; ``only`` limits it to paths."""

    only: str = ""
    status: int = 0
    """Answer with this (503) and nothing else; 0: do not."""
    cut_after: int | None = None
    """Send so many bytes of each answer, then close the connection."""
    captive: bool = False
    """Answer everything with a page, and with 200."""
    slow_s: float = 0.0
    """Wait so long before every 4 KiB."""
    ignores_range: bool = False
    """Send the whole file, whatever part was asked for."""

    def heal(self) -> None:
        """Do nothing wrong any more."""
        self.__init__()  # type: ignore[misc]


@dataclass
class SignedRepository:
    """A repository with everybody's keys, for tests; nothing about it is quicker than real."""

    folder: Path
    clock: Clock = system_clock
    at_step: Step = lambda _: None
    documents: dict[str, RolloutDocument] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.keepers = tuple(KeyFolder(self.folder / "keys" / name) for name in ("a", "b", "c"))
        self.online = KeyFolder(self.folder / "keys" / "online")
        self.pending = Pending(self.folder / "pending")
        self.repository = Repository(
            self.folder / "repository", self.online, self.clock, self.at_step
        )

    @property
    def served(self) -> Path:
        """The folder that a web server serves."""
        return self.folder / "repository"

    @property
    def root(self) -> bytes:
        """The first root metadata: what a device was given when it enrolled."""
        return (self.served / "metadata" / "1.root.json").read_bytes()

    @property
    def desk(self) -> Desk:
        """The offline work, as it stands now."""
        is_published = (self.served / "metadata" / "timestamp.json").exists()
        state = self.repository.state() if is_published else None
        return Desk(self.pending, state, self.clock)

    def make(self) -> None:
        """Hold the ceremony and publish its result."""
        for keeper in self.keepers:
            make_keys(keeper, online=False)
        make_keys(self.online, online=True)
        CentralKeys(self.online.folder).make_missing()
        first_metadata(self.desk, self.keepers, self.online, package_threshold=2)
        self.sign_and_publish()

    def sign_and_publish(self) -> None:
        """Have two keepers sign what is pending, one after the other, and publish it."""
        for keeper in self.keepers[:2]:
            sign_pending(self.desk, [keeper])
        self.repository.publish(self.pending)

    def publish_model(
        self,
        folder: Path,
        version: str,
        *,
        name: str = "ranker",
        minimum_version: str = "0.0.0",
        min_agent: str = "0.1.0",
    ) -> str:
        """Sign and publish the model package in ``folder``; return its path."""
        label = Label(name, version, min_agent, minimum_version)
        return self.publish_package(model_package(folder, label))

    def publish_files(self, files: Mapping[str, bytes], facts: Mapping[str, Any]) -> str:
        """Sign and publish any files as a package, even ones that no device should take."""
        said: dict[str, Any] = {
            "kind": "model",
            "name": "ranker",
            "abi": ABI,
            "min_agent": "0.1.0",
            "size_unpacked": max(1, sum(len(content) for content in files.values())),
        }
        package = PackageFile(PackageFacts.model_validate(said | dict(facts)), packed(files))
        return self.publish_package(package)

    def publish_package(self, package: PackageFile) -> str:
        """Sign and publish a package whose bytes may be anything at all; return its path."""
        path = add_package(self.desk, package)
        self.sign_and_publish()
        return path

    def release(self, version: str, *, name: str = "ranker", kind: str = "model") -> Release:
        """Return the release of a published package."""
        path = target_path(kind, name, version)
        return Release(release_id=f"{name}-{version}", target=path, version=version)

    def candidate(
        self, version: str, *, name: str = "ranker", kind: str = "model", **given: object
    ) -> Candidate:
        """Return a published package on its way; by default for every site."""
        release = self.release(version, name=name, kind=kind).model_dump()
        return Candidate.model_validate(release | {"salt": "salt", "share": 1.0} | given)

    def set_rollout(
        self,
        *,
        stable: Release | None = None,
        candidate: Candidate | None = None,
        halted: bool = False,
        name: str = "ranker",
    ) -> RolloutDocument:
        """Sign and publish the next rollout document of ``name``."""
        before = self.documents.get(name)
        document = RolloutDocument(
            name=name,
            version=before.version + 1 if before else 1,
            issued_at=self.clock(),
            stable=stable,
            candidate=candidate,
            halted=halted,
        )
        self.repository.publish_rollout(document)
        self.documents[name] = document
        return document

    def file_of(self, path: str) -> Path:
        """Return where the bytes of a target lie, to spoil them."""
        target = self.repository.state().target(path)
        assert target is not None, f"{path} is not signed"
        return self.served / "targets" / target.get_prefixed_paths()[0]

    def rollout_file(self, name: str = "ranker") -> Path:
        """Return where the bytes of a rollout document lie."""
        return self.file_of(rollout_path(name))


class RunningRepository(SignedRepository):
    """A signed repository and its web server on the loopback address."""

    url: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.faults = Faults()
        self.requests: list[tuple[str, str]] = []
        """(path, the Range that was asked for) of every request so far."""


@contextlib.contextmanager
def running_repository(folder: Path, *, clock: Clock = system_clock) -> Iterator[RunningRepository]:
    """Make a repository in ``folder`` and serve it for the length of a ``with``."""
    repository = RunningRepository(folder, clock)
    repository.make()
    with serving(repository):
        yield repository


@contextlib.contextmanager
def serving(repository: RunningRepository) -> Iterator[None]:
    """Serve what is there."""
    server = _Server(repository)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    repository.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that closing waits until each has closed its own
    request_queue_size = 128

    def __init__(self, repository: RunningRepository) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.repository = repository


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 10

    def do_GET(self) -> None:
        repository, asked = self.server.repository, self.headers.get("Range", "")
        repository.requests.append((self.path, asked))
        faults = repository.faults if repository.faults.only in self.path else Faults()
        path = (repository.served / self.path.lstrip("/")).resolve()
        if faults.captive:
            self._answer(200, CAPTIVE_PAGE, faults, {"Content-Type": "text/html"})
        elif faults.status:
            self._answer(faults.status, b"", faults, {"Retry-After": "1"})
        elif not path.is_relative_to(repository.served.resolve()) or not path.is_file():
            self._answer(404, b"", faults, {})
        else:
            self._send(path.read_bytes(), "" if faults.ignores_range else asked, faults)

    def log_message(self, *_: object) -> None: ...

    def _send(self, content: bytes, asked: str, faults: Faults) -> None:
        if not asked:
            self._answer(200, content, faults, {"Accept-Ranges": "bytes"})
            return
        first, _, last = asked.removeprefix("bytes=").partition("-")
        begin, end = int(first), min(int(last) + 1 if last else len(content), len(content))
        if begin >= len(content):
            self._answer(416, b"", faults, {"Content-Range": f"bytes */{len(content)}"})
            return
        where = f"bytes {begin}-{end - 1}/{len(content)}"
        self._answer(206, content[begin:end], faults, {"Content-Range": where})

    def _answer(
        self, status: int, content: bytes, faults: Faults, headers: Mapping[str, str]
    ) -> None:
        self.send_response(status)
        for name, value in (headers | {"Content-Length": str(len(content))}).items():  # type: ignore[operator]
            self.send_header(name, value)
        self.end_headers()
        end = len(content) if faults.cut_after is None else min(faults.cut_after, len(content))
        with contextlib.suppress(ConnectionError):  # whoever asked has gone
            for begin in range(0, end, _BLOCK):
                if faults.slow_s:
                    time.sleep(faults.slow_s)
                self.wfile.write(content[begin : min(begin + _BLOCK, end)])
