import sys
from pathlib import Path

import pytest

from edge.central.demo.programs import Programs
from edge.core.errors import UnavailableError
from tests.fakes.broker import wait_until

SLEEPS = (sys.executable, "-c", "import time; time.sleep(60)")


def test_who_dies_and_is_meant_to_stay_is_started_again_and_it_is_noted_how_it_died(
    tmp_path: Path,
) -> None:
    programs = Programs(tmp_path)
    dies = (sys.executable, "-c", "import os, signal; os.kill(os.getpid(), signal.SIGFPE)")
    program = programs.start("shop", *dies, stays=True)
    program.has_been_up = True
    programs.wait_until(lambda: len(program.ended) >= 2, "it died twice", 10)
    programs.stop()
    assert set(program.ended) == {-8}


@pytest.mark.parametrize("has_been_up", [False, True])
def test_who_does_not_come_up_at_all_is_given_up(tmp_path: Path, *, has_been_up: bool) -> None:
    programs = Programs(tmp_path)
    fails = (sys.executable, "-c", "import sys; sys.exit('a setting is wrong')")
    program = programs.start("shop", *fails, stays=True)
    program.has_been_up = has_been_up
    program.ended += [1] * (4 if has_been_up else 0)
    with pytest.raises(UnavailableError, match="a setting is wrong"):
        programs.wait_until(lambda: False, "never", 10)
    programs.stop()


def test_who_ends_and_is_not_started_again_ends_the_demo_with_its_last_words(
    tmp_path: Path,
) -> None:
    programs = Programs(tmp_path)
    programs.start("broker", sys.executable, "-c", "import sys; sys.exit('no room left')")
    with pytest.raises(UnavailableError, match="no room left"):
        programs.wait_until(lambda: False, "never", 10)
    programs.stop()


def test_what_takes_too_long_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="until the fleet is there"):
        Programs(tmp_path).wait_until(lambda: False, "the fleet is there", 0.0)


def test_all_that_were_started_are_ended(tmp_path: Path) -> None:
    programs = Programs(tmp_path)
    started = [programs.start(name, *SLEEPS) for name in ("a", "b")]
    wait_until(lambda: all(one.is_running for one in started), "both run")
    programs.stop()
    assert not any(one.is_running for one in started)
