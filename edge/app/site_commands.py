"""``edge site``: check a shop's folder, or make one from a till's export."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

import click

from edge.app.approvals import wrong_signatures
from edge.app.load_site import load_site
from edge.catalog.check import warnings
from edge.catalog.site import Site
from edge.catalog.versions import unraised_versions
from edge.core.errors import EdgeError, SiteContractError

INSTALL: Final = (
    "from-tickets needs the development environment; run: "
    "make .venv-dev/.ready && .venv-dev/bin/edge site from-tickets ..."
)


@click.group()
def site() -> None:
    """Check a shop's folder, or make one from a till's export."""


@site.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--against",
    type=click.Path(path_type=Path),
    help="The folder that shops have now: what changed since wants a higher version.",
)
def check(folder: Path, against: Path | None) -> None:
    """List every mistake in the site folder FOLDER; exit code 1 if there is one."""
    try:
        shop = load_site(folder)
        older = load_site(against) if against else None
    except SiteContractError as error:
        _refuse(folder, error.mistakes)
    wrong = tuple(wrong_signatures(shop))
    wrong += tuple(unraised_versions(shop, older)) if older else ()
    if wrong:
        _refuse(folder, wrong)
    click.echo(summary(folder, shop))


def _refuse(folder: Path, mistakes: Sequence[str]) -> NoReturn:
    count = len(mistakes)
    click.echo("\n".join(mistakes), err=True)
    click.echo(f"{folder}: {count} mistake{'' if count == 1 else 's'}", err=True)
    sys.exit(1)


def summary(folder: Path, shop: Site) -> str:
    """Return what is in a site folder without mistakes, and its warnings, line by line."""
    counts = (
        (shop.products, "products"),
        (shop.sections, "sections"),
        (shop.offers, "offers"),
        (shop.placements, "placements"),
        (shop.boards, "boards"),
        (shop.guide, "questions"),
    )
    holds = ", ".join(_counted(len(entries), what) for entries, what in counts)
    told = warnings(shop)
    found = f"no mistakes, {_counted(len(told), 'warnings')}"
    lines = [f"{folder}: {shop.header.name}: {holds}; {found}"]
    return "\n".join(lines + [f"warning: {line}" for line in told])


def _counted(count: int, what: str) -> str:
    return f"{count} {what if count != 1 else what.removesuffix('s')}"


@site.command("from-tickets")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="New folder to write.")
@click.option("--config", type=click.Path(path_type=Path), help="A TOML that names the columns.")
@click.option("--ticket", multiple=True, help="Column of a ticket's key; several together, if so.")
@click.option("--item", help="Column of the till's item, its id or name.")
@click.option("--item-name", help="Column of the item's name, where --item is an id.")
@click.option("--date", help="Column of the date, or of date and time.")
@click.option("--time", help="Column of the time.")
@click.option("--price", help="Column of the price per piece.")
@click.option("--qty", help="Column of the quantity.")
@click.option("--category", help="Column of the category; sections are made from it.")
@click.option("--drop", multiple=True, help="Item that is none (a till's filler).")
@click.option("--name", default="My shop", show_default=True, help="What the shop is called.")
@click.option("--currency", default="GBP", show_default=True, help="ISO 4217.")
@click.option("--timezone", default="Europe/London", show_default=True, help="IANA name.")
@click.option("--region", default="gb", show_default=True, help="Whose food-law rules hold.")
def from_tickets(file: Path, out: Path, config: Path | None, **given: Any) -> None:  # noqa: ANN401
    """Make a site folder from FILE, a till's export (.csv, .csv.gz, .parquet).

    Beside it OUT.toml, from which `python -m models.training fit` makes a model.

    One row per item sold. What the export does not say, such as allergens, stays unknown, and a
    kiosk does not sell such a product until you fill it in.
    """
    try:
        from edge.app.starter import site_from_tickets as make  # noqa: PLC0415 - needs Polars
    except ModuleNotFoundError as error:
        if error.name != "polars":
            raise
        raise click.ClickException(INSTALL) from error

    shop = make.Shop(*(given.pop(each) for each in ("name", "currency", "timezone", "region")))
    try:
        made = make.make_site(file, out, shop, make.export_columns(config, given))
    except EdgeError as error:
        raise click.ClickException(str(error)) from error
    export = made.export
    click.echo(
        f"{file}: {export.tickets} tickets, {len(export.items)} items; "
        f"left out: {export.dropped} rows that are no item, {export.returned} returned"
    )
    click.echo(summary(out, made.site))
    if made.dataset:
        click.echo(f"for a model of the same tickets: python -m models.training fit {made.dataset}")
