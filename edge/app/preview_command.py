"""``edge site preview``: an offer on every placement and in every language, before it is shown."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Final

import click

from edge.app.load_site import load_site
from edge.app.server import Server, bind
from edge.app.settings import Listen
from edge.app.shipped import shipped
from edge.catalog.site import Site
from edge.core.errors import RequestContractError, SiteContractError
from edge.core.mistakes import closest, listed
from edge.web.preview.pages import create_preview
from edge.web.preview.scenes import scenes

INSTALL: Final = (
    "--check needs a browser and the development environment; run: "
    "make .venv-dev/.ready && .venv-dev/bin/edge site preview --check ..."
)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("offer_id", required=False)
@click.option("--port", default=8099, show_default=True, help="0 takes any free one.")
@click.option("--check", "is_check", is_flag=True, help="List words that are cut off, and end.")
@click.option("--pictures", type=click.Path(path_type=Path), help="With --check: keep screenshots.")
def preview(
    folder: Path, offer_id: str | None, port: int, *, is_check: bool, pictures: Path | None
) -> None:
    """Show the offer OFFER_ID of FOLDER, or all of them, as the real screens do.

    Serves on this machine only, and records nothing. A till draws its own screen, so that what is
    for tills only is not shown here.
    """
    shop = _shop(folder, offer_id)
    shown = scenes(shop, offer_id)
    if not is_check:
        with _served(shop, offer_id, port) as (url, serving):
            click.echo(f"{len(shown)} scenes at {url}/ ; Ctrl-C ends")
            serving.join()
        return
    try:
        from edge.app.clipped_words import clipped_words  # noqa: PLC0415 - needs Playwright
    except ModuleNotFoundError as error:
        if error.name != "playwright":
            raise
        raise click.ClickException(INSTALL) from error
    with _served(shop, offer_id, 0) as (url, _):
        found = clipped_words(url, shown, pictures)
    if found:
        click.echo("\n".join(found), err=True)
        click.echo(f"{folder}: {len(found)} cut off in {len(shown)} scenes", err=True)
        sys.exit(1)
    click.echo(f"{folder}: {len(shown)} scenes, no words are cut off")


def _shop(folder: Path, offer_id: str | None) -> Site:
    try:
        shop = load_site(folder)
    except SiteContractError as error:
        msg = f"{folder}: wanted a folder without mistakes; run: edge site check {folder}"
        raise RequestContractError(msg) from error
    names = [offer.offer for offer in shop.offers]
    if offer_id is not None and offer_id not in names:
        near = closest(offer_id, names)
        msg = f'wanted an offer of {folder}, found "{offer_id}";{near} allowed: {listed(names)}'
        raise RequestContractError(msg)
    return shop


@contextmanager
def _served(shop: Site, offer_id: str | None, port: int) -> Iterator[tuple[str, Thread]]:
    """Serve the preview on loopback until the end of the ``with``."""
    listen = Listen(port=port)
    app = create_preview(shop, shipped("kiosk_ui"), offer_id)
    with bind(listen) as bound:
        server = Server(app, listen, bound)
        serving = Thread(target=server.run, name="preview", daemon=True)
        serving.start()
        try:
            yield server.url, serving
        finally:
            server.close()
            serving.join(10)
