"""Codes and moments as people read them: a standing, a phase, a reason, an age."""

from collections.abc import Callable, Mapping
from typing import Final

from flask import Flask

from edge.central.fleet.web import gate_words
from edge.central.fleet.web.moments import ago, lasting, moment
from edge.web.i18n import _, speech

Say = Callable[[], str]

STANDINGS: Final[Mapping[str, Say]] = {
    "untrusted": lambda: _("Refused as not ours"),
    "refused": lambda: _("Gave a release up"),
    "poorly": lambda: _("Not well"),
    "quiet": lambda: _("Says nothing"),
    "online": lambda: _("Online"),
    "offline": lambda: _("Offline"),
    "problem": lambda: _("Needs attention"),
}
STAGES: Final[Mapping[str, Say]] = {
    "draft": lambda: _("Waits for approval"),
    "approved": lambda: _("Approved"),
    "canary": lambda: _("Canary"),
    "bake": lambda: _("Rests after the canary"),
    "wave": lambda: _("Rolling out"),
    "complete": lambda: _("Complete"),
    "paused": lambda: _("Paused"),
    "aborting": lambda: _("Going back"),
    "aborted": lambda: _("Taken back"),
}
PHASES: Final[Mapping[str, Say]] = {
    "idle": lambda: _("nothing new"),
    "offered": lambda: _("offered"),
    "downloading": lambda: _("downloading"),
    "verified": lambda: _("verified"),
    "staged": lambda: _("staged"),
    "preflight": lambda: _("being tried in a child process"),
    "shadow": lambda: _("ranks beside the old one"),
    "trial": lambda: _("on trial"),
    "committed": lambda: _("kept"),
    "rolling_back": lambda: _("going back"),
    "rolled_back": lambda: _("rolled back"),
    "failed": lambda: _("failed"),
}
REASONS: Final[Mapping[str, Say]] = {
    "trust": lambda: _("What was offered is not signed as it must be, or no longer holds."),
    "space": lambda: _("The disk has no room for it."),
    "network": lambda: _("It could not be fetched in time."),
    "size": lambda: _("It is larger than it says."),
    "static": lambda: _("It holds something that a model must not hold."),
    "load": lambda: _("It cannot be loaded."),
    "golden": lambda: _("It does not give the results that were recorded with it."),
    "nan": lambda: _("It gives scores that are no numbers."),
    "latency": lambda: _("It is slower than its budget."),
    "memory": lambda: _("It needs more memory than its budget."),
    "timeout": lambda: _("It did not finish in time."),
    "catalog": lambda: _("It ranks other products than this shop has."),
    "abi": lambda: _("It is made for another version of the appliance."),
    "crash": lambda: _("It ended the process that loaded it."),
    "error_rate": lambda: _("Too many of its answers were errors."),
    "watchdog": lambda: _("The appliance stopped answering with it."),
    "business": lambda: _("Visits with it went worse than with the one before."),
    "heartbeat": lambda: _("The device was not heard during the trial."),
    "superseded": lambda: _("Another release took its place."),
    "clock": lambda: _("The device does not know the time."),
}
EVENTS: Final[Mapping[str, Say]] = {
    "created": lambda: _("Written"),
    "approved": lambda: _("Approved"),
    "canary": lambda: _("Canary begins"),
    "bake": lambda: _("Canary has finished"),
    "wave": lambda: _("Next wave"),
    "complete": lambda: _("Complete"),
    "paused": lambda: _("Paused"),
    "resumed": lambda: _("Goes on"),
    "aborting": lambda: _("Going back"),
    "aborted": lambda: _("Taken back"),
    "halted": lambda: _("Everything halted"),
    "unhalted": lambda: _("Halt ended"),
}
COMMANDS: Final[Mapping[str, Say]] = {
    "identify": lambda: _("Show its name on its screens"),
    "log-tail": lambda: _("Fetch the end of its log"),
    "support-bundle": lambda: _("Fetch a support report"),
    "refresh": lambda: _("Look for releases now"),
    "restart-ui": lambda: _("Load its screens again"),
    "retry": lambda: _("Send what waits now"),
}
LANES: Final[Mapping[str, Say]] = {
    "c": lambda: _("Consent and erasure"),
    "t": lambda: _("Orders and releases"),
    "e": lambda: _("Decisions and plays"),
    "m": lambda: _("Health and counts"),
}


def install(app: Flask) -> None:
    """Give templates the words."""
    for name, said in (
        ("standing", STANDINGS),
        ("stage", STAGES),
        ("phase", PHASES),
        ("reason", REASONS),
        ("event", EVENTS),
        ("command", COMMANDS),
        ("lane", LANES),
    ):
        app.jinja_env.filters[name] = _sayer(said)
    app.jinja_env.filters.update(moment=moment, ago=ago, lasting=lasting, percent=percent)
    app.jinja_env.globals.update(gate=gate_words.gate, part_of=part_of)


def _sayer(said: Mapping[str, Say]) -> Callable[[str], str]:
    # A code of a later version is shown as it is.
    return lambda code: said[code]() if code in said else code.replace("_", " ")


def percent(share: float) -> str:
    """Return a share as percent: 5, 0.5."""
    return f"{speech().number(round(100 * share, 1))} %"


def part_of(some: float, all_of: float, left: float = 1000.0) -> float:
    """Return the length that ``some`` takes of a bar of 1000; what is there at all can be seen."""
    if some <= 0 or all_of <= 0:
        return 0.0
    return round(max(0.0, min(left, max(10.0, 1000.0 * some / all_of))), 1)
