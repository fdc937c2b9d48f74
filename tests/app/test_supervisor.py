"""Recurring jobs run when they are due, and one that fails stops no other."""

from queue import Queue
from threading import current_thread

import pytest

from edge.app.supervisor import Job, Supervisor


class Ticks:
    def __init__(self) -> None:
        self.now_s = 0.0
        self.ran: list[str] = []

    def __call__(self) -> float:
        return self.now_s


def test_jobs_run_at_once_and_then_at_their_interval() -> None:
    ticks = Ticks()
    jobs = [
        Job("fast", 1, lambda: ticks.ran.append("fast")),
        Job("slow", 3, lambda: ticks.ran.append("slow")),
    ]
    supervisor = Supervisor(jobs, monotonic=ticks)
    for second in range(4):
        ticks.now_s = float(second)
        supervisor.tick()

    assert ticks.ran == ["fast", "slow", "fast", "fast", "fast", "slow"]


def test_a_failing_job_is_reported_tried_again_and_stops_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    ticks = Ticks()

    def fail() -> None:
        if ticks.now_s < 2:
            msg = "no disk"
            raise OSError(msg)

    jobs = [Job("weak", 1, fail), Job("strong", 1, lambda: ticks.ran.append("strong"))]
    supervisor = Supervisor(jobs, monotonic=ticks)
    supervisor.tick()
    assert (jobs[0].failing, ticks.ran) == ("no disk", ["strong"])

    ticks.now_s = 1.0
    supervisor.tick()
    ticks.now_s = 2.0
    supervisor.tick()

    assert jobs[0].failing is None
    assert len([r for r in caplog.records if "weak" in r.getMessage()]) == 1


def test_a_job_that_is_wanted_soon_runs_before_its_turn_and_in_the_supervisors_thread() -> None:
    ran: Queue[str] = Queue()
    supervisor = Supervisor([Job("boards", 3600, lambda: ran.put(current_thread().name))])
    supervisor.start()
    first = ran.get(timeout=5)
    supervisor.soon("boards")
    second = ran.get(timeout=5)
    supervisor.stop()

    assert {first, second} == {"supervisor"}


def test_a_wish_during_a_run_leads_to_another_run() -> None:
    ticks = Ticks()
    supervisor = Supervisor([], monotonic=ticks)

    def wish_again() -> None:
        ticks.ran.append("boards")
        if len(ticks.ran) == 1:
            supervisor.soon("boards")

    supervisor.jobs.append(Job("boards", 60, wish_again))
    supervisor.tick()
    supervisor.tick()
    supervisor.tick()

    assert ticks.ran == ["boards", "boards"]


def test_the_thread_ends_when_it_is_told_to() -> None:
    ran: list[int] = []
    supervisor = Supervisor([Job("one", 60, lambda: ran.append(1))])
    supervisor.start()
    supervisor.stop()

    assert ran in ([], [1])
    assert not supervisor._thread.is_alive()
