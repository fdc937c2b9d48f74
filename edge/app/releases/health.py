"""How releases are, in words for whoever looks after the shop, and figures for /metrics."""

from collections.abc import Mapping
from typing import Final

from edge.app.releases.connect import JoinedReleases
from edge.app.releases.releasing import Releasing
from edge.update.machine_state import NO_MINIMUM, State
from edge.web.ports import PartHealth
from edge.wire.releases import Phase, version_key

_PHASES: Final = tuple(Phase)
_DELIVERED: Final = {
    "model": "The factory model serves",
    "content": "The site folder serves",
    "config": "The profile holds alone",
}
OFF: Final = PartHealth("release", "off", "No repository is set: the model changes by hand only.")


def release_health(joined: JoinedReleases) -> PartHealth:
    """Return how the releases of this device are, over every package name."""
    model = joined.model.releasing
    others = [one for one in joined.at_start if _has_story(one.releasing.state)]
    if not joined.model.has_repository and not _has_story(model.state) and not others:
        return OFF
    all_ = [("model", model), *((one.kind, one.releasing) for one in others)]
    words = " ".join(_words(releasing.state, kind) for kind, releasing in all_)
    since = max(releasing.state.since_at for _, releasing in all_)
    for _, releasing in all_:
        failing = next((job.failing for job in releasing.thread.jobs if job.failing), None)
        if failing:
            return PartHealth("release", "degraded", f"{words} {failing[:160]}", since)
        if releasing.last_error:
            detail = f"{words} No news: {releasing.last_error[:160]}"
            return PartHealth("release", "degraded", detail, since)
        if is_poor(releasing.state):
            return PartHealth("release", "degraded", words, since)
    return PartHealth("release", "ok", words, since)


def release_figures(joined: JoinedReleases) -> Mapping[str, float]:
    """Return figures of the releases of this device: of its model, and where the others are."""
    figures = _of_model(joined.model.releasing)
    for one in joined.at_start:
        state = one.releasing.state
        figures |= {
            f"{one.kind}_release_phase": float(_PHASES.index(state.phase)),
            f"{one.kind}_release_version": _number(state.serving.version),
            f"{one.kind}_release_refused": float(is_poor(state)),
        }
    return figures


def _of_model(releasing: Releasing) -> dict[str, float]:
    state = releasing.state
    return {
        "release_phase": float(_PHASES.index(state.phase)),
        "release_version": _number(state.serving.version),
        "release_document_version": float(state.document_version),
        "release_failures_total": float(releasing.failures),
        "release_refused": float(is_poor(state)),
        "release_trial_starts": float(max(0, state.trial.starts)),
    }


def is_poor(state: State) -> bool:
    """Say whether the last release ends badly, and not because central wanted another."""
    is_bad = state.phase.is_bad_end or state.phase is Phase.ROLLING_BACK
    return is_bad and state.reason != "superseded"


def serves(state: State, kind: str = "model") -> str:
    """Say what serves."""
    serving = state.serving
    if serving.version is None and kind == "model" and state.minimum_version != NO_MINIMUM:
        return f"Counts of orders serve: nothing below {state.minimum_version} may"
    if serving.version is None:
        return _DELIVERED[kind]
    return f"{state.name} {serving.version} serves ({serving.release_id})"


def under_way(state: State) -> str:
    """Say where the last release is."""
    course = state.course
    if course is None:
        return "no release is under way."
    said = f"{course.release_id} ({course.version}) is {state.phase.value.replace('_', ' ')}"
    why = f": {state.reason}, {state.detail}" if state.reason else ""
    return f"{said}{why[:200]}."


def _words(state: State, kind: str) -> str:
    return f"{serves(state, kind)}; {under_way(state)}"


def _has_story(state: State) -> bool:
    return state.committed is not None or state.course is not None


def _number(version: str | None) -> float:
    major, minor, patch = version_key(version) if version else (0, 0, 0)
    return float(major * 1_000_000 + minor * 1_000 + patch)
