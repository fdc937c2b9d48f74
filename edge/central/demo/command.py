"""``edge fleet demo``: a whole fleet on this machine, and what happens in it."""

import signal
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Final, NoReturn

import click

from edge.central.demo.central import Central
from edge.central.demo.database import Database
from edge.central.demo.narrator import Narrator
from edge.central.demo.place import HOST, DemoPlace, emptied
from edge.central.demo.programs import Programs
from edge.central.demo.shops import Device, join, start, write_sites
from edge.central.demo.story import Pace, Story
from edge.core.chance import system_chance

_FAST: Final = Pace(pause_s=0.2, outage_s=8.0)


@click.command()
@click.option("--data", type=click.Path(path_type=Path), default=Path(".demo/fleet"))
@click.option(
    "--port", type=int, default=8090, show_default=True, help="The ops page; shops follow."
)
@click.option("--keep", is_flag=True, help="Leave everything running at the end, until Ctrl-C.")
@click.option("--fast", is_flag=True, help="A shorter outage, busier shops.")
def demo(*, data: Path, port: int, keep: bool, fast: bool) -> None:
    """Run central and two shops here, and see a model go out, a bad one stop, a line cut.

    Exit code 0 only if everything that devices acknowledged is at central, once.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    narrator = Narrator()
    with ExitStack() as stack:
        place = stack.enter_context(emptied(data, port))
        agrees = _told(stack, place, narrator, _FAST if fast else Pace(), keep=keep)
    narrator.say("everything ended" if agrees else "everything ended; counts differ")
    if not agrees:
        raise click.exceptions.Exit(1)


def _told(
    stack: ExitStack, place: DemoPlace, narrator: Narrator, pace: Pace, *, keep: bool
) -> bool:
    narrator.act("Two shops, three devices, one central")
    programs = Programs(place.logs)
    database = Database.make(place)
    stack.callback(database.clean)
    stack.callback(programs.stop)
    database.start(programs)
    narrator.say("PostgreSQL runs, in a cluster of its own")
    central = Central.make(place, database, programs)
    narrator.say("authority, certificates, release keys (3 keepers, 2 must sign) made anew")
    central.start()
    narrator.say("Mosquitto (TLS 1.3, both sides with certificates), bridge, fleet server run")
    write_sites(place)
    devices = join(place, central)
    narrator.say("three machines enrolled, each with a claim that works once")
    start(central, devices)
    story = Story(central, devices, narrator, pace, system_chance)
    story.open_doors()
    _show(central, devices, narrator)
    narrator.act("A good model: one shop first, then everybody (a trial lasts 1 minute)")
    story.good_release()
    narrator.act("A bad model: signed like any other, and it passes every check on the device")
    story.bad_release()
    narrator.act("The line is cut")
    story.outage()
    narrator.act("What shoppers were told is what central has")
    agrees = story.counts()
    if keep:
        _stay(programs, narrator)
    return agrees


def _show(central: Central, devices: list[Device], narrator: Narrator) -> None:
    rows = [("central", "fleet: devices, rollouts, models", f"http://{HOST}:{central.port}/")]
    for device in devices:
        rows += [(device.about.name, "screen", device.url + path) for path in device.about.screens]
        rows += [(device.about.name, "how it is", f"{device.url}/ops/")]
    narrator.table(("where", "what", "address"), rows)
    for person, token in central.tokens.items():
        narrator.say(f"{person} may sign in at central, to approve or to stop, with {token}")


def _stay(programs: Programs, narrator: Narrator) -> None:
    narrator.say("everything runs on; Ctrl-C ends it")
    try:
        while True:
            programs.look()
            time.sleep(0.5)
    except KeyboardInterrupt:
        narrator.say("ending")


def _end(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt
