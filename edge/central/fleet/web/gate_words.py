"""Where a rollout is and what it waits for, in one or two sentences."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from edge.central.fleet.web.moments import moment
from edge.central.fleet.web.parts import built
from edge.web.i18n import _, speech


def gate(found: Mapping[str, Any]) -> str:
    """Return what the rollout waits for, or why it stopped."""
    stage = found["stage"]
    if found["picture"]["halted"] and stage in ("canary", "bake", "wave"):
        return _("Everything is halted: nobody else begins. What fails is still taken back.")
    match stage:
        case "draft":
            return _draft(found["approved_by"])
        case "approved":
            return _("%(names)s approved the plan. Somebody has to start it.", names=_names(found))
        case "canary" | "wave":
            return _wave(found)
        case "bake":
            return _bake(found["picture"]["until"])
        case _:
            return _stopped(stage, found)


def _draft(approved_by: list[str]) -> str:
    if approved_by:
        return _("%(name)s approved the plan; a second person must.", name=approved_by[0])
    return _("Two persons must approve the plan; nobody has yet.")


def _wave(found: Mapping[str, Any]) -> str:
    counts = found["counts"]
    wave, needed = counts["wave"], counts["needed"]
    ended = wave["finished"] + wave["failed"] + wave["rolled_back"] + wave["overdue"]
    if wave["members"] == 0:
        if not counts["all"]["finished"]:
            return _(
                "No device of this wave is known. It waits for one: are the shops' names right?"
            )
        return _("No device of this wave is known. It passes with time alone.")
    said = speech().ngettext(
        "%(ended)s of the %(n)s device that must have finished has.",
        "%(ended)s of the %(n)s devices that must have finished have.",
        needed,
        n=speech().number(needed),
        ended=speech().number(min(ended, needed)),
    )
    until = found["picture"]["until"]
    if ended >= needed and until and _is_ahead(until):
        said = _("Enough have finished; the wave lasts until %(time)s.", time=moment(until))
    if wave["silent"]:
        more = speech().ngettext(
            "%(n)s device began and was not heard since.",
            "%(n)s devices began and were not heard since.",
            wave["silent"],
            n=speech().number(wave["silent"]),
        )
        said = f"{said} {more}"
    return said


def _bake(until: str | None) -> str:
    if until and _is_ahead(until):
        return _("The canary has finished. It rests until %(time)s.", time=moment(until))
    return _("The canary has finished. The first wave is about to begin.")


def _stopped(stage: str, found: Mapping[str, Any]) -> str:
    left = found["counts"]["to_return"]
    match stage:
        case "paused":
            return _("Nobody else begins; who has it keeps it, until somebody decides.")
        case "aborting":
            return speech().ngettext(
                "%(n)s device that is online has not returned yet.",
                "%(n)s devices that are online have not returned yet.",
                left,
                n=speech().number(left),
            )
        case "aborted":
            return _("Everybody is back on the release before, or returns when it comes online.")
        case _:
            return _("This is what everybody runs now. Who was away gets it when it comes back.")


def _names(found: Mapping[str, Any]) -> str:
    return ", ".join(found["approved_by"])


def _is_ahead(until: str) -> bool:
    return datetime.fromisoformat(until) > built().parts.clock()
