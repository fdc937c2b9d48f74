"""``edge model …``: look at a model package before a shop relies on it."""

from pathlib import Path

import click

from edge.app.load_model import read_package
from edge.app.load_site import load_site
from edge.decide.bundle import known_share


@click.group()
def model() -> None:
    """Check and show model packages."""


@model.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--site", type=click.Path(path_type=Path), help="The shop it is meant for.")
def check(folder: Path, site: Path | None) -> None:
    """Load the package in FOLDER as the service would, and say what it breaks; exit code 1 then."""
    package = read_package(folder)
    click.echo(f"{folder}: keeps the contract, golden requests answered as trained")
    click.echo(f"  {len(package.items)} items, {package.digest}")
    for name, value in sorted(package.metadata.items()):
        click.echo(f"  {name}: {value}")
    calibration = package.calibration
    click.echo(f"  calibrated: {'no' if calibration is None else calibration}")
    if site is not None:
        shop = load_site(site)
        known = set(package.items)
        missing = [product.sku for product in shop.products if product.sku not in known]
        click.echo(f"  knows {known_share(shop, package.items):.0%} of {shop.header.name}")
        if missing:
            click.echo(f"  does not know: {', '.join(missing[:20])}")
