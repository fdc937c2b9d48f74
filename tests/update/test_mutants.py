"""Damaged packages: no damage ends the service, and none is admitted that answers otherwise.

About a quarter of all damage changes nothing that a golden request could see (a note, the last bit
of a weight): such a package is admitted if it gets here. That it does not is the signature's work.
"""

import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest
from numpy.random import default_rng

from edge.update.preflight import Preflight
from tests.fakes.bad_models import Files, factory_files, good_files
from tests.fakes.mutants import golden_mutants, mutants, write_all
from tests.fakes.small_model import CONTRACT_FILE, contract

ROOT = Path(__file__).parents[2]
ADMITTED = "-"
TOLERANCE = contract().golden_tolerance


def judged(folder: Path) -> dict[str, str]:
    """Try all packages below ``folder``; one that ends the process is a "crash", the rest go on."""
    found: dict[str, str] = {}
    while len(found) < len(list(folder.iterdir())):
        left = [path for path in sorted(folder.iterdir()) if path.name not in found]
        ran = subprocess.run(
            [sys.executable, "-m", "tests.fakes.mutants", *map(str, left)],
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
        )
        found |= dict(line.split() for line in ran.stdout.splitlines())
        if ran.returncode > 0:
            pytest.fail(ran.stderr[-2_000:])
        if ran.returncode < 0:
            end = "timeout" if ran.returncode == -signal.SIGXCPU else "crash"
            found[next(path.name for path in left if path.name not in found)] = end
    return found


def files_in(folder: Path) -> Files:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def answers(files: Files) -> Iterator[tuple[dict[str, list[float]], list[np.ndarray]]]:
    """Each golden request with what ONNX Runtime says; nothing of ours in between."""
    base, serving = (
        ort.InferenceSession(files[name], providers=["CPUExecutionProvider"])
        for name in ("base.onnx", "serving.onnx")
    )
    for case in json.loads(files["golden.json"]):
        trend = np.zeros(54, np.float32)
        for item, orders in case["trend"]:
            trend[item] = orders
        available = np.ones(54, np.bool_)
        available[np.array(case["unavailable"], int)] = False
        context = np.array(case["context"], np.float32)
        (based,) = base.run(None, {"context": context, "trend": trend})
        asked = {name: np.array(case[name], np.int32) for name in ("history", "basket", "exclude")}
        asked["history_age"] = np.array(case["history_age"], np.float32)
        yield (
            case,
            serving.run(
                ["items", "score", "parts"], {**asked, "available": available, "base": based}
            ),
        )


def assert_golden(files: Files) -> None:
    for case, (items, score, parts) in answers(files):
        places = [items.tolist().index(item) for item in case["items"]]
        assert np.isfinite(score).all()
        assert np.abs(score[places] - case["score"]).max() <= TOLERANCE
        assert np.abs(parts[places] - case["parts"]).max() <= TOLERANCE


def check(folder: Path) -> Counter[str]:
    found = judged(folder)
    for name, reason in found.items():
        if reason == ADMITTED:
            assert_golden(files_in(folder / name))
    return Counter(found.values())


@pytest.mark.timeout(240)  # 10 s of its own; a busy machine must not end it
def test_of_500_damaged_packages_only_those_are_admitted_that_answer_as_before(
    tmp_path: Path,
) -> None:
    write_all(mutants(factory_files(), default_rng(4), 500), tmp_path)

    found = check(tmp_path)

    assert found.total() == 500
    assert found["crash"] == 0
    assert found["static"] > 100
    assert found[ADMITTED] < 200


def test_every_changed_golden_answer_is_refused(tmp_path: Path) -> None:
    write_all(golden_mutants(good_files(), default_rng(5), 60), tmp_path)

    assert Counter(judged(tmp_path).values()) == {"golden": 60}


def whole_runs(folder: Path, seed: int, count: int) -> None:
    """Through processes of their own: they come to the same verdict as all in one."""
    write_all(mutants(factory_files(), default_rng(seed), count), folder)
    found = judged(folder)
    preflight = Preflight(CONTRACT_FILE)

    for name, reason in found.items():
        assert preflight(folder / name).reason == reason.replace(ADMITTED, ""), name


def test_damaged_packages_each_in_a_process_of_its_own_end_alike(tmp_path: Path) -> None:
    whole_runs(tmp_path, seed=6, count=8)


@pytest.mark.soak
@pytest.mark.timeout(3_600)
def test_forty_damaged_packages_each_in_a_process_of_its_own_end_alike(tmp_path: Path) -> None:
    whole_runs(tmp_path, seed=7, count=40)


@pytest.mark.soak
@pytest.mark.timeout(7_200)
def test_of_22_000_damaged_packages_only_those_are_admitted_that_answer_as_before(
    tmp_path: Path,
) -> None:
    found: Counter[str] = Counter()
    for seed in range(44):
        folder = tmp_path / f"{seed}"
        source = factory_files() if seed % 2 else good_files(seed)
        write_all(mutants(source, default_rng(seed + 100), 500), folder)
        found += check(folder)

    assert found.total() == 22_000
    assert found["crash"] == 0
