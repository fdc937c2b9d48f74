"""The online work: take signed metadata and packages in, choose among them, keep it all fresh.

Each change is written so that a client finds a whole repository at every moment: bytes first,
then what names them, ``timestamp.json`` last, by rename. Ended in between, nothing has happened,
and the next run does it again.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from edge.central.fleet.releases.key_folder import KeyFolder
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
    meta_of,
    read_state,
    unsigned,
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
    TARGETS,
    TIMESTAMP,
    SigningRole,
)
from edge.central.fleet.releases.tuf_api import (
    LengthOrHashMismatchError,
    Metadata,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)
from edge.core.clock import Clock
from edge.core.errors import RequestContractError, TrustError
from edge.wire.rollout import RolloutDocument, document_bytes

REFRESH_AFTER: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Change:
    """What one change puts in place of the present state."""

    roles: Mapping[str, AnyMetadata]  # root, targets and delegated ones
    bytes_of: Mapping[str, bytes]  # of targets, by path
    must_sign: bool = False  # again, although nothing else changed


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
        self._online = online
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
            bytes_of = self._new_bytes(pending, roles)
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
                self._change(state, _Change(roles, bytes_of))
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
            rollouts = next_documents(state, target, self._until(ROLLOUTS))
            self._change(state, _Change({ROLLOUTS.name: rollouts}, {target.path: content}))

    def refresh_online(self) -> tuple[str, ...]:
        """Sign again what the online keys signed more than a day ago, and return those roles."""
        with self._folder.writing():
            state = self.state()
            roles = tuple(
                role.name
                for role in (ROLLOUTS, SNAPSHOT, TIMESTAMP)
                if _signed_for(state, role, self._clock) >= REFRESH_AFTER
                or not _is_vouched(state, role)
            )
            if roles:
                renewed = ROLLOUTS.name in roles
                rollouts = next_documents(state, None, self._until(ROLLOUTS))
                changed = {ROLLOUTS.name: rollouts} if renewed else {}
                self._change(state, _Change(changed, {}, must_sign=True))
        return roles

    def _new_bytes(self, pending: Pending, roles: Mapping[str, AnyMetadata]) -> dict[str, bytes]:
        """Return the bytes of pending packages that the repository does not have."""
        found: dict[str, bytes] = {}
        for metadata in roles.values():
            if isinstance(metadata.signed, Targets):
                for path, target in metadata.signed.targets.items():
                    content = pending.target(target)
                    if content is not None and _is_that(target, content):
                        found[path] = content
        return found

    def _change(self, state: RepositoryState | None, change: _Change) -> None:
        after = self._after(state, change)
        after.check()
        for metadata in after.targets.values():
            for path, target in metadata.signed.targets.items():
                if path in change.bytes_of:
                    self._folder.put_target(target, change.bytes_of[path])
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

    def _after(self, state: RepositoryState | None, change: _Change) -> RepositoryState:
        """Return the state after ``change``, with everything signed that is online."""
        targets: dict[str, Metadata[Targets]] = dict(state.targets) if state else {}
        targets |= {name: md for name, md in change.roles.items() if name != ROOT.name}
        root = change.roles.get(ROOT.name) or (state.root if state else None)
        assert root is not None  # publish asked for it
        self._sign_rollouts(targets, change)
        snapshot = _next_snapshot(state, targets)
        snapshot.signed.expires = self._until(SNAPSHOT)
        keys = [md.signed.roles for md in (state.root if state else None, root) if md]
        self._sign(SNAPSHOT, snapshot, {key for roles in keys for key in roles["snapshot"].keyids})
        number = state.timestamp.signed.version + 1 if state else 1
        timestamp = Metadata(Timestamp(number, None, self._until(TIMESTAMP), meta_of(snapshot)))
        self._sign(
            TIMESTAMP, timestamp, {key for roles in keys for key in roles["timestamp"].keyids}
        )
        return RepositoryState(root, timestamp, snapshot, targets)

    def _sign_rollouts(self, targets: dict[str, Metadata[Targets]], change: _Change) -> None:
        """Sign the rollouts where they are new, or where their key was exchanged."""
        delegations = targets[TARGETS.name].signed.delegations
        assert delegations is not None and delegations.roles is not None  # noqa: PT018
        key_ids = set(delegations.roles[ROLLOUTS.name].keyids)
        current = targets.get(ROLLOUTS.name)
        if current is None:
            current = Metadata(Targets(expires=self._until(ROLLOUTS)))
        elif ROLLOUTS.name not in change.roles:
            if key_ids & current.signatures.keys():
                return
            current = Metadata(copy.deepcopy(current.signed))
            current.signed.version += 1
            current.signed.expires = self._until(ROLLOUTS)
        self._sign(ROLLOUTS, current, key_ids)
        targets[ROLLOUTS.name] = current

    def _sign(self, role: SigningRole, metadata: AnyMetadata, key_ids: set[str]) -> None:
        for signer in self._online.signers(role.name, sorted(key_ids)):
            metadata.sign(signer, append=True)

    def _until(self, role: SigningRole) -> datetime:
        return self._clock() + role.life


def _next_snapshot(
    state: RepositoryState | None, targets: Mapping[str, Metadata[Targets]]
) -> Metadata[Snapshot]:
    # What was once named stays named, else clients take it for an attack.
    named = dict(state.snapshot.signed.meta) if state else {}
    named |= {f"{name}.json": meta_of(metadata) for name, metadata in targets.items()}
    return Metadata(Snapshot(state.snapshot.signed.version + 1 if state else 1, meta=named))


def _is_that(target: TargetFile, content: bytes) -> bool:
    try:
        target.verify_length_and_hashes(content)
    except LengthOrHashMismatchError:
        return False
    return True


def _is_good_under(after: RepositoryState, before: RepositoryState) -> bool:
    try:
        after.check(before.root)
    except TrustError:
        return False
    return True


def _is_vouched(state: RepositoryState, role: SigningRole) -> bool:
    above: Root | Targets = (
        state.targets[TARGETS.name].signed if role is ROLLOUTS else state.root.signed
    )
    return not tuple(unsigned(above, role.name, state.of(role.name)))


def _signed_for(state: RepositoryState, role: SigningRole, clock: Clock) -> timedelta:
    """Return how long ago an online key signed."""
    expires: datetime = state.of(role.name).signed.expires
    return clock() - (expires - role.life)


def _missing_from_first(roles: Mapping[str, AnyMetadata]) -> tuple[str, ...]:
    missing = [role.name for role in OFFLINE if role.name not in roles]
    return tuple(f"{name}: wanted its first version, got none" for name in missing)
