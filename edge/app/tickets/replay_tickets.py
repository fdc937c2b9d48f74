"""`edge replay-tickets`: what a running service makes of a shop's real tickets.

The tickets of the last trading days are put to the service over HTTP, each in its own hour. The
first days are what the model was made from; two baselines learn from the same days here, so
that every figure stands beside what any shop could do without the appliance.
"""

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

import click
import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from edge.app.load_site import load_site
from edge.app.tickets.client import DecideClient
from edge.app.tickets.file import Columns, columns_from, named, read_tickets
from edge.app.tickets.of_shop import ShopTickets, shop_tickets
from edge.app.tickets.report import Report, Run, report, table
from edge.app.tickets.run import COMPLETION, Asked, Case, ask_all, completion_cases, strip_cases
from edge.catalog.site import Site
from edge.core.errors import EdgeError, RequestContractError


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for on the command line."""

    site: Path
    tickets: Path
    url: str
    config: Path | None
    columns: Mapping[str, object]
    strip: str | None
    from_share: float
    limit: int | None
    threads: int
    json: Path | None


@click.command("replay-tickets")
@click.option(
    "--site", required=True, type=click.Path(path_type=Path), help="The site folder the till is of."
)
@click.option(
    "--tickets", required=True, type=click.Path(path_type=Path), help="The till's .csv or .csv.gz."
)
@click.option(
    "--url", default="http://127.0.0.1:8080", show_default=True, help="The running service."
)
@click.option("--config", type=click.Path(path_type=Path), help="A TOML that names the columns.")
@click.option("--ticket", multiple=True, help="Column of a ticket's key; several together, if so.")
@click.option("--item", help="Column of the item.")
@click.option("--date", help="Column of the date, or of date and time.")
@click.option("--time", help="Column of the time.")
@click.option("--drop", multiple=True, help="Item that is none (a till's filler).")
@click.option(
    "--strip",
    help="Placement measured as shown; the kiosk's, or its stand-in where no kiosk may sell yet.",
)
@click.option(
    "--from-share",
    default=0.8,
    show_default=True,
    type=click.FloatRange(0.0, 1.0, min_open=True, max_open=True),
    help="Replay the trading days after this share of them.",
)
@click.option("--limit", type=click.IntRange(min=1), help="Replay at most so many tickets.")
@click.option(
    "--threads",
    default=min(4, os.cpu_count() or 1),
    show_default=True,
    type=click.IntRange(1, 64),
    help="Questions at a time.",
)
@click.option("--json", type=click.Path(path_type=Path), help="Also write the figures here.")
def replay_tickets(**given: object) -> None:
    """Drive a running service with a shop's real tickets, and say what it got right.

    The service must run with --clock=request, so that each ticket is asked for in its own hour,
    and with a model made from the days before --from-share.
    """
    columns = {role: given.pop(role) for role in ("ticket", "item", "date", "time", "drop")}
    columns = {role: value for role, value in columns.items() if value}
    options = Options(columns=columns, **given)  # type: ignore[arg-type]  # click has typed them
    try:
        found = run(options, Console(stderr=True))
    except EdgeError as error:
        raise click.ClickException(str(error)) from error
    if options.json:
        options.json.write_bytes(orjson.dumps(asdict(found), option=orjson.OPT_INDENT_2))
    Console().print(table(found))


def run(options: Options, console: Console) -> Report:
    """Return what the service at ``options.url`` makes of the tickets.

    Raises:
        EdgeError: The service is away or another shop's, or the files have mistakes.
    """
    site = load_site(options.site)
    placement = options.strip or strip_of(site)
    check_placements(site, placement)
    tickets = _tickets(site, options)
    if tickets.unknown_share > 0:
        console.print(f"{tickets.unknown_share:.1%} of the items sold are no product: left out")
    completion = completion_cases(tickets.last)
    strip = strip_cases(tickets.last, placement)
    if not completion:
        msg = "wanted tickets of two or more products after the cut, got none; see --ticket"
        raise RequestContractError(msg)
    client = DecideClient(options.url)
    try:
        check_service(client.health(), site, client.address)
        began = time.perf_counter()
        asked = _ask([*completion, *strip], client, options.threads, console)
        seconds = time.perf_counter() - began
    finally:
        client.close()
    cut = len(completion)
    return report(tickets, Run(asked[:cut], asked[cut:], seconds, options.threads))


def strip_of(site: Site) -> str:
    """Return the placement a shopper's row is measured by.

    A shop made from a till's export has no price or allergens yet, so its kiosk would show
    nothing; there the same row without that rule stands in, and the report names it.
    """
    return "kiosk-strip" if any(p.is_complete() for p in site.products) else "strip-evaluation"


def check_service(health: Mapping[str, object], site: Site, address: str) -> None:
    """Refuse a service of another shop, and one that goes by its own clock.

    Raises:
        RequestContractError: Its figures would not be about these tickets.
    """
    if health["site"] != site.header.site or health.get("catalog") != site.digest:
        msg = (
            f"{address} serves {health['site']!r} (catalog {str(health.get('catalog'))[:12]}), "
            f"wanted {site.header.site!r} (catalog {site.digest[:12]}); give --site the folder "
            "that the service runs with"
        )
        raise RequestContractError(msg)
    if not health.get("accepts_at"):
        msg = (
            f"{address} goes by its own clock, so it cannot be asked about a ticket's hour; "
            "start it with `edge run --clock=request`"
        )
        raise RequestContractError(msg)


def check_placements(site: Site, strip: str) -> None:
    """Refuse a shop that lacks a placement to ask for.

    Raises:
        RequestContractError: It names those the shop has.
    """
    for wanted in (COMPLETION, strip):
        if site.placement(wanted) is None:
            has = ", ".join(placement.id for placement in site.placements)
            msg = f"wanted the placement {wanted!r} in {site.header.site}, it has {has}"
            raise RequestContractError(msg)


def _tickets(site: Site, options: Options) -> ShopTickets:
    columns = Columns()
    if options.config:
        try:
            text = options.config.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            msg = f"{options.config}: wanted a TOML file that can be read, got: {error}"
            raise RequestContractError(msg) from error
        columns = columns_from(text, options.config.name)
    columns = named(columns, options.columns)
    read = read_tickets(options.tickets, columns, ZoneInfo(site.header.timezone))
    tickets = shop_tickets(read, site, options.from_share)
    return replace(tickets, last=tickets.last[: options.limit])


def _ask(
    cases: Sequence[Case], client: DecideClient, threads: int, console: Console
) -> list[Asked]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as progress:
        task = progress.add_task("asking", total=len(cases))
        return ask_all(cases, client.decide, threads=threads, tick=lambda: progress.advance(task))
