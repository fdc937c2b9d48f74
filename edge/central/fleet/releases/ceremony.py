"""The ceremony: the first metadata of a repository, and the exchange of a key later on.

Two of three keepers must sign whatever is offline, so that one lost or stolen stick is neither
the end of updates nor the end of trust.
"""

from collections.abc import Sequence
from typing import Final

from edge.central.fleet.releases.key_folder import KeyFolder
from edge.central.fleet.releases.pending import delegators
from edge.central.fleet.releases.repository_state import AnyMetadata, verification
from edge.central.fleet.releases.sign import Desk
from edge.central.fleet.releases.signing_roles import (
    DELEGATED,
    OFFLINE,
    ONLINE,
    PACKAGE_ROLES,
    ROLLOUTS,
    ROOT,
    TARGETS,
    TOP,
    SigningRole,
    signing_role,
)
from edge.central.fleet.releases.tuf_api import (
    DelegatedRole,
    Delegations,
    Metadata,
    Role,
    Root,
    SSlibKey,
    Targets,
)
from edge.core.errors import RequestContractError

THRESHOLD: Final = 2


def make_keys(folder: KeyFolder, *, online: bool) -> tuple[SSlibKey, ...]:
    """Make each key that a keeper (or the server) holds and that is not there, and return them."""
    roles = ONLINE if online else OFFLINE
    return tuple(folder.make(role.name) for role in roles if not folder.public(role.name))


def first_metadata(
    desk: Desk, keepers: Sequence[KeyFolder], online: KeyFolder, *, package_threshold: int
) -> None:
    """Prepare the first version of every offline role.

    Args:
        desk: Where they become pending; nothing is published yet.
        keepers: The folders of all who hold offline keys, their public halves at least.
        online: The online keys, their public halves at least.
        package_threshold: How many keepers have to sign a package; root and targets need two.

    Raises:
        RequestContractError: There is metadata already, or there are too few keepers.
    """
    if desk.state is not None or desk.roles():
        msg = "wanted nothing published or pending, got metadata; rotate or renew it instead"
        raise RequestContractError(msg)
    if len(keepers) < max(THRESHOLD, package_threshold):
        msg = f"wanted at least {max(THRESHOLD, package_threshold)} keepers, got {len(keepers)}"
        raise RequestContractError(msg)
    now = desk.clock()
    root = Root(expires=now + ROOT.life, consistent_snapshot=True)
    for role in TOP:
        threshold = 1 if role.is_online else THRESHOLD
        keys = _keys(role, keepers, online)
        root.roles[role.name] = Role([key.keyid for key in keys], threshold)
        root.keys |= {key.keyid: key for key in keys}
    delegations = Delegations({}, {})
    assert delegations.roles is not None
    for role in DELEGATED:
        keys = _keys(role, keepers, online)
        threshold = 1 if role.is_online else package_threshold
        ids = [key.keyid for key in keys]
        delegations.roles[role.name] = DelegatedRole(
            role.name, ids, threshold, terminating=True, paths=[role.paths]
        )
        delegations.keys |= {key.keyid: key for key in keys}
    desk.pending.put(ROOT.name, Metadata(root))
    targets = Targets(expires=now + TARGETS.life, delegations=delegations)
    desk.pending.put(TARGETS.name, Metadata(targets))
    for role in PACKAGE_ROLES:
        desk.pending.put(role.name, Metadata(Targets(expires=now + role.life)))


def replace_key(desk: Desk, role: str, revoked: str, new: SSlibKey) -> None:
    """Prepare the exchange of one key of ``role`` for another.

    Whatever would then no longer have enough signatures becomes pending too, to be signed again.

    Args:
        desk: Where it becomes pending.
        role: Whose key it is.
        revoked: The first digits of the old key's id, as `edge fleet keys list` shows them.
        new: The public half of the new key.

    Raises:
        RequestContractError: No single key of that role begins like that.
    """
    above = ROOT.name if signing_role(role) in TOP else TARGETS.name
    metadata = desk.next_of(above)
    signed: Root | Targets = metadata.signed
    fitting = [one for one in signed.get_delegated_role(role).keyids if one.startswith(revoked)]
    if len(fitting) != 1:
        msg = f"wanted the id of one key of {role}, got {revoked!r}, which fits {len(fitting)}"
        raise RequestContractError(msg)
    signed.revoke_key(fitting[0], role)
    signed.add_key(new, role)
    desk.pending.put(above, metadata)
    if above == ROOT.name and role != TARGETS.name:
        return
    _renew_unvouched(desk, role)


def _renew_unvouched(desk: Desk, role: str) -> None:
    if role == ROLLOUTS.name or desk.state is None:
        return  # the online key signs its own again when this is published
    current: AnyMetadata = desk.roles().get(role, desk.state.of(role))
    for delegator in delegators(role, desk.roles(), desk.state):
        if verification(delegator, role, current).missing:
            desk.pending.put(role, desk.next_of(role))
            return


def _keys(
    role: SigningRole, keepers: Sequence[KeyFolder], online: KeyFolder
) -> tuple[SSlibKey, ...]:
    folders = (online,) if role.is_online else tuple(keepers)
    keys = tuple(key for folder in folders for key in folder.public(role.name))
    if len(keys) < len(folders) or len({key.keyid for key in keys}) != len(keys):
        msg = f"wanted a key for {role.name} of its own in every folder, got {len(keys)}"
        raise RequestContractError(msg)
    return keys
