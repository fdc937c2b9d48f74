"""``edge fleet keys``: make, list and exchange the keys of releases, and print their public halves.

The whole ceremony, with exact commands, is in ``edge/docs/ceremony.md``.
"""

import hashlib
from pathlib import Path
from typing import Any

import click

from edge.central.fleet.releases.central_keys import BESIDE, CentralKeys
from edge.central.fleet.releases.ceremony import (
    THRESHOLD,
    first_metadata,
    make_keys,
    replace_key,
)
from edge.central.fleet.releases.command_options import (
    KEYS,
    PASSPHRASES,
    PATH,
    REPOSITORY,
    desk,
    key_folders,
    published,
)
from edge.central.fleet.releases.holding import holdings
from edge.central.fleet.releases.key_folder import KeyFolder
from edge.central.fleet.releases.repository_state import RepositoryState
from edge.central.fleet.releases.sign import changes, sign_pending
from edge.central.fleet.releases.signing_roles import (
    TARGETS,
    TIMESTAMP,
    TOP,
    SigningRole,
    signing_role,
)
from edge.central.fleet.releases.tuf_api import Role, Root, Targets
from edge.core.clock import system_clock
from edge.core.errors import RequestContractError


@click.group()
def keys() -> None:
    """Make, list and exchange the keys that releases are signed with."""


@keys.command()
@click.option("--online", required=True, type=PATH, help="The folder of the online keys.")
@KEYS
@PASSPHRASES
@click.option("--pending", type=PATH, help="Where the first metadata is prepared and signed.")
@click.option(
    "--package-threshold",
    default=THRESHOLD,
    show_default=True,
    type=click.IntRange(1, 9),
    help="How many keepers have to sign a package.",
)
def init(
    online: Path,
    keys: tuple[Path, ...],
    passphrases: tuple[Path, ...],
    pending: Path | None,
    package_threshold: int,
) -> None:
    """Make keys that are not there; with --pending, prepare and sign the first metadata."""
    online_keys, keepers = KeyFolder(online), key_folders(keys, passphrases)
    # At the ceremony, the online folder may hold only public halves: nothing is made in it then.
    if pending is None or not online_keys.public(TIMESTAMP.name):
        made = make_keys(online_keys, online=True)
        beside = CentralKeys(online).make_missing()
        click.echo(f"{online}: made {len(made) + len(beside)} keys")
    for keeper in keepers:
        click.echo(f"{keeper.folder}: made {len(make_keys(keeper, online=False))} keys")
    if pending is not None:
        now = desk(pending, None)
        first_metadata(now, keepers, online_keys, package_threshold=package_threshold)
        for line in sign_pending(now, keepers):
            click.echo(line.to_text())


@keys.command("list")
@click.option("--repository", required=True, type=PATH, help="The repository, or a copy of it.")
@click.option("--in", "folders", multiple=True, type=PATH, help="A folder to look for keys in.")
def list_keys(repository: Path, folders: tuple[Path, ...]) -> None:
    """Print every role with its keys, how many have to sign, and how long its word holds."""
    state = published(repository)
    assert state is not None  # a repository is named
    for holding in holdings(state, system_clock()):
        role = _who_signs(state, holding.role)
        click.echo(f"{holding.to_text()}; {role.threshold} of {len(role.keyids)} sign")
        for key_id in role.keyids:
            where = [str(one) for one in folders if _has(KeyFolder(one), holding.role, key_id)]
            click.echo(f"  {key_id[:8]}  {', '.join(where)}".rstrip())


@keys.command()
@click.option("--role", required=True, help="Whose key it is.")
@click.option("--revoke", help="The first digits of the old key's id, from `keys list`.")
@click.option("--into", required=True, type=PATH, help="The folder that the new key goes into.")
@PASSPHRASES
@REPOSITORY
@click.option("--pending", type=PATH, help="The folder that goes from keeper to keeper.")
def rotate(role: str, into: Path, **given: Any) -> None:  # noqa: ANN401
    """Exchange a lost, stolen or old key; keepers sign what follows with `edge fleet sign`."""
    if role in BESIDE:
        old = CentralKeys(into).replace(role)
        click.echo(f"{role}: the old key is now {old.name}; devices need the new one at once:")
        click.echo("\n".join(_settings_lines(CentralKeys(into))))
        return
    if not all(given[name] for name in ("revoke", "repository", "pending")):
        msg = f"wanted --revoke, --repository and --pending to exchange a key of {role}"
        raise RequestContractError(msg)
    now = desk(given["pending"], given["repository"])
    (folder,) = key_folders([into], given["passphrases"])
    waiting = [key for key in folder.public(role) if not _is_in_force(now.state, role, key.keyid)]
    replace_key(now, role, given["revoke"], waiting[0] if waiting else folder.make(role))
    for line in changes(now):
        click.echo(line)


@keys.command()
@click.option("--online", required=True, type=PATH, help="The folder of the online keys.")
@REPOSITORY
@click.option("--root", type=PATH, help="Write the trusted root here, for update.trust_file.")
def show(online: Path, repository: Path | None, root: Path | None) -> None:
    """Print what devices have to know of central's keys, as it stands in their settings."""
    click.echo("\n".join(_settings_lines(CentralKeys(online))))
    state = published(repository)
    if state is not None:
        content = state.root.to_bytes()
        digest = hashlib.sha256(content).hexdigest()
        click.echo(f"# root version {state.root.signed.version}, sha256 {digest}")
        if root is not None:
            root.write_bytes(content)
            click.echo(f'update.trust_file = "{root}"')


def _who_signs(state: RepositoryState, role: SigningRole) -> Role:
    above: Root | Targets = state.root.signed if role in TOP else state.targets[TARGETS.name].signed
    return above.get_delegated_role(role.name)


def _has(folder: KeyFolder, role: SigningRole, key_id: str) -> bool:
    return key_id in {key.keyid for key in folder.public(role.name)}


def _is_in_force(state: RepositoryState | None, role: str, key_id: str) -> bool:
    return state is not None and key_id in _who_signs(state, signing_role(role)).keyids


def _settings_lines(central: CentralKeys) -> list[str]:
    return [f'{name} = "{value}"' for name, value in central.settings().items()]
