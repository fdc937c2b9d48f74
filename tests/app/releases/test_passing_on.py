"""A device with the setting passes on the signed files that it has, over HTTP, and nothing else."""

from pathlib import Path
from typing import Any

from tests.fakes.appliance import appliance, client

PASSES_ON: dict[str, Any] = {"update.serves_cache": True}


def test_only_a_device_that_is_told_to_passes_signed_files_on(tmp_path: Path) -> None:
    metadata = tmp_path / "releases/metadata"
    metadata.mkdir(parents=True)
    (metadata / "timestamp.json").write_bytes(b'{"signed": {"version": 3}}')
    (metadata / "snapshot.json").write_bytes(b'{"signed": {"version": 7}}')
    with appliance(tmp_path, **PASSES_ON) as built:
        browser = client(built)
        with browser.get("/repository/metadata/timestamp.json") as found:
            assert found.data == b'{"signed": {"version": 3}}'
        with browser.get("/repository/metadata/7.snapshot.json") as found:
            assert found.status_code == 200
        assert browser.get("/repository/metadata/6.snapshot.json").status_code == 404
        assert browser.get("/repository/edge.db").status_code == 404
    with appliance(tmp_path) as built:
        assert client(built).get("/repository/metadata/timestamp.json").status_code == 404
