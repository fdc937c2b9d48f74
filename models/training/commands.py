"""The commands of ``python -m models.training``: files in, files out, progress on the way."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from edge.core.errors import ContractError
from edge.recommend.contract import Contract, read_contract
from models.training.bandit_command import bandit
from models.training.card import card_files, quality_table
from models.training.datasets import read_dataset
from models.training.export import write_files, write_folder
from models.training.recipe import Trained, export, train
from models.training.recognition.commands import recognition

CONTRACT: Final = Path(__file__).parents[1] / "contract.toml"
OUT: Final = Path("build/models")

_A_FILE: Final = click.Path(dir_okay=False, path_type=Path)
_A_FOLDER: Final = click.Path(file_okay=False, path_type=Path)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Train ranking models from a till's tickets."""


main.add_command(recognition)
main.add_command(bandit)


@main.command()
@click.argument("dataset", type=_A_FILE)
@click.option("--data", type=_A_FOLDER, help="Folder of the data set's files.")
@click.option("--out", type=_A_FOLDER, help="Folder of the package; build/models/NAME if left out.")
@click.option("--card", type=_A_FILE, help="The card, NAME.md; beside the package if left out.")
@click.option("--evidence", type=_A_FILE, help="A second data set, whose figures go on the card.")
@click.option("--evidence-data", type=_A_FOLDER, help="Folder of the second data set's files.")
def fit(dataset: Path, data: Path | None, **options: Path | None) -> None:
    """Fit, test and export a model of DATASET (TOML), with its card."""
    console = Console(stderr=True)
    contract = load_contract()
    try:
        trained = _train(dataset, data, console)
        evidence = options["evidence"]
        second = _train(evidence, options["evidence_data"], console) if evidence else None
        exported = export(trained, contract)
    except ContractError as error:
        msg = f"\n{error}"
        raise click.ClickException(msg) from error
    out = options["out"] or OUT / trained.dataset.name
    card = options["card"] or out.with_name(f"{out.name}-card.md")
    write_folder(exported.files, out)
    write_files(card_files(card.stem, trained, exported, second), card.parent)
    click.echo(f"{trained.dataset.title}\n\n{quality_table(trained.quality)}\n")
    if second is not None:
        click.echo(f"{second.dataset.title}\n\n{quality_table(second.quality)}\n")
    click.echo(f"package {out}, card {card}, parity {exported.parity:.1e}")


@main.command()
@click.argument("dataset", type=_A_FILE)
@click.option("--data", type=_A_FOLDER, help="Folder of the data set's files.")
def evaluate(dataset: Path, data: Path | None) -> None:
    """Fit and test a model of DATASET (TOML) and print its figures; write nothing."""
    try:
        trained = _train(dataset, data, Console(stderr=True))
    except ContractError as error:
        msg = f"\n{error}"
        raise click.ClickException(msg) from error
    click.echo(f"{trained.dataset.title}\n\n{quality_table(trained.quality)}")


def load_contract() -> Contract:
    """Return the contract of this release."""
    return read_contract(CONTRACT.read_text(encoding="utf-8"))


def _train(dataset: Path, data: Path | None, console: Console) -> Trained:
    found = read_dataset(dataset, data)
    columns = (
        TextColumn("{task.description:<24}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as bars:

        @contextmanager
        def progress(what: str, steps: int) -> Iterator[Callable[[], None]]:
            task = bars.add_task(what, total=steps)
            yield lambda: bars.advance(task)

        return train(found, progress)
