"""The offline work: prepare the next version of a role, and collect its keepers' signatures."""

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from edge.central.fleet.releases.key_folder import KeyFolder
from edge.central.fleet.releases.package_file import PackageFile
from edge.central.fleet.releases.pending import Pending, delegators
from edge.central.fleet.releases.repository_state import AnyMetadata, RepositoryState, verification
from edge.central.fleet.releases.signing_roles import role_of_kind, signing_role
from edge.central.fleet.releases.tuf_api import Metadata, Role, Root, TargetFile, Targets
from edge.core.clock import Clock
from edge.core.errors import RequestContractError
from edge.wire.releases import target_path


@dataclass(frozen=True, slots=True)
class Desk:
    """What offline work goes on with: what is pending, and what is published already."""

    pending: Pending
    state: RepositoryState | None
    clock: Clock

    def roles(self) -> dict[str, AnyMetadata]:
        """Return what is pending, by role."""
        return self.pending.roles(self.state)

    def next_of(self, role: str) -> AnyMetadata:
        """Return the next version of ``role``, not signed, with its full life before it.

        Raises:
            RequestContractError: The role does not exist yet; the ceremony makes it.
        """
        found = self.roles().get(role)
        if found is None:
            if self.state is None:
                msg = f"wanted the metadata of {role}, got none; see `edge fleet keys init`"
                raise RequestContractError(msg)
            found = Metadata(copy.deepcopy(self.state.of(role).signed))
            found.signed.version += 1
        found.signatures.clear()
        found.signed.expires = self.clock() + signing_role(role).life
        return found


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a pending role is: who signed, and how many still have to."""

    role: str
    version: int
    signed: tuple[str, ...]
    missing: int
    may_sign: tuple[str, ...]

    def to_text(self) -> str:
        """Return it as a line for people."""
        what = f"{self.role} version {self.version}: {len(self.signed)} signed"
        if not self.missing:
            return f"{what}, enough"
        keys = ", ".join(key[:8] for key in self.may_sign)
        return f"{what}, {self.missing} more needed from {keys}"


def add_package(desk: Desk, package: PackageFile) -> str:
    """Put a package into the next version of its role, and return its path.

    Raises:
        RequestContractError: There is another package under that name and version.
    """
    facts = package.facts
    path = target_path(facts.kind, facts.name, facts.version)
    target = TargetFile.from_data(path, package.content, ["sha256"])
    target.unrecognized_fields["custom"] = facts.model_dump(mode="json")
    role = role_of_kind(facts.kind).name
    metadata = desk.next_of(role)
    present = metadata.signed.targets.get(path)
    if present is not None and present != target:
        msg = f"wanted a new package at {path}, got one that is there already; use a new version"
        raise RequestContractError(msg)
    metadata.signed.targets[path] = target
    desk.pending.put_target(path, package.content)
    desk.pending.put(role, metadata)
    return path


def withdraw(desk: Desk, path: str) -> None:
    """Take a package out of the next version of its role.

    Raises:
        RequestContractError: There is no such package.
    """
    role = next((name for name, md in _targets_roles(desk) if path in md.signed.targets), None)
    if role is None:
        msg = f"wanted a signed package to withdraw, got {path!r}, which is none"
        raise RequestContractError(msg)
    metadata = desk.next_of(role)
    del metadata.signed.targets[path]
    desk.pending.put(role, metadata)


def renew(desk: Desk, role: str) -> None:
    """Prepare the same word of ``role`` again, with a new expiry."""
    desk.pending.put(role, desk.next_of(role))


def sign_pending(desk: Desk, folders: Sequence[KeyFolder]) -> tuple[Standing, ...]:
    """Sign everything pending with every fitting key in ``folders``, and say how far it is."""
    for role, metadata in desk.roles().items():
        results = [
            verification(delegator, role, metadata)
            for delegator in delegators(role, desk.roles(), desk.state)
        ]
        key_ids = {key_id for one in results for key_id in (*one.signed, *one.unsigned)}
        signers = [signer for folder in folders for signer in folder.signers(role, key_ids)]
        for signer in signers:
            metadata.sign(signer, append=True)
        if signers:
            desk.pending.put(role, metadata)
    return standing(desk)


def standing(desk: Desk) -> tuple[Standing, ...]:
    """Return how far each pending role is."""
    pending = desk.roles()
    return tuple(_standing(role, pending, desk.state) for role in pending)


def changes(desk: Desk) -> Iterator[str]:
    """Yield what signing would change, line by line: what a keeper should read before."""
    for role, metadata in desk.roles().items():
        new = metadata.signed
        yield f"{role} version {new.version}, holds until {new.expires:%Y-%m-%d}"
        old = desk.state.of(role).signed if desk.state else None
        yield from _changed_keys(old, new)
        if isinstance(new, Targets):
            yield from _changed_targets(old.targets if old else {}, new.targets)


def _targets_roles(desk: Desk) -> Iterator[tuple[str, AnyMetadata]]:
    pending = desk.roles()
    published = desk.state.targets if desk.state else {}
    yield from ((role, md) for role, md in pending.items() if isinstance(md.signed, Targets))
    yield from ((role, md) for role, md in published.items() if role not in pending)


def _standing(
    role: str, pending: dict[str, AnyMetadata], state: RepositoryState | None
) -> Standing:
    metadata = pending[role]
    results = [
        verification(delegator, role, metadata) for delegator in delegators(role, pending, state)
    ]
    return Standing(
        role=role,
        version=metadata.signed.version,
        signed=tuple(sorted({key for one in results for key in one.signed})),
        missing=max(one.missing for one in results),
        may_sign=tuple(sorted({key for one in results if one.missing for key in one.unsigned})),
    )


def _changed_keys(old: Root | Targets | None, new: Root | Targets) -> Iterator[str]:
    before, after = _key_roles(old), _key_roles(new)
    for role in sorted(before | after):
        was, now = before.get(role, (0, frozenset())), after.get(role, (0, frozenset()))
        yield from (f"  {role}: + key {key[:8]}" for key in sorted(now[1] - was[1]))
        yield from (f"  {role}: - key {key[:8]}" for key in sorted(was[1] - now[1]))
        if was[0] != now[0]:
            yield f"  {role}: {now[0]} of {len(now[1])} have to sign (was {was[0]})"


def _key_roles(signed: Root | Targets | None) -> dict[str, tuple[int, frozenset[str]]]:
    if signed is None:
        return {}
    if isinstance(signed, Root):
        roles: Iterable[tuple[str, Role]] = signed.roles.items()
    else:
        roles = (signed.delegations.roles or {}).items() if signed.delegations else ()
    return {name: (role.threshold, frozenset(role.keyids)) for name, role in roles}


def _changed_targets(old: Mapping[str, TargetFile], new: Mapping[str, TargetFile]) -> Iterator[str]:
    for path in sorted(new.keys() - old.keys()):
        target = new[path]
        yield f"  + {path}: {target.length} bytes, sha256 {target.hashes['sha256']}"
    yield from (f"  - {path}" for path in sorted(old.keys() - new.keys()))
    both = old.keys() & new.keys()
    yield from (f"  ! {path}: other bytes or facts" for path in both if old[path] != new[path])
