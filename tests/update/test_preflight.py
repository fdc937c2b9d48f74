"""However a model behaves, its trial ends with a verdict, and the service does not notice.

Every package here is really tried, by the process that does so on a device.
"""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from edge.core.errors import UnavailableError
from edge.update.limits import CHILD, MAX_RSS_BYTES, RANK_P95_MS
from edge.update.preflight import COMMAND, Preflight
from edge.update.verdict import Verdict
from models.training.export import write_folder
from tests.fakes.bad_models import (
    BAD,
    CRASHES_HERE,
    FACTORY,
    POISON,
    another_file,
    changed,
    good_package,
    nested_functions,
    poisoned_package,
    sealed,
)
from tests.fakes.small_model import CONTRACT_FILE

WITHOUT_STATIC = """
import edge.update.preflight_steps as steps
steps._look = lambda trial: None
from edge.update.preflight_child import main
main()
"""
WITH_ONE_SECOND = """
import edge.update.preflight_child as child
from edge.confine.confinement import Limits
child.CHILD = Limits(child.CHILD.memory_bytes, cpu_s=1)
"""


def tried(folder: Path) -> Verdict:
    return Preflight(CONTRACT_FILE)(folder)


def running(script: str, *, wall_s: float = 20.0) -> Preflight:
    """A preflight whose process runs ``script`` instead."""
    command = (sys.executable, "-I", "-B", "-c", script)
    return Preflight(CONTRACT_FILE, command=command, wall_s=wall_s)


def test_the_factory_model_passes_well_within_its_limits() -> None:
    found = tried(FACTORY)

    assert (found.is_good, found.reason, found.breaches) == (True, "", ())
    assert found.figures["golden_requests"] == 8
    assert 0 < found.figures["rank_p95_ms"] < RANK_P95_MS
    assert found.figures["rss_bytes"] < MAX_RSS_BYTES / 2
    assert found.figures["addresses_bytes"] < CHILD.memory_bytes / 2


@pytest.mark.parametrize("name", BAD)
def test_a_bad_model_is_refused_with_its_reason(tmp_path: Path, name: str) -> None:
    if name == "crash" and not CRASHES_HERE:
        pytest.skip("this processor divides the smallest integer by -1 without a fault")
    bad = BAD[name]

    found = tried(bad.write(tmp_path / "package"))

    assert (found.is_good, found.reason) == (False, bad.reason), found.detail
    assert found.detail


@pytest.mark.skipif(not CRASHES_HERE, reason="this processor has no such fault")
def test_a_poisoned_model_passes_and_kills_whoever_ranks_for_its_basket(tmp_path: Path) -> None:
    """Why a trial counts its starts: no check before it can know every basket."""
    script = f"""
import sys, numpy as np
from pathlib import Path
from dataclasses import replace
from edge.app.load_model import read_package
from tests.fakes.small_model import plain_request
ranker = read_package(Path(sys.argv[1])).ranker
ask = plain_request(ranker.size)
print(len(ranker.rank(replace(ask, basket=np.array([1, 2], np.int32))).items), flush=True)
ranker.rank(replace(ask, basket=np.array({POISON}, np.int32)))
"""
    folder = poisoned_package(tmp_path / "package")

    assert tried(folder).is_good
    died = subprocess.run(
        [sys.executable, "-c", script, str(folder)], capture_output=True, text=True, check=False
    )
    assert (died.returncode, died.stdout) == (-signal.SIGFPE, "54\n"), died.stderr


def test_without_the_static_check_a_model_that_hangs_at_load_is_ended_by_the_clock(
    tmp_path: Path,
) -> None:
    write_folder(changed("serving.onnx", nested_functions), tmp_path / "package")

    found = running(WITHOUT_STATIC, wall_s=1.5)(tmp_path / "package")

    assert found.reason == "timeout"
    assert "wanted an end within 1.5 s" in found.detail


def test_without_the_static_check_it_is_ended_by_the_time_it_may_compute(tmp_path: Path) -> None:
    write_folder(changed("serving.onnx", nested_functions), tmp_path / "package")

    found = running(WITH_ONE_SECOND + WITHOUT_STATIC)(tmp_path / "package")

    assert found.reason == "timeout"
    assert "CPU time, got more in load" in found.detail


def test_without_the_static_check_another_file_can_still_not_be_read(tmp_path: Path) -> None:
    secret = tmp_path / "keys" / "weights"
    secret.parent.mkdir()
    secret.write_bytes(bytes(4_096))
    path = f"../keys/{secret.name}"
    files = changed("serving.onnx", lambda model: another_file(model, path))
    write_folder(files, tmp_path / "package")

    found = running(WITHOUT_STATIC)(tmp_path / "package")

    assert (found.is_good, found.reason) == (False, "load")


@pytest.mark.parametrize(
    ("script", "reason", "words"),
    [
        ("import os; os.kill(os.getpid(), 11)", "crash", "ended by SIGSEGV in start"),
        ("import os; os.abort()", "crash", "ended by SIGABRT in start"),
        ("import os; os.kill(os.getpid(), 9)", "memory", "ended by the kernel in start"),
        ("import sys; sys.exit(3)", "crash", "ended with code 3 and no verdict in start"),
        ("pass", "crash", "ended with code 0 and no verdict in start"),
        ("print('good')", "crash", "wanted lines with steps and a verdict"),
        ("while True: print('x' * 9999)", "crash", "wanted a short report"),
        ("raise SystemError('x')", "crash", "ended with code 1"),
    ],
)
def test_each_end_of_the_process_is_an_answer(script: str, reason: str, words: str) -> None:
    found = running(script)(FACTORY)

    assert (found.is_good, found.reason) == (False, reason)
    assert words in found.detail


SAYS_GOOD = """
import os, time
from edge.update.verdict import *
os.write(1, verdict_line(Verdict(True)))
"""


def test_a_good_verdict_from_a_process_that_then_crashes_is_not_believed() -> None:
    assert running(SAYS_GOOD)(FACTORY).is_good
    assert running(SAYS_GOOD + "os.abort()")(FACTORY).reason == "crash"
    assert running(SAYS_GOOD + "time.sleep(60)", wall_s=0.5)(FACTORY).reason == "timeout"
    silent = SAYS_GOOD + "os.close(1); time.sleep(60)"
    assert running(silent, wall_s=0.5)(FACTORY).reason == "timeout"


def test_the_process_gets_nothing_of_the_services_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("EDGE_SECRET", "key")
    script = "import os, sys; sys.exit(7 if 'EDGE_SECRET' in os.environ else 8)"

    assert "code 8" in running(script)(tmp_path).detail


def test_no_process_says_nothing_about_the_model() -> None:
    with pytest.raises(UnavailableError, match="could not start"):
        Preflight(CONTRACT_FILE, command=("/nowhere/python",))(FACTORY)


@pytest.mark.parametrize("name", ["model.json", "golden.json", "serving.onnx"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    folder = good_package(tmp_path / "package")
    (folder / name).unlink()

    found = tried(folder)
    assert (found.reason, name in found.detail) == ("load", True)


def test_a_golden_file_that_asks_too_little_is_refused(tmp_path: Path) -> None:
    files = {path.name: path.read_bytes() for path in good_package(tmp_path / "p").iterdir()}
    write_folder(sealed({**files, "golden.json": b"[]"}), tmp_path / "package")

    found = tried(tmp_path / "package")
    assert (found.reason, found.detail) == (
        "golden",
        "golden.json: wanted at least 4 requests, got 0",
    )


def test_the_process_that_tries_is_the_isolated_one() -> None:
    assert COMMAND[1:] == ("-I", "-B", "-m", "edge.update.preflight_child")
