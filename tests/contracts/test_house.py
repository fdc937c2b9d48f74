"""The house itself: what stands at the top, what is installed, what a device is given."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICE_PYTHON = ROOT / ".venv/bin/python"
TOP = {
    "pyproject.toml",
    "Makefile",
    "README.md",
    "CHANGELOG.md",
    "LICENSE",
    "edge",
    "kiosk_ui",
    "models",
    "firmware_config",
    "tests",
}


def tracked() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [name for name in listed.stdout.split("\0") if name]


def test_nothing_stands_at_the_top_but_what_was_agreed() -> None:
    top = {name.split("/")[0] for name in tracked()}

    assert {name for name in top if not name.startswith(".")} <= TOP


def test_no_lock_holds_an_address() -> None:
    for lock in (ROOT / "firmware_config").glob("*.lock"):
        assert "://" not in lock.read_text("utf-8")


def test_every_pinned_package_has_a_hash() -> None:
    for lock in (ROOT / "firmware_config").glob("*.lock"):
        entries = re.split(r"\n(?=\S)", lock.read_text("utf-8").strip())
        pinned = [entry for entry in entries if not entry.startswith("#")]
        assert len(pinned) > 20
        assert all("--hash=sha256:" in entry for entry in pinned)


@pytest.mark.parametrize("absent", ["pandas", "pyarrow", "polars", "torch", "psycopg", "pytest"])
def test_the_services_environment_holds_no_heavy_or_test_package(absent: str) -> None:
    if not SERVICE_PYTHON.exists():
        pytest.skip("the service's environment is not here; `make test` makes it")
    found = subprocess.run(
        [SERVICE_PYTHON, "-c", f"import {absent}"], capture_output=True, text=True, check=False
    )

    assert "ModuleNotFoundError" in found.stderr


def test_starting_the_command_loads_neither_the_camera_nor_training() -> None:
    code = (
        "import sys, edge.app.main;"
        "print([m for m in ('cv2', 'onnx', 'models', 'polars', 'bleak') if m in sys.modules])"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert found.stdout.strip() == "[]"


def test_the_command_lists_everything_a_person_can_ask() -> None:
    found = subprocess.run(
        [sys.executable, "-m", "edge.app.main", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    for command in [
        "run",
        "demo",
        "replay",
        "replay-tickets",
        "explain",
        "doctor",
        "site",
        "model",
        "phone",
    ]:
        assert re.search(rf"^  {command} ", found.stdout, re.MULTILINE), command


def test_a_wheel_carries_what_a_device_needs_and_nothing_of_training(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    subprocess.run(
        [*build, "--disable-pip-version-check", "-w", str(tmp_path), str(ROOT)],
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()

    for needed in (
        "edge/_shipped/models/contract.toml",
        "edge/_shipped/models/factory/serving.onnx",
        "edge/_shipped/firmware_config/profiles/kiosk.toml",
        "edge/_shipped/firmware_config/sites/harbour_kitchen/site.yaml",
        "edge/_shipped/kiosk_ui/static/vendor/htmx.min.js",
        "edge/wire/schemas/order.json",
    ):
        assert needed in names, needed
    assert not [name for name in names if name.startswith(("models/", "tests/", "edge/docs"))]
