"""The real service in a process of its own: it ends to be started again, and opens with the new menu."""

import subprocess
import sys
from pathlib import Path

import pytest

from edge.app.at_start.next_start import EXIT_CODE
from edge.core.clock import SettableClock
from tests.fakes.appliance import ROOT
from tests.fakes.profiles import demo_profile
from tests.fakes.repository import RunningRepository
from tests.fakes.restarted import SITE
from tests.fakes.service import free_port, request, wait_until_ready

pytestmark = pytest.mark.broker
LOOKS_AT_ONCE = (
    "import edge.app.releases.releasing as it; it.FIRST_LOOK_WITHIN_S = 0.0;"
    "from edge.app.main import main; main()"
)


def started(profile: Path, data: Path, port: int) -> "subprocess.Popen[bytes]":
    """Start ``edge run``, which looks for news at once instead of within half a minute."""
    command = [sys.executable, "-c", LOOKS_AT_ONCE, "run", "--config", str(profile)]
    command += ["--data", str(data), "--port", str(port), "--device", "kiosk-a"]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)


def test_the_service_ends_with_its_own_code_and_the_next_start_has_the_new_menu(
    tmp_path: Path, repository: RunningRepository, clock: SettableClock
) -> None:
    candidate = repository.candidate("1.1.0", name=SITE, kind="content")
    repository.set_rollout(name=SITE, candidate=candidate)
    (tmp_path / "root.json").write_bytes(repository.root)
    text = demo_profile()
    profile = tmp_path / "demo.toml"
    profile.write_text(
        text.replace('repository = ""', f'repository = "{repository.url}"').replace(
            'trust_file = ""', f'trust_file = "{tmp_path / "root.json"}"'
        )
    )
    port = free_port()
    first = started(profile, tmp_path / "data", port)
    assert first.wait(50) == EXIT_CODE
    with started(profile, tmp_path / "data", port) as second:
        try:
            wait_until_ready(port, second)
            _, health = request(port, "GET", "/api/v1/health")
            assert f"{SITE} 1.1.0 serves" in str(health)
        finally:
            second.terminate()
            assert second.wait(20) == 0
