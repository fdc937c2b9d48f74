"""``edge explain`` and ``edge replay``: read a recorded decision, and decide it again."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import orjson
from rich import box
from rich.console import Console
from rich.table import Column, Table

from edge.app.catalog_archive import CatalogArchive
from edge.app.releases.command import model_words
from edge.core.clock import system_clock
from edge.core.errors import RequestContractError
from edge.decide.record import slate_bytes
from edge.store.outbox import Outbox
from edge.store.readers import Readers
from edge.store.reads import Reads
from edge.store.store import FILE_NAME

DATA = click.option(
    "--data",
    type=click.Path(path_type=Path),
    default=Path(".demo"),
    show_default=True,
    help="The data folder of the service; it may be running.",
)


@click.command()
@click.argument("decision_id", required=False)
@DATA
@click.option("--json", "as_json", is_flag=True, help="Print the explanation as JSON.")
def explain(decision_id: str | None, data: Path, *, as_json: bool) -> None:
    """Say why DECISION_ID showed what it showed; without an id, list the latest decisions."""
    with _reads(data) as reads:
        if decision_id is None:
            _list(reads)
            return
        found = CatalogArchive(data / "catalogs").explain(reads, decision_id)
    if found is None:
        raise RequestContractError(_none_of_that_id(decision_id, data))
    if as_json:
        click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode())
    else:
        _print(Console(), found, model_words(data, str(found["model"])))


@click.command()
@click.argument("decision_id")
@DATA
def replay(decision_id: str, data: Path) -> None:
    """Decide DECISION_ID again from its record; exit code 1 when the slate differs."""
    with _reads(data) as reads:
        recorded = reads.decision(decision_id)
    if recorded is None:
        raise RequestContractError(_none_of_that_id(decision_id, data))
    again = CatalogArchive(data / "catalogs").replay(recorded)
    if again is None:
        msg = f"wanted the catalog of {decision_id}, it is not in {data / 'catalogs'}"
        raise RequestContractError(msg)
    written = orjson.dumps(orjson.loads(recorded.body)["slate"], option=orjson.OPT_SORT_KEYS)
    same = slate_bytes(again) == written
    click.echo(slate_bytes(again).decode())
    words = model_words(data, str(orjson.loads(recorded.body)["model"]))
    if words:
        click.echo(f"its scores were recorded; they are of {words}", err=True)
    click.echo("identical, byte for byte" if same else "DIFFERENT from what was shown", err=True)
    if not same:
        raise SystemExit(1)


@contextmanager
def _reads(data: Path) -> Iterator[Reads]:
    path = data / FILE_NAME
    if not path.exists():
        msg = f"wanted a data folder of the service, {path} is not there; name it with --data"
        raise RequestContractError(msg)
    readers = Readers(path)
    try:
        yield Reads(readers, Outbox(system_clock))
    finally:
        readers.close()


def _none_of_that_id(decision_id: str, data: Path) -> str:
    return (
        f"wanted a decision recorded in {data}, found none with id {decision_id[:60]!r}; "
        "`edge explain` without an id lists the latest"
    )


def _list(reads: Reads) -> None:
    # What a person copies or compares is never shortened; what was shown goes on a second line.
    kept = [Column(title, no_wrap=True) for title in ("decision", "at (UTC)")]
    table = Table(*kept, "shown", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for recorded in reads.latest_decisions(20):
        shown = orjson.loads(recorded.body)["slate"]["shown"]
        table.add_row(
            recorded.decision_id,
            f"{recorded.at:%d %b %H:%M:%S}",
            f"{recorded.screen_id} {recorded.placement_id}: "
            + ", ".join(one["sku"] for one in shown),
        )
    Console().print(table)


def _print(console: Console, found: Mapping[str, Any], model: str) -> None:
    console.print(f"[bold]Decision {found['decision_id']}[/bold]")
    console.print(
        f"{found['placement']} on {found['screen']} ({found['surface']}) at {found['local_at']}"
    )
    console.print(f"ranker {found['ranker']}, model {found['model']}")
    if model:
        console.print(f"model of {model}")
    if found["degraded"]:
        console.print(f"[yellow]degraded: {found['degraded']}[/yellow]")
    context = found["context"]
    console.print(
        f"daypart {context['daypart'] or 'unknown'}, weather {context['weather'] or 'unknown'}, "
        f"basket {context['basket'] or 'empty'}"
    )
    console.print(_scores("Shown", found["shown"], extra=("reason", "propensity")))
    console.print(f"draws {found['draws']}, exploration {found['exploration']}")
    total = found["candidate_count"]
    listed = found["candidates"]
    console.print(_scores(f"Candidates, {len(listed)} of {total}", listed))
    for rule, ids in found["suppressed"].items():
        names = ", ".join(ids[:12]) + (f" and {len(ids) - 12} more" if len(ids) > 12 else "")
        console.print(f"left out by [bold]{rule}[/bold]: {names}")
    console.print(f"replayed: {found['replay']}")


def _scores(title: str, rows: Sequence[Mapping[str, Any]], *, extra: tuple[str, ...] = ()) -> Table:
    names = list(rows[0]["parts"]) if rows else []
    columns = ("", "product", "score", *names, *extra)
    table = Table(
        *(Column(name, overflow="fold") for name in columns),
        title=title,
        title_justify="left",
        box=None,
        padding=(0, 1, 0, 0),
    )
    for number, row in enumerate(rows):
        table.add_row(
            str(number),
            row["sku"],
            f"{row['score']:.3f}",
            *(f"{row['parts'].get(name, 0.0):+.3f}" for name in names),
            *(_cell(row[name]) for name in extra),
        )
    return table


def _cell(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)
