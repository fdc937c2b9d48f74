"""``edge fleet rollout``: bring a release to the fleet, watch it, stop it."""

from typing import Any

import click

from edge.central.fleet.ops_options import (
    JSON,
    SETTINGS,
    WHO,
    WHY,
    looking,
    moment,
    print_json,
    print_pairs,
    print_table,
    rollouts_of,
)
from edge.central.fleet.rollout.plan_options import plan_of, plan_options
from edge.central.fleet.rollout.plan_words import plan_words, unheard
from edge.central.fleet.rollout.publishing import line_of
from edge.central.fleet.rollout.rows import peek
from edge.central.fleet.rollout.shown import lines_shown, rollout_shown, rollouts_shown
from edge.central.fleet.rollout.state import Rollout
from edge.central.fleet.rollout.way_back import check_way_back
from edge.central.fleet.server import published_rollouts
from edge.central.settings import CentralSettings
from edge.core.clock import system_clock
from edge.core.errors import RequestContractError

LEAST_DIGITS = 8


@click.group()
def rollout() -> None:
    """Bring a release to the fleet in waves. Two persons approve; what fails goes back by itself."""


@rollout.command()
@SETTINGS
@WHO
@click.argument("name")
@plan_options
@click.option("--no-way-back", is_flag=True, help="The package forbids the one before; I know.")
@JSON
def create(
    settings: CentralSettings,
    who: str,
    name: str,
    *,
    as_json: bool,
    **given: Any,  # noqa: ANN401
) -> None:
    """Write the plan for a release of package NAME; nothing happens before two approve it."""
    plan = plan_of(name, given)
    repository = published_rollouts(settings, system_clock)
    rollouts = rollouts_of(settings)
    if not given["no_way_back"]:
        check_way_back(repository.facts(plan.release.target), line_of(repository, name).stable)
    made = rollouts.create(plan, who, lambda one: line_of(repository, one))
    with looking(settings) as cur:
        nowhere = unheard(cur, plan)
    if nowhere and not as_json:
        names = ", ".join(nowhere)
        click.echo(f"no device was ever heard from {names}: the canary waits for one", err=True)
    _print(settings, made, as_json=as_json)


@rollout.command()
@SETTINGS
@WHO
@click.argument("rollout_id", metavar="ID")
@click.option("--plan", required=True, help="The plan's digest, or its first 8 digits or more.")
@JSON
def approve(
    settings: CentralSettings, who: str, rollout_id: str, plan: str, *, as_json: bool
) -> None:
    """Approve ID. Two different persons must; who wrote the plan may be one of them."""
    rollouts = rollouts_of(settings)
    with looking(settings) as cur:
        rollout_shown(cur, rollout_id, system_clock())
        digest = peek(cur, rollout_id).rollout.plan.digest
    if len(plan) < LEAST_DIGITS or not digest.startswith(plan):
        msg = f"wanted the digest of {rollout_id}'s plan ({digest[:12]}…), got {plan!r}"
        raise RequestContractError(msg)
    _print(settings, rollouts.approve(rollout_id, who, digest), as_json=as_json)


@rollout.command()
@SETTINGS
@WHO
@click.argument("rollout_id", metavar="ID")
@JSON
def start(settings: CentralSettings, who: str, rollout_id: str, *, as_json: bool) -> None:
    """Let the canary of ID begin; the waves follow by themselves."""
    _print(settings, rollouts_of(settings).start(rollout_id, who), as_json=as_json)


@rollout.command()
@SETTINGS
@WHO
@WHY
@click.argument("rollout_id", metavar="ID")
@JSON
def pause(settings: CentralSettings, who: str, why: str, rollout_id: str, *, as_json: bool) -> None:
    """Let nobody else begin ID; who has begun goes on."""
    _print(settings, rollouts_of(settings).pause(rollout_id, who, why), as_json=as_json)


@rollout.command()
@SETTINGS
@WHO
@click.argument("rollout_id", metavar="ID")
@JSON
def resume(settings: CentralSettings, who: str, rollout_id: str, *, as_json: bool) -> None:
    """Let ID go on; what failed a gate stops it again."""
    _print(settings, rollouts_of(settings).resume(rollout_id, who), as_json=as_json)


@rollout.command()
@SETTINGS
@WHO
@WHY
@click.argument("rollout_id", metavar="ID")
@JSON
def abort(settings: CentralSettings, who: str, why: str, rollout_id: str, *, as_json: bool) -> None:
    """Take everybody who has ID back to the release before; it never goes on."""
    _print(settings, rollouts_of(settings).abort(rollout_id, who, why), as_json=as_json)


@rollout.command("list")
@SETTINGS
@JSON
def list_rollouts(settings: CentralSettings, *, as_json: bool) -> None:
    """List every rollout, the newest first."""
    with looking(settings) as cur:
        found, lines = rollouts_shown(cur), lines_shown(cur)
    if as_json:
        print_json({"rollouts": found, "names": lines})
        return
    names = ("rollout_id", "stage", "share", "since", "approved_by", "why")
    rows = [
        [_words(name, one[name]) for name in names] for one in found
    ]  # fmt: skip
    print_table("Rollouts", ("id", "stage", "#share", "since", "approved by", "why"), rows)
    print_table(
        "What everybody runs",
        ("name", "release", "#document", "#published", "halted"),
        [
            (
                one["name"],
                one["stable"] or "factory",
                one["document_version"],
                one["published_version"],
                "yes" if one["halted"] else "",
            )
            for one in lines
        ],
    )


@rollout.command()
@SETTINGS
@click.argument("rollout_id", metavar="ID")
@JSON
def status(settings: CentralSettings, rollout_id: str, *, as_json: bool) -> None:
    """Show how far ID is, what was counted, and who did what."""
    with looking(settings) as cur:
        found = rollout_shown(cur, rollout_id, system_clock())
    if as_json:
        print_json(found)
        return
    names = ("rollout_id", "stage", "share", "since", "why", "author", "approved_by", "plan_digest")
    print_pairs({name.replace("_", " "): _words(name, found[name]) for name in names})
    print_pairs(plan_words(found["plan"]))
    counts = found["counts"]
    print_table(
        f"Devices; {counts['needed']} of this wave must have finished",
        ("", *(f"#{name.replace('_', ' ')}" for name in counts["all"])),
        [("this wave", *counts["wave"].values()), ("all", *counts["all"].values())],
    )
    if found["reasons"]:
        print_table("Why it failed", ("reason", "#devices"), list(found["reasons"].items()))
    print_table(
        "Log",
        ("at", "who", "what", "detail"),
        [(moment(one["at"]), one["who"], one["what"], one["detail"]) for one in found["log"]],
    )


def _print(settings: CentralSettings, made: Rollout, *, as_json: bool) -> None:
    rollout_id = made.plan.release.release_id
    with looking(settings) as cur:
        found = rollout_shown(cur, rollout_id, system_clock())
    if as_json:
        print_json(found)
        return
    click.echo(f"{rollout_id}: {made.stage}, plan {made.plan.digest}")


def _words(name: str, value: object) -> object:
    match name, value:
        case "share", float():
            return f"{100 * value:g} %"
        case "since", str():
            return moment(value)
        case "approved_by", list():
            return ", ".join(map(str, value))
        case _:
            return value
