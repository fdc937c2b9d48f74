"""How releases are, in words for whoever looks after the shop, and figures for /metrics."""

from collections.abc import Mapping
from typing import Final

from edge.app.releases.releasing import Releasing
from edge.app.releases.runtime import BuiltReleases
from edge.update.machine_state import State
from edge.web.ports import PartHealth
from edge.wire.releases import Phase, version_key

_PHASES: Final = tuple(Phase)
OFF: Final = PartHealth("release", "off", "No repository is set: the model changes by hand only.")


def release_health(built: BuiltReleases) -> PartHealth:
    """Return how the releases of this device are."""
    releasing, state = built.releasing, built.releasing.state
    if not built.has_repository and state.committed is None and state.course is None:
        return OFF
    words = f"{serves(state)}; {under_way(state)}"
    failing = next((job.failing for job in releasing.thread.jobs if job.failing), None)
    if failing:
        return PartHealth("release", "degraded", f"{words} {failing[:160]}", state.since_at)
    if releasing.last_error:
        detail = f"{words} No news: {releasing.last_error[:160]}"
        return PartHealth("release", "degraded", detail, state.since_at)
    if state.phase.is_bad_end and state.reason != "superseded":
        return PartHealth("release", "degraded", words, state.since_at)
    return PartHealth("release", "ok", words, state.since_at)


def release_figures(releasing: Releasing) -> Mapping[str, float]:
    """Return figures of the releases of this device."""
    state = releasing.state
    version = state.serving.version
    major, minor, patch = version_key(version) if version else (0, 0, 0)
    return {
        "release_phase": float(_PHASES.index(state.phase)),
        "release_version": float(major * 1_000_000 + minor * 1_000 + patch),
        "release_document_version": float(state.document_version),
        "release_failures_total": float(releasing.failures),
        "release_refused": float(state.phase.is_bad_end and state.reason != "superseded"),
        "release_trial_starts": float(max(0, state.trial.starts)),
    }


def serves(state: State) -> str:
    """Say what serves."""
    serving = state.serving
    if serving.version is None:
        return "The factory model serves"
    return f"{state.name} {serving.version} serves ({serving.release_id})"


def under_way(state: State) -> str:
    """Say where the last release is."""
    course = state.course
    if course is None:
        return "no release is under way."
    said = f"{course.release_id} ({course.version}) is {state.phase.value.replace('_', ' ')}"
    why = f": {state.reason}, {state.detail}" if state.reason else ""
    return f"{said}{why[:200]}."
