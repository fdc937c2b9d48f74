"""What may go into the repository: nothing after which a device could not go on.

Each rule answers with sentences; all of them are reported at once.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from edge.central.fleet.releases.pending import delegators
from edge.central.fleet.releases.repository_state import AnyMetadata, RepositoryState, verification
from edge.central.fleet.releases.signing_roles import (
    DELEGATED,
    ROOT,
    TARGETS,
    role_of_kind,
    signing_role,
)
from edge.central.fleet.releases.tuf_api import Root, TargetFile, Targets
from edge.core.errors import ContractError
from edge.wire.releases import read_facts

_SLACK: Final = timedelta(days=1)
"""How far the offline machine's clock may be ahead."""


@dataclass(frozen=True, slots=True)
class Submitted:
    """What is to be published, and what it is held against."""

    roles: Mapping[str, AnyMetadata]
    state: RepositoryState | None
    now: datetime
    has_bytes: Callable[[TargetFile], bool]
    chosen: frozenset[str] = frozenset()
    """The packages that rollouts in force speak of."""


def mistakes_in_submitted(submitted: Submitted) -> tuple[str, ...]:
    """Return everything that speaks against publishing; nothing: it may be published."""
    found: list[str] = []
    for role, metadata in submitted.roles.items():
        found += _mistakes_in_numbers(role, metadata, submitted)
        found += _missing_signatures(role, submitted)
        if role == ROOT.name:
            found += _mistakes_in_root(metadata.signed)
        elif role == TARGETS.name:
            found += _mistakes_in_delegations(metadata.signed)
        else:
            found += _mistakes_in_packages(role, metadata.signed, submitted)
    return tuple(found)


def _mistakes_in_numbers(role: str, metadata: AnyMetadata, all_: Submitted) -> Iterator[str]:
    current = all_.state.of(role).signed.version if all_.state else 0
    signed = metadata.signed
    if signed.version != current + 1:
        yield f"{role}: wanted version {current + 1}, got {signed.version}; prepare it again"
    if signed.is_expired(all_.now):
        yield f"{role}: wanted an expiry to come, got {signed.expires:%Y-%m-%d}; renew it"
    if signed.expires > all_.now + signing_role(role).life + _SLACK:
        days = signing_role(role).life.days
        yield f"{role}: wanted an expiry within {days} days, got {signed.expires:%Y-%m-%d}"
    size, most = len(metadata.to_bytes()), signing_role(role).max_bytes
    if size > most:
        yield f"{role}: wanted at most {most} bytes, got {size}; withdraw old packages"


def _missing_signatures(role: str, all_: Submitted) -> Iterator[str]:
    metadata = all_.roles[role]
    for delegator in delegators(role, dict(all_.roles), all_.state):
        result = verification(delegator, role, metadata)
        if result.missing:
            yield (
                f"{role}: wanted {result.threshold} signatures, got {len(result.signed)}; "
                "`edge fleet sign` with another keeper's keys"
            )
            return


def _mistakes_in_root(root: Root) -> Iterator[str]:
    if not root.consistent_snapshot:
        yield "root: wanted consistent snapshots, got none"
    for name, role in root.roles.items():
        known = [root.keys[key] for key in role.keyids if key in root.keys]
        values = {str(key.keyval) for key in known}
        if not role.threshold <= len(values) == len(role.keyids):
            yield f"root: wanted {role.threshold} different keys for {name}, got {len(values)}"


def _mistakes_in_delegations(targets: Targets) -> Iterator[str]:
    if targets.targets:
        yield "targets: wanted delegations only, got targets of its own"
    roles = (targets.delegations.roles or {}) if targets.delegations else {}
    wanted = {role.name: [role.paths] for role in DELEGATED}
    found = {name: role.paths for name, role in roles.items()}
    if found != wanted:
        yield f"targets: wanted the roles and paths {wanted}, got {found}"


def _mistakes_in_packages(role: str, signed: Targets, all_: Submitted) -> Iterator[str]:
    if signed.delegations is not None:
        yield f"{role}: wanted no delegations below it, got some"
    before = all_.state.targets[role].signed.targets if all_.state else {}
    for path, target in signed.targets.items():
        yield from _mistakes_in_package(role, target, before.get(path))
        if "sha256" not in target.hashes or not all_.has_bytes(target):
            yield f"{path}: wanted the bytes that were signed, got none or others"
    for path in sorted((before.keys() - signed.targets.keys()) & all_.chosen):
        yield f"{path}: wanted it to stay while a rollout speaks of it; end the rollout first"


def _mistakes_in_package(role: str, target: TargetFile, before: TargetFile | None) -> Iterator[str]:
    path = target.path
    try:
        facts = read_facts(target.custom, path)
    except ContractError as error:
        yield str(error)
        return
    if role_of_kind(facts.kind).name != role:
        yield f"{path}: wanted a package of {role}, got the kind {facts.kind}"
    if before is not None and before != target:
        yield f"{path}: wanted what was published before, got other bytes or facts"
