"""Rollout documents as targets: what they may choose, and the metadata that carries them."""

import copy

from edge.central.fleet.releases.repository_folder import RepositoryFolder
from edge.central.fleet.releases.repository_state import RepositoryState
from edge.central.fleet.releases.signing_roles import PACKAGE_ROLES, ROLLOUTS
from edge.central.fleet.releases.tuf_api import Metadata, TargetFile, Targets
from edge.core.errors import RequestContractError, UnavailableError
from edge.wire.releases import read_facts
from edge.wire.rollout import (
    MAX_DOCUMENT_BYTES,
    Release,
    RolloutDocument,
    read_document,
    rollout_path,
)


def document_target(name: str, content: bytes) -> TargetFile:
    """Return what is signed about the rollout document of ``name``.

    Raises:
        RequestContractError: It is longer than a device takes.
    """
    if len(content) > MAX_DOCUMENT_BYTES:
        msg = f"wanted a rollout document of at most {MAX_DOCUMENT_BYTES} bytes, got {len(content)}"
        raise RequestContractError(msg)
    return TargetFile.from_data(rollout_path(name), content, ["sha256"])


def next_documents(state: RepositoryState, target: TargetFile | None = None) -> Metadata[Targets]:
    """Return the next version of the rollouts, not signed, with ``target`` in place of its like."""
    found = Metadata(copy.deepcopy(state.targets[ROLLOUTS.name].signed))
    found.signed.version += 1
    if target is not None:
        found.signed.targets[target.path] = target
    return found


def current_document(
    name: str, state: RepositoryState, folder: RepositoryFolder
) -> RolloutDocument | None:
    """Return the rollout document of ``name`` that is in force.

    Raises:
        UnavailableError: It is signed, but its bytes are not there.
    """
    target = state.targets[ROLLOUTS.name].signed.targets.get(rollout_path(name))
    if target is None:
        return None
    if not folder.has_target(target):
        msg = f"wanted the bytes of {target.path} in the repository, got none or others"
        raise UnavailableError(msg)
    return read_document(folder.target_file(target).read_bytes())


def chosen_packages(state: RepositoryState, folder: RepositoryFolder) -> frozenset[str]:
    """Return the path of every package that a rollout in force speaks of."""
    names = [path.split("/")[1][:-5] for path in state.targets[ROLLOUTS.name].signed.targets]
    documents = (current_document(name, state, folder) for name in names)
    return frozenset(one.target for document in documents for one in _choices(document))


def check_choice(
    document: RolloutDocument, state: RepositoryState, folder: RepositoryFolder
) -> None:
    """Hold a new document against what is in force and what was signed.

    Raises:
        RequestContractError: Its version does not grow, or a package it chooses is not signed
            under that name and version, or its bytes are not there.
    """
    current = current_document(document.name, state, folder)
    if current is not None and document.version <= current.version:
        msg = (
            f"rollout {document.name}: wanted a version above {current.version}, got "
            f"{document.version}; an abort is a new document too"
        )
        raise RequestContractError(msg)
    for release in _choices(document):
        _check_release(document.name, release, state, folder)


def _check_release(
    name: str, release: Release, state: RepositoryState, folder: RepositoryFolder
) -> None:
    signed = (state.targets[role.name].signed.targets.get(release.target) for role in PACKAGE_ROLES)
    target = next((one for one in signed if one is not None), None)
    if target is None:
        msg = f"rollout {name}: wanted a package that was signed, got {release.target}"
        raise RequestContractError(msg)
    facts = read_facts(target.custom, release.target)
    if (facts.name, facts.version) != (name, release.version):
        msg = (
            f"rollout {name}: wanted {name} {release.version}, got the package of "
            f"{facts.name} {facts.version}"
        )
        raise RequestContractError(msg)
    if not folder.has_target(target):
        msg = f"rollout {name}: wanted the bytes of {release.target} in the repository, got none"
        raise RequestContractError(msg)


def _choices(document: RolloutDocument | None) -> tuple[Release, ...]:
    if document is None:
        return ()
    return tuple(one for one in (document.stable, document.candidate) if one is not None)
