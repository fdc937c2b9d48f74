"""``edge release …``: what a device says about its releases, whether it runs or not."""

from pathlib import Path

import click

from edge.app.at_start import config, content
from edge.app.data_folder import DATA
from edge.app.releases.folder import RELEASES, Pointer, ReleaseFolder
from edge.app.releases.health import serves, under_way
from edge.app.releases.runtime import NAME

_NOTHING = "The factory model serves; this device has had no release."
_FOLDERS = {"model": NAME, content.KIND: content.KIND, config.KIND: config.KIND}


@click.group()
def release() -> None:
    """Look at the releases of this device."""


@release.command()
@DATA
def status(data: Path) -> None:
    """Say what serves, what is under way, and what is never tried here again."""
    known = {kind: pointer_in(data, folder) for kind, folder in _FOLDERS.items()}
    if not any(known.values()):
        click.echo(_NOTHING)
        return
    for kind, pointer in known.items():
        if pointer is not None:
            _say(kind, pointer)
    refused = {digest: why for one in known.values() if one for digest, why in one.refused.items()}
    for digest, reason in sorted(refused.items()):
        click.echo(f"never again: {digest[:16]} ({reason})")


def _say(kind: str, pointer: Pointer) -> None:
    state = pointer.state
    click.echo(f"{serves(state, kind)}; {under_way(state)}")
    click.echo(f"  since {state.since_at:%Y-%m-%d %H:%M} UTC, rollout {state.document_version}")
    before = f"{state.name} {state.previous.version}" if state.previous else "what was delivered"
    click.echo(f"  falls back on {before}")
    click.echo(f"  takes nothing below {state.minimum_version}")
    for name, value in sorted(state.figures.items()):
        click.echo(f"  {name}: {value:g}")


def pointer_in(data: Path, folder: str = NAME) -> Pointer | None:
    """Return what the pointer in a data folder says; None: there was no release."""
    return ReleaseFolder(data / RELEASES / folder).pointer()


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
