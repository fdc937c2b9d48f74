"""``edge site gate``: of every offer, what it uses of a person, how far that is, and who said yes."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
import orjson
from rich import box
from rich.console import Console
from rich.table import Table

from edge.app.load_site import load_site
from edge.catalog.approved import entry_digest
from edge.catalog.content import Module
from edge.catalog.offer import Offer
from edge.catalog.site import Site
from edge.core.clock import system_clock
from edge.core.errors import RequestContractError, SiteContractError
from edge.policy.gate import GateLine, judged, needs_approval


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the lines as JSON.")
def gate(folder: Path, *, as_json: bool) -> None:
    """Say of every offer in FOLDER whether it may go out; exit code 1 if one may not.

    Judged by the policies that decide in the shop, for somebody who allows everything.
    """
    try:
        shop = load_site(folder)
    except SiteContractError as error:
        msg = f"{folder}: wanted a folder without mistakes; run: edge site check {folder}"
        raise RequestContractError(msg) from error
    today = system_clock().astimezone(ZoneInfo(shop.header.timezone)).date()
    lines = gate_lines(shop, today)
    if as_json:
        facts = {"rules": shop.policy.model_dump(mode="json"), "offers": [_facts(x) for x in lines]}
        click.echo(orjson.dumps(facts, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))
    else:
        _print(Console(), lines)
    if not all(line.is_open for line in lines):
        sys.exit(1)


def gate_lines(shop: Site, today: date) -> tuple[GateLine, ...]:
    """Return the gate's line for every offer of ``shop``."""
    return tuple(_line(shop, offer, today) for offer in shop.offers)


def _line(shop: Site, offer: Offer, today: date) -> GateLine:
    products = [product for sku in offer.skus if (product := shop.product(sku))]
    modules = [module for module in shop.modules if module.id in offer.modules.values()]
    presumed = max((module.familiarity for module in modules), default=0)
    line = judged(offer, products, shop.policy, today, presumed)
    if not needs_approval(offer):
        return line
    return replace(line, problems=(*line.problems, *_unread_variants(offer, modules)))


def _unread_variants(offer: Offer, modules: Sequence[Module]) -> Iterator[str]:
    """Yield modules with variants that nobody approved: the offer's digest has the first only."""
    for module in modules:
        digest = entry_digest(module)
        said = [one for one in module.approvals if one.digest == digest and one.by != offer.owner]
        if len(module.variants) > 1 and not said:
            yield f"{module.id}: wanted a yes to all its variants (edge site approve)"


def _facts(line: GateLine) -> dict[str, Any]:
    return {
        "offer": line.offer_id,
        "facts": line.facts,
        "distance": dict(line.distance),
        "verdict": {screen: str(verdict.value) for screen, verdict in line.verdict.items()},
        "approved_by": [{"by": one.by, "role": one.role, "on": one.on} for one in line.approvals],
        "problems": line.problems,
        "is_open": line.is_open,
    }


def _print(console: Console, lines: Sequence[GateLine]) -> None:
    table = Table(box=box.SIMPLE_HEAD)
    for name in ("offer", "uses", "private", "semi-private", "public", "approved by", "gate"):
        table.add_column(name, overflow="fold")
    for line in lines:
        screens = [
            f"{line.verdict[name].value} {line.distance[name]}"
            for name in ("private", "semi_private", "public")
        ]
        said = ", ".join(f"{one.by} ({one.role})" for one in line.approvals)
        table.add_row(
            line.offer_id,
            ", ".join(line.facts) or "nobody",
            *screens,
            said or "-",
            "open" if line.is_open else "; ".join(line.problems),
        )
    console.print(table)
    closed = sum(not line.is_open for line in lines)
    console.print(f"{len(lines)} offers, {closed} may not go out")
