"""``edge site approve``: a second person says yes to an offer or a module, as it stands."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, get_args
from zoneinfo import ZoneInfo

import click
from pydantic import ValidationError

from edge.app.approvals import approved_text, entry_of, new_approval, place_of
from edge.app.load_site import load_site, site_texts
from edge.catalog.approval import Approval, ApproverRole
from edge.catalog.entry_lines import LayoutError
from edge.catalog.offer import Offer
from edge.catalog.parse import parse_site
from edge.catalog.site import Site
from edge.core.clock import system_clock
from edge.core.errors import RequestContractError, SiteContractError
from edge.core.mistakes import mistakes_in

ROLES: Final = get_args(ApproverRole)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("entry_id")
@click.option("--by", required=True, help="Who approves: an id, not that of the offer's owner.")
@click.option("--role", required=True, type=click.Choice(ROLES))
@click.option("--key", type=click.Path(path_type=Path), help="Their private Ed25519 key (PEM).")
def approve(folder: Path, entry_id: str, by: str, role: str, key: Path | None) -> None:
    """Approve the offer or module ENTRY_ID of the site folder FOLDER, as it is now written.

    Adds one line to its file. Whoever changes the entry afterwards has one that nobody approved.
    """
    try:
        shop = load_site(folder)
    except SiteContractError as error:
        msg = f"{folder}: wanted a folder without mistakes; run: edge site check {folder}"
        raise RequestContractError(msg) from error
    texts = site_texts(folder)
    place = place_of(entry_id, texts)
    approval = _approval(shop, entry_id, (by, role), key)
    try:
        text = approved_text(texts[place.file], place.index, approval)
        _must_say_nothing_else(shop, entry_id, approval, {**texts, place.file: text})
    except LayoutError as error:
        msg = f"{place.file}: {entry_id}: {error}; lay it out so, and approve again"
        raise RequestContractError(msg) from error
    path = folder / place.file
    part = path.with_name(path.name + ".part")
    part.write_bytes(text.encode())
    part.replace(path)
    click.echo(f"{path}: {entry_id} approved by {by} ({role}), text {approval.digest[:12]}")


def _must_say_nothing_else(
    shop: Site, entry_id: str, approval: Approval, texts: Mapping[str, str]
) -> None:
    """Read the folder as it would be, before anything is written.

    Raises:
        LayoutError: Anything but this approval would be another than now.
    """
    entry = entry_of(shop, entry_id)
    wanted = entry.model_copy(update={"approvals": (*entry.approvals, approval)})
    after = parse_site(texts)
    others = (
        {o.offer: o for o in shop.offers} | {m.id: m for m in shop.modules} | {entry_id: wanted}
    )
    found = {o.offer: o for o in after.offers} | {m.id: m for m in after.modules}
    if found != others:
        msg = "wanted a place for one more line, found none that leaves all else as it is"
        raise LayoutError(msg)


def _approval(shop: Site, entry_id: str, who: tuple[str, str], key: Path | None) -> Approval:
    by, role = who
    entry = entry_of(shop, entry_id)
    if isinstance(entry, Offer) and entry.owner == by:
        msg = f'--by: wanted somebody other than the owner of {entry_id}, found "{by}"'
        raise RequestContractError(msg)
    known = {one.id: one for one in shop.approvers}
    if known and (by not in known or role not in known[by].roles):
        msg = f'--by, --role: wanted somebody of approvers.yaml in a role of theirs, found "{by}", {role}'
        raise RequestContractError(msg)
    today = system_clock().astimezone(ZoneInfo(shop.header.timezone)).date()
    try:
        approval = new_approval(entry, by, role, today, key)
    except ValidationError as error:
        wrong = mistakes_in(error, Approval)[0]
        msg = f"--{wrong.path}: {wrong.text}"
        raise RequestContractError(msg) from error
    if known and known[by].key and not approval.signature:
        msg = f"--key: wanted the private key of {by} (approvers.yaml names the public one)"
        raise RequestContractError(msg)
    return approval
