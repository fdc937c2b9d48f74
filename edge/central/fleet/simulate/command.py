"""``edge fleet simulate``: what a bad release would reach before it stops by itself."""

from pathlib import Path
from typing import Any, Final

import click
import orjson

from edge.central.fleet.ops_options import print_table
from edge.central.fleet.rollout.plan import Gate
from edge.central.fleet.simulate.faults import Kind
from edge.central.fleet.simulate.figures import figures, summary
from edge.central.fleet.simulate.plot import plot
from edge.central.fleet.simulate.simulation import Outcome, Setup, simulate

ALL: Final = "all"
_COLUMNS: Final = (
    *("bad", "#seeds", "#stopped", "#exposed, median", "#most", "#target, most", "#within"),
    *("#hours to stop, median", "#most"),
)


@click.command("simulate")
@click.option("--shops", type=click.IntRange(100, 1_000_000), default=100_000, show_default=True)
@click.option("--canary", type=click.IntRange(1, 5_000), default=20, show_default=True)
@click.option(
    "--bad",
    type=click.Choice([*(kind.value for kind in Kind), ALL]),
    default=ALL,
    show_default=True,
)
@click.option("--seed", type=int, default=7, show_default=True, help="Of the first run.")
@click.option("--seeds", type=click.IntRange(1, 1_000), default=1, show_default=True)
@click.option(
    "--take-rate-margin", "margin", type=float, default=5.0, help="Percent; 0: no such guard."
)
@click.option(
    "--plot", "picture", type=click.Path(path_type=Path), help="Draw the first runs here."
)
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write every figure here.")
def simulate_command(picture: Path | None, file: Path | None, **given: Any) -> None:  # noqa: ANN401
    """Roll a good or a bad release out over many simulated shops, by the real state machine.

    Times are hours from the first shop that served people with the release to the automatic stop;
    the target is the canary and the wave of 1 %.
    """
    kinds = list(Kind) if given["bad"] == ALL else [Kind(given["bad"])]
    firsts, rows, runs = [], [], []
    for kind in kinds:
        outcomes = [_run(kind, given["seed"] + one, given) for one in range(given["seeds"])]
        firsts.append(outcomes[0])
        found = [figures(one) for one in outcomes]
        runs += found
        rows.append(list(map(_words, summary(found).values())))
    print_table(f"{given['shops']:,} shops, a canary of {given['canary']}", _COLUMNS, rows)
    if file is not None:
        file.write_bytes(orjson.dumps(runs, option=orjson.OPT_INDENT_2))
    if picture is not None:
        plot(firsts, picture)
        click.echo(f"drawn: {picture}")


def _run(kind: Kind, seed: int, given: dict[str, Any]) -> Outcome:
    gate = Gate(take_rate_margin=given["margin"] / 100 or None)
    setup = Setup(shops=given["shops"], canary=given["canary"], kind=kind, seed=seed, gate=gate)
    return simulate(setup)


def _words(value: object) -> object:
    match value:
        case float():
            return f"{value:,.1f}"
        case int():
            return f"{value:,}"
        case None:
            return "-"
        case _:
            return value
