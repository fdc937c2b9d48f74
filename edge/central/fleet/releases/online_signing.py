"""What the online keys sign: rollouts, snapshot and timestamp, each time anything changes."""

import copy
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Final

from edge.central.fleet.releases.key_folder import KeyFolder
from edge.central.fleet.releases.repository_state import (
    AnyMetadata,
    RepositoryState,
    meta_of,
    unsigned,
)
from edge.central.fleet.releases.signing_roles import (
    ONLINE,
    ROLLOUTS,
    ROOT,
    SNAPSHOT,
    TARGETS,
    TIMESTAMP,
    SigningRole,
)
from edge.central.fleet.releases.tuf_api import Metadata, Root, Snapshot, Targets, Timestamp
from edge.core.clock import Clock
from edge.core.errors import TrustError

REFRESH_AFTER: Final = timedelta(days=1)


class OnlineSigner:
    """Signs with the keys on central's server."""

    def __init__(self, online: KeyFolder, clock: Clock) -> None:
        self._online = online
        self._clock = clock

    def after(
        self, state: RepositoryState | None, changed: Mapping[str, AnyMetadata]
    ) -> RepositoryState:
        """Return the state after ``state`` in which the roles ``changed`` are new.

        Raises:
            TrustError: A key that has to sign is not here.
        """
        targets: dict[str, Metadata[Targets]] = dict(state.targets) if state else {}
        targets |= {name: md for name, md in changed.items() if name != ROOT.name}
        root: Metadata[Root] | None = changed.get(ROOT.name) or (state.root if state else None)
        assert root is not None  # the first publication was refused without it
        targets[ROLLOUTS.name] = self._rollouts(targets, is_new=ROLLOUTS.name in changed)
        # Signed with old and new keys while they are exchanged: devices of both roots go on.
        roots = [root.signed, *([state.root.signed] if state else [])]
        snapshot = _next_snapshot(state, targets)
        self._sign(SNAPSHOT, snapshot, {key for one in roots for key in _keys(one, SNAPSHOT)})
        number = state.timestamp.signed.version + 1 if state else 1
        timestamp = Metadata(Timestamp(number, snapshot_meta=meta_of(snapshot)))
        self._sign(TIMESTAMP, timestamp, {key for one in roots for key in _keys(one, TIMESTAMP)})
        return RepositoryState(root, timestamp, snapshot, targets)

    def due(self, state: RepositoryState) -> tuple[str, ...]:
        """Return the online roles that were signed a day ago or more, or by an exchanged key."""
        return tuple(role.name for role in ONLINE if self._is_due(state, role))

    def _is_due(self, state: RepositoryState, role: SigningRole) -> bool:
        left: timedelta = state.of(role.name).signed.expires - self._clock()
        above: Root | Targets = (
            state.targets[TARGETS.name].signed if role is ROLLOUTS else state.root.signed
        )
        is_vouched = not tuple(unsigned(above, role.name, state.of(role.name)))
        return role.life - left >= REFRESH_AFTER or not is_vouched

    def _rollouts(
        self, targets: Mapping[str, Metadata[Targets]], *, is_new: bool
    ) -> Metadata[Targets]:
        """Return the rollouts, signed again where they are new or their key was exchanged."""
        key_ids = _keys(targets[TARGETS.name].signed, ROLLOUTS)
        current = targets.get(ROLLOUTS.name) or Metadata(Targets())
        if not is_new and set(key_ids) & current.signatures.keys():
            return current
        signed = Metadata(copy.deepcopy(current.signed))
        if not is_new and ROLLOUTS.name in targets:
            signed.signed.version += 1
        self._sign(ROLLOUTS, signed, key_ids)
        return signed

    def _sign(self, role: SigningRole, metadata: AnyMetadata, key_ids: Collection[str]) -> None:
        metadata.signed.expires = self._clock() + role.life
        signers = self._online.signers(role.name, sorted(key_ids))
        if not signers:
            msg = (
                f"wanted a key of {role.name} that the root names in {self._online.folder}, got "
                "none; let keys.online name the folder that `edge fleet keys init --online` made"
            )
            raise TrustError(msg)
        for signer in signers:
            metadata.sign(signer, append=True)


def _next_snapshot(
    state: RepositoryState | None, targets: Mapping[str, Metadata[Targets]]
) -> Metadata[Snapshot]:
    # What was once named stays named, else clients take it for an attack.
    named = dict(state.snapshot.signed.meta) if state else {}
    named |= {f"{name}.json": meta_of(metadata) for name, metadata in targets.items()}
    return Metadata(Snapshot(state.snapshot.signed.version + 1 if state else 1, meta=named))


def _keys(delegator: Root | Targets, role: SigningRole) -> list[str]:
    return delegator.get_delegated_role(role.name).keyids
