"""``edge release …``: what a device says about its releases, whether it runs or not."""

from pathlib import Path

import click

from edge.app.data_folder import DATA
from edge.app.releases.folder import Pointer, ReleaseFolder
from edge.app.releases.health import serves, under_way
from edge.app.releases.runtime import NAME, RELEASES
from edge.update.machine_state import State

_NOTHING = "The factory model serves; this device has had no release."


@click.group()
def release() -> None:
    """Look at the releases of this device."""


@release.command()
@DATA
def status(data: Path) -> None:
    """Say what serves, what is under way, and what is never tried here again."""
    pointer = pointer_in(data)
    if pointer is None:
        click.echo(_NOTHING)
        return
    state = pointer.state
    click.echo(f"{serves(state)}; {under_way(state)}")
    click.echo(f"  since {state.since_at:%Y-%m-%d %H:%M} UTC, rollout {state.document_version}")
    click.echo(f"  falls back on {_before(state)}")
    click.echo(f"  takes nothing below {state.minimum_version}")
    for name, value in sorted(state.figures.items()):
        click.echo(f"  {name}: {value:g}")
    for digest, reason in sorted(pointer.refused.items()):
        click.echo(f"  never again: {digest[:16]} ({reason})")


def pointer_in(data: Path) -> Pointer | None:
    """Return what the pointer in a data folder says; None: there was no release."""
    return ReleaseFolder(data / RELEASES / NAME).pointer()


def model_words(data: Path, model: str) -> str:
    """Say which release a decision's model was of, and whether it is what serves now."""
    pointer = pointer_in(data)
    if pointer is None:
        return ""
    state = pointer.state
    now = f"now {serves(state).replace(' serves', '')} serves".replace("The f", "the f")
    if state.committed is not None and state.committed.model == model:
        return f"{NAME} {state.committed.version}, which serves now"
    past = next((one for one in state.past if one.model == model), None)
    if past is None:
        return f"no release that is remembered here, the factory's perhaps; {now}"
    began = f"{past.since_at:%Y-%m-%d %H:%M} UTC"
    return f"{NAME} {past.version} ({past.release_id}), first used here {began}; {now}"


def _before(state: State) -> str:
    return f"{state.name} {state.previous.version}" if state.previous else "the factory model"
