"""``edge model …``: look at a model package before a shop relies on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from edge.app.admit_model import preflight
from edge.app.load_model import read_package
from edge.app.load_site import load_site
from edge.core.errors import ModelContractError
from edge.decide.bundle import known_share
from edge.update.limits import MAX_UNPACKED_BYTES
from edge.update.package import unpack
from edge.wire.releases import ABI, PackageFacts


@click.group()
def model() -> None:
    """Check and show model packages."""


@model.command()
@click.argument("package", type=click.Path(path_type=Path))
@click.option("--site", type=click.Path(path_type=Path), help="The shop it is meant for.")
@click.option("--preflight", "is_tried", is_flag=True, help="Try it first, as a device does.")
def check(package: Path, site: Path | None, is_tried: bool) -> None:
    """Load PACKAGE (a folder or a release's tar) as the service would, and say what it breaks.

    Exit code 1 then. With --preflight it is tried first as a device tries a release: looked at
    without loading it, then asked everything in a process of its own. A tar always is.
    """
    with _folder(package) as folder:
        if is_tried or package.is_file():
            _try(package, folder)
        _show(package, folder, site)


@contextmanager
def _folder(package: Path) -> Iterator[Path]:
    if not package.is_file():
        yield package
        return
    with TemporaryDirectory() as made:
        signed_by_nobody = PackageFacts(
            kind="model",
            name="ranker",
            version="0.0.0",
            abi=ABI,
            min_agent="0.0.0",
            size_unpacked=max(1, min(package.stat().st_size, MAX_UNPACKED_BYTES)),
        )
        unpack(package, Path(made) / "package", signed_by_nobody)
        yield Path(made) / "package"


def _try(package: Path, folder: Path) -> None:
    found = preflight()(folder)
    if not found.is_good:
        breaches = "".join(f"\n  - {breach}" for breach in found.breaches)
        msg = f"{package}: wanted a model that devices admit, got ({found.reason}):{breaches}"
        raise ModelContractError(msg)
    click.echo(f"{package}: devices admit it {found.detail}".rstrip())
    for name, value in sorted(found.figures.items()):
        click.echo(f"  {name}: {value:g}" if value < 1e6 else f"  {name}: {value:,.0f}")


def _show(package: Path, folder: Path, site: Path | None) -> None:
    read = read_package(folder)
    click.echo(f"{package}: keeps the contract, golden requests answered as trained")
    click.echo(f"  {len(read.items)} items, {read.digest}")
    for name, value in sorted(read.metadata.items()):
        click.echo(f"  {name}: {value}")
    click.echo(f"  calibrated: {'no' if read.calibration is None else read.calibration}")
    if site is not None:
        shop = load_site(site)
        known = set(read.items)
        missing = [product.sku for product in shop.products if product.sku not in known]
        click.echo(f"  knows {known_share(shop, read.items):.0%} of {shop.header.name}")
        if missing:
            click.echo(f"  does not know: {', '.join(missing[:20])}")
