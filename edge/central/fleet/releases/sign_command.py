"""``edge fleet sign``: the offline work of keepers, in stages over a folder that they pass on."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from edge.central.fleet.releases.command_options import (
    KEYS,
    PASSPHRASES,
    PATH,
    PENDING,
    REPOSITORY,
    desk,
    key_folders,
)
from edge.central.fleet.releases.package_file import (
    Label,
    PackageFile,
    config_package,
    content_package,
    model_package,
)
from edge.central.fleet.releases.sign import (
    Desk,
    add_package,
    changes,
    renew,
    sign_pending,
    withdraw,
)
from edge.central.fleet.releases.signing_roles import OFFLINE
from edge.core.errors import RequestContractError, UnavailableError

_ROLES: Final = click.Choice([role.name for role in OFFLINE])


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be prepared before signing; nothing: only sign what is pending."""

    model: Path | None
    content: Path | None
    config: Path | None
    name: str | None
    version: str | None
    min_agent: str
    minimum_version: str
    renewed: tuple[str, ...]
    withdrawn: tuple[str, ...]

    def package(self) -> PackageFile | None:
        """Return the package that was asked for.

        Raises:
            RequestContractError: More than one was, or it has no name or no version.
        """
        makers: tuple[tuple[Path | None, Callable[[Path, Label], PackageFile]], ...] = (
            (self.model, model_package),
            (self.content, content_package),
            (self.config, config_package),
        )
        given = [(path, make) for path, make in makers if path is not None]
        if not given:
            return None
        if len(given) > 1 or self.name is None or self.version is None:
            msg = "wanted one of --model, --content, --config, with --name and --version"
            raise RequestContractError(msg)
        path, make = given[0]
        return make(path, Label(self.name, self.version, self.min_agent, self.minimum_version))


@click.command()
@REPOSITORY
@PENDING
@KEYS
@PASSPHRASES
@click.option("--model", type=PATH, help="A model's folder, to sign as a package.")
@click.option("--content", type=PATH, help="A site folder, to sign as a package.")
@click.option("--config", type=PATH, help="Some settings as TOML, to sign as a package.")
@click.option("--name", help="The package's name, such as ranker.")
@click.option("--version", help="Its version, such as 1.2.0; never used twice.")
@click.option("--min-agent", default="0.1.0", show_default=True, help="The oldest program for it.")
@click.option(
    "--minimum-version",
    default="0.0.0",
    show_default=True,
    help="Once it serves, devices take nothing older than this again.",
)
@click.option("--renew", "renewed", multiple=True, type=_ROLES, help="A role to sign for longer.")
@click.option("--withdraw", "withdrawn", multiple=True, help="A package's path, to take out.")
@click.pass_context
def sign(  # its options are many; what they mean is in Wanted
    ctx: click.Context,
    /,
    repository: Path | None,
    pending: Path,
    **given: Any,  # noqa: ANN401
) -> None:
    """Prepare a package or a renewal, and sign all that is pending with each --keys.

    What would change is printed first. Without --keys nothing is signed: read, then pass it on.
    """
    folders = key_folders(given.pop("keys"), given.pop("passphrases"))
    wanted = Wanted(**given)
    now = desk(pending, repository)
    _check_content(ctx, wanted)
    _prepare(now, wanted)
    for line in changes(now):
        click.echo(line)
    for standing in sign_pending(now, folders):
        click.echo(standing.to_text())


def _prepare(now: Desk, wanted: Wanted) -> None:
    package = wanted.package()
    if package is not None:
        add_package(now, package)
    for path in wanted.withdrawn:
        withdraw(now, path)
    for role in wanted.renewed:
        renew(now, role)


def _check_content(ctx: click.Context, wanted: Wanted) -> None:
    """Run ``edge site check``, which knows the pictures and region rules that are delivered too."""
    if wanted.content is None:
        return
    root = ctx.find_root().command
    site = root.get_command(ctx, "site") if isinstance(root, click.Group) else None
    check = site.get_command(ctx, "check") if isinstance(site, click.Group) else None
    if check is None:
        msg = "wanted `edge site check` for a site folder; run this as `edge fleet sign`"
        raise UnavailableError(msg)
    ctx.invoke(check, folder=wanted.content)
