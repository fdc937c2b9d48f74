"""A mark of a model survives the death of the process, and no power cut."""

import os
import signal
import threading
from pathlib import Path

import pytest

from edge.app.releases.crash_marks import SLOTS, CrashMarks, Mark

MODEL, OTHER = "a" * 64, "b" * 64


def dies_asking(folder: Path, *, leaves: bool, how: int = signal.SIGSEGV) -> None:
    """Ask a model in a process of its own, which then dies."""
    pid = os.fork()
    if not pid:
        marks = CrashMarks(folder)
        mark, other = marks.of(MODEL), marks.of(OTHER)
        other.leave(other.enter())
        slot = mark.enter()
        if leaves:
            mark.leave(slot)
        if how != signal.SIGKILL:
            signal.signal(how, signal.SIG_DFL)  # pytest prints a trace for some of them
        os.kill(os.getpid(), how)
        os._exit(1)
    os.waitpid(pid, 0)


@pytest.mark.parametrize("how", [signal.SIGSEGV, signal.SIGFPE, signal.SIGKILL, signal.SIGABRT])
def test_the_model_that_was_asked_is_known_after_the_process_died(tmp_path: Path, how: int) -> None:
    dies_asking(tmp_path / "asked", leaves=False, how=how)
    marks = CrashMarks(tmp_path / "asked")
    assert marks.found() == {MODEL}
    marks.forget()
    assert marks.found() == set()


def test_a_process_that_died_while_no_model_was_asked_leaves_nothing(tmp_path: Path) -> None:
    dies_asking(tmp_path / "asked", leaves=True)
    assert CrashMarks(tmp_path / "asked").found() == set()


def test_what_an_earlier_start_of_the_machine_left_is_not_believed(tmp_path: Path) -> None:
    dies_asking(tmp_path / "asked", leaves=False)
    another = tmp_path / "boot_id"
    another.write_text("0b5a3ad9-1111-4b0e-8a55-6f4c2d6f0d11\n")
    assert CrashMarks(tmp_path / "asked", another).found() == set()
    assert CrashMarks(tmp_path / "asked", tmp_path / "none").found() == set()


def test_more_threads_than_places_are_served_all_the_same() -> None:
    mark = Mark.unseen()
    slots = [mark.enter() for _ in range(SLOTS + 10)]
    assert len(set(slots)) == SLOTS + 1
    for slot in slots:
        mark.leave(slot)
    assert sorted(mark._free) == list(range(SLOTS))


def test_threads_take_places_of_their_own_and_give_them_back(tmp_path: Path) -> None:
    marks = CrashMarks(tmp_path)
    mark = marks.of(MODEL)

    def ask() -> None:
        for _ in range(2_000):
            mark.leave(mark.enter())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert CrashMarks(tmp_path).found() == set()
    assert len(mark._free) == SLOTS


def test_where_the_disk_takes_no_mark_models_are_asked_without_one(tmp_path: Path) -> None:
    (tmp_path / "asked").write_text("no folder")
    marks = CrashMarks(tmp_path / "asked")
    mark = marks.of(MODEL)
    mark.leave(mark.enter())
    marks.forget()
    assert marks.found() == set()
