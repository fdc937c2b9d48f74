"""The online work: take signed metadata and packages in, choose among them, keep it all fresh.

Each change is written so that a client finds a whole repository at every moment: bytes first,
then what names them, ``timestamp.json`` last, by rename. Ended in between, nothing has happened,
and the next run does it again.
"""

from collections.abc import Mapping
from pathlib import Path

from edge.central.fleet.releases.key_folder import KeyFolder
from edge.central.fleet.releases.online_signing import OnlineSigner
from edge.central.fleet.releases.pending import Pending
from edge.central.fleet.releases.publish_checks import Submitted, mistakes_in_submitted
from edge.central.fleet.releases.repository_folder import (
    TIMESTAMP_FILE,
    RepositoryFolder,
    Step,
)
from edge.central.fleet.releases.repository_state import (
    AnyMetadata,
    RepositoryState,
    read_state,
)
from edge.central.fleet.releases.rollout_targets import (
    check_choice,
    chosen_packages,
    current_document,
    document_target,
    next_documents,
)
from edge.central.fleet.releases.signing_roles import (
    OFFLINE,
    ROLLOUTS,
    ROOT,
    SNAPSHOT,
)
from edge.core.clock import Clock
from edge.core.errors import RequestContractError, TrustError
from edge.wire.rollout import RolloutDocument, document_bytes


class Repository:
    """One repository, with the online keys. Safe to use from several processes at once."""

    def __init__(
        self, folder: Path, online: KeyFolder, clock: Clock, at_step: Step = lambda _: None
    ) -> None:
        """Open the repository in ``folder``; it may still be empty.

        Args:
            folder: The repository.
            online: The online keys.
            clock: The time that expiries are held against.
            at_step: Told of every step on disk.
        """
        self._folder = RepositoryFolder(folder, at_step)
        self._signer = OnlineSigner(online, clock)
        self._clock = clock

    def state(self) -> RepositoryState:
        """Return what the repository says now.

        Raises:
            RequestContractError: Nothing was published yet.
        """
        found = read_state(self._folder)
        if found is None:
            msg = (
                f"wanted a repository in {self._folder.folder}, got none; see `edge fleet publish`"
            )
            raise RequestContractError(msg)
        return found

    def trusted_root(self) -> bytes:
        """Return the root metadata that a device is given when it enrols."""
        return self.state().root.to_bytes()

    def publish(self, pending: Pending) -> tuple[str, ...]:
        """Take in what enough keepers have signed, and return the roles that changed.

        Raises:
            TrustError: It would break clients; every reason is listed and nothing is changed.
        """
        with self._folder.writing():
            state = read_state(self._folder)
            roles = pending.roles(state)
            bytes_of = pending.bytes_of(roles)
            submitted = Submitted(
                roles=roles,
                state=state,
                now=self._clock(),
                has_bytes=lambda one: one.path in bytes_of or self._folder.has_target(one),
                chosen=frozenset() if state is None else chosen_packages(state, self._folder),
            )
            mistakes = mistakes_in_submitted(submitted)
            if state is None:
                mistakes += _missing_from_first(roles)
            if mistakes:
                raise TrustError("\n".join(("nothing is published:", *mistakes)))
            if roles:
                self._change(state, roles, bytes_of)
        pending.clear()
        return tuple(roles)

    def publish_rollout(self, document: RolloutDocument) -> None:
        """Sign the rollout document of one package name, and let every device see it.

        Whoever does not know whether it was published just publishes it again.

        Raises:
            RequestContractError: Its version does not grow, or it chooses what is not signed and
                present.
        """
        with self._folder.writing():
            state = self.state()
            if current_document(document.name, state, self._folder) == document:
                return
            check_choice(document, state, self._folder)
            content = document_bytes(document)
            target = document_target(document.name, content)
            rollouts = next_documents(state, target)
            self._change(state, {ROLLOUTS.name: rollouts}, {target.path: content})

    def refresh_online(self) -> tuple[str, ...]:
        """Sign again what the online keys signed more than a day ago, and return those roles."""
        with self._folder.writing():
            state = self.state()
            roles = self._signer.due(state)
            if roles:
                renewed = {ROLLOUTS.name: next_documents(state)} if ROLLOUTS.name in roles else {}
                self._change(state, renewed, {})
        return roles

    def _change(
        self,
        state: RepositoryState | None,
        changed: Mapping[str, AnyMetadata],
        bytes_of: Mapping[str, bytes],
    ) -> None:
        after = self._signer.after(state, changed)
        after.check()
        for metadata in after.targets.values():
            for path, target in metadata.signed.targets.items():
                if path in bytes_of:
                    self._folder.put_target(target, bytes_of[path])
        for name, metadata in after.targets.items():
            if state is None or metadata.signed.version != state.of(name).signed.version:
                self._put(name, metadata)
        self._put(SNAPSHOT.name, after.snapshot)
        self._put_last(state, after)

    def _put_last(self, state: RepositoryState | None, after: RepositoryState) -> None:
        """Write a new root and the timestamp in the order in which clients are never between."""
        timestamp = after.timestamp.to_bytes()
        if state is not None and after.root.signed.version == state.root.signed.version:
            self._folder.put_metadata(TIMESTAMP_FILE, timestamp)
        elif state is not None and _is_good_under(after, state):
            self._folder.put_metadata(TIMESTAMP_FILE, timestamp)
            self._put(ROOT.name, after.root)
        else:  # the first one, or the old online key is gone: for this moment clients wait
            self._put(ROOT.name, after.root)
            self._folder.put_metadata(TIMESTAMP_FILE, timestamp)

    def _put(self, role: str, metadata: AnyMetadata) -> None:
        name = f"{metadata.signed.version}.{role}.json"
        self._folder.put_metadata(name, metadata.to_bytes())


def _is_good_under(after: RepositoryState, before: RepositoryState) -> bool:
    try:
        after.check(before.root)
    except TrustError:
        return False
    return True


def _missing_from_first(roles: Mapping[str, AnyMetadata]) -> tuple[str, ...]:
    missing = [role.name for role in OFFLINE if role.name not in roles]
    return tuple(f"{name}: wanted its first version, got none" for name in missing)
