"""What is done again and again while the service runs: boards, forecast, retention, health report."""

import time
from concurrent.futures import Future
from datetime import timedelta
from typing import Final

from edge.app.check_health import CheckHealth
from edge.app.foundation import Foundation
from edge.app.note_facts import NoteFacts
from edge.app.supervisor import Job, Supervisor
from edge.web.app import WebApp
from edge.web.board.boards import Boards
from edge.web.kiosk.surface import screens_of
from edge.web.parts import parts_of

FIRST_REPORT_S: Final = 20


def recurring_jobs(
    core: Foundation, app: WebApp, facts: NoteFacts, health: CheckHealth
) -> list[Job]:
    """Return the jobs that every device has."""
    parts = parts_of(app)
    kiosks = screens_of(app)
    return [
        Job("trend", 5, lambda: core.state.refresh_trend(core.clock())),
        Job("forecast", 60, facts.follow_forecast),
        Job("boards", 1, parts.boards.refresh),
        Job("kiosks", 1, kiosks.refresh),
        # Not at once: what connects needs a moment, and this report stands for five minutes.
        Job(
            "health report",
            300,
            lambda: _report_health(core, health, parts.boards),
            due_s=time.monotonic() + FIRST_REPORT_S,
        ),
        Job("retention", 3600, lambda: _sweep(core)),
    ]


def _sweep(core: Foundation) -> int:
    kept = timedelta(days=core.settings.retention.decisions_days)
    return core.store.sweep(kept, trusts_clock=core.trust.may_delete())


def _report_health(core: Foundation, health: CheckHealth, boards: Boards) -> Future[int]:
    found = health()
    poorly = [part.part for part in found.parts if part.state not in ("ok", "off")]
    figures = {**found.figures, **_painted(core, boards)}
    return core.store.add_events([core.events.health(figures, poorly)])


def _painted(core: Foundation, boards: Boards) -> dict[str, float]:
    """Return how long ago the board was painted that was painted longest ago, if any was."""
    moments = [boards.last_painted_at(screen.id) for screen in core.settings.screens]
    oldest = min((at for at in moments if at is not None), default=None)
    if oldest is None:
        return {}
    return {"painted_oldest_seconds": max(0.0, (core.clock() - oldest).total_seconds())}


def failing_of(supervisor: Supervisor, *names: str) -> str:
    """Return what is broken in showing the shop; empty: nothing is."""
    jobs = (job for job in supervisor.jobs if job.name in names)
    return next((f"{job.name}: {job.failing}" for job in jobs if job.failing), "")
