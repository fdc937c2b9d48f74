"""``edge model check --preflight`` says of a folder or a tar what a device would say of it."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from edge.app.admit_model import admission, agent_version
from edge.app.main import edge
from edge.central.fleet.releases.package_file import Label, model_package
from edge.wire.releases import version_key
from tests.fakes.appliance import ROOT, appliance
from tests.fakes.bad_models import BAD, FACTORY, facts, good_package


def checked(*arguments: object) -> Result:
    return CliRunner().invoke(edge, ["model", "check", *map(str, arguments)])


def test_a_tar_is_tried_before_it_is_loaded_and_shown(tmp_path: Path) -> None:
    packed = model_package(FACTORY, Label("ranker", "1.2.0"))
    (tmp_path / "ranker.tar").write_bytes(packed.content)

    found = checked(tmp_path / "ranker.tar")

    assert found.exit_code == 0, found.output
    assert "devices admit it" in found.output
    assert "golden_requests: 8" in found.output
    assert "54 items, sha256:" in found.output


def test_each_breach_of_a_bad_model_is_named_and_nothing_of_it_is_loaded(tmp_path: Path) -> None:
    folder = BAD["another file"].write(tmp_path / "package")

    found = checked(folder, "--preflight")

    assert found.exit_code == 1
    assert "(static):\n  - serving.onnx: wanted a graph without" in str(found.exception)
    assert str(found.exception).count("\n  - ") > 1
    assert found.output == ""


def test_a_tar_that_is_no_package_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.tar").write_bytes(b"x" * 2_000)

    assert "wanted a tar" in str(checked(tmp_path / "a.tar").exception)


def test_the_device_admits_a_good_package_for_its_shop(tmp_path: Path) -> None:

    folder = good_package(tmp_path / "package")
    with appliance(tmp_path) as built:
        found = admission(built.services.site())(folder, facts(folder))

    assert found.is_good, found.detail


def test_its_version_is_three_numbers() -> None:

    assert version_key(agent_version()) >= (0, 1, 0)


@pytest.mark.parametrize("module", ["edge.app.admit_model", "edge.app.wiring"])
def test_the_service_never_loads_what_reads_foreign_graphs(module: str) -> None:
    script = f"import sys, {module}; sys.exit('onnx' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0
