"""``python -m models.training bandit``: policies of one slot, replayed on a till's tickets."""

from collections.abc import Mapping
from pathlib import Path
from statistics import mean, stdev

import click
import orjson

from edge.core.errors import ContractError
from models.training.bandit import Played, choices, play_all, turned
from models.training.datasets import read_dataset
from models.training.plots import bars
from models.training.prepare import prepare

_FILE = click.Path(dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.argument("dataset", type=_FILE)
@click.option("--data", type=_FOLDER, help="Folder of the data set's files.")
@click.option("--out", type=_FOLDER, default=Path("build/bandit"), show_default=True)
@click.option("--seeds", default=5, show_default=True, help="Replays of each policy.")
@click.option("--most", default=5_000, show_default=True, help="Tickets to replay.")
@click.option("--turn", default=0.0, help="Share of the items whose takers swap half-way.")
def bandit(dataset: Path, data: Path | None, out: Path, **how: float) -> None:
    """Compare ways to fill the drawn slot on DATASET's tickets; write figures and a plot."""
    seeds, turn = int(how["seeds"]), how["turn"]
    try:
        described = read_dataset(dataset, data)
        given, names = choices(prepare(described), int(how["most"]))
    except ContractError as error:
        msg = f"\n{error}"
        raise click.ClickException(msg) from error
    given = turned(given, turn) if turn else given
    found: dict[str, list[Played]] = {}
    for name, played in play_all(given, names, seeds):
        found[name] = played
        click.echo(_line(name, played))
    out.mkdir(parents=True, exist_ok=True)
    report = {"dataset": described.title, "tickets": len(given), "seeds": seeds, "turn": turn}
    (out / f"{described.name}.json").write_bytes(
        orjson.dumps({**report, "policies": _figures(found)}, option=orjson.OPT_INDENT_2) + b"\n"
    )
    rewards = {name: [one.reward for one in played] for name, played in found.items()}
    (out / f"{described.name}.svg").write_bytes(bars(rewards, "hidden item found"))
    click.echo(f"{len(given)} tickets of {described.title}; written to {out}")


def _figures(found: Mapping[str, list[Played]]) -> dict[str, dict[str, float]]:
    return {
        name: {
            "reward": mean(one.reward for one in played),
            "reward_sd": _sd(played),
            "mean_weight": mean(one.mean_weight for one in played),
            "weight_error": played[0].weight_error,
        }
        for name, played in found.items()
    }


def _line(name: str, played: list[Played]) -> str:
    reward = mean(one.reward for one in played)
    return f"{name:28} {reward:.4f} ± {_sd(played):.4f}"


def _sd(played: list[Played]) -> float:
    return stdev(one.reward for one in played) if len(played) > 1 else 0.0
