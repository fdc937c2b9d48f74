"""Texts and settings come out of a package only under the names of a shop's folder."""

from pathlib import Path

import pytest

from edge.catalog.yaml_text import MAX_TEXT_BYTES
from edge.central.fleet.releases.package_file import Label, content_package, packed
from edge.core.errors import ModelContractError
from edge.update.limits import MAX_CONTENT_BYTES, MAX_CONTENT_FILES
from edge.update.package import unpack
from edge.wire.config_settings import SETTINGS_FILE
from edge.wire.releases import ABI, PackageFacts

SITE = Path(__file__).parents[2] / "firmware_config/sites/harbour_kitchen"
NEEDED = {"site.yaml": b"a", "sections.yaml": b"b", "placements.yaml": b"c"}


def facts(kind: str, size: int = 1 << 20) -> PackageFacts:
    return PackageFacts(
        kind=kind, name="shop-1", version="1.0.0", abi=ABI, min_agent="0.1.0", size_unpacked=size
    )


def unpacked(folder: Path, files: dict[str, bytes], signed: PackageFacts) -> Path:
    (folder / "package.tar").write_bytes(packed(files))
    unpack(folder / "package.tar", folder / "out", signed)
    return folder / "out"


def test_what_central_packs_of_a_shop_is_unpacked_byte_for_byte(tmp_path: Path) -> None:
    package = content_package(SITE, Label("harbour-kitchen", "1.0.0"))
    (tmp_path / "package.tar").write_bytes(package.content)
    unpack(tmp_path / "package.tar", tmp_path / "out", package.facts)

    for path in SITE.rglob("*.yaml"):
        assert (tmp_path / "out" / path.relative_to(SITE)).read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    "name",
    [
        *("run.sh", "products/run.sh", "../site.yaml", "/site.yaml", "products/../../a.yaml"),
        *("products/deep/a.yaml", "products.yaml/a.yaml", "other/a.yaml", "products/.yaml"),
        *("products/a.yaml/b.yaml", "settings.toml", "model.json"),
    ],
)
def test_no_other_name_is_unpacked(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelContractError, match="wanted only"):
        unpacked(tmp_path, {**NEEDED, name: b"x"}, facts("content"))
    assert not (tmp_path / "out").exists()


def test_a_shop_without_its_texts_too_many_or_too_long_ones_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelContractError, match="missing"):
        unpacked(tmp_path, {"site.yaml": b"a"}, facts("content"))
    many = {f"products/{number}.yaml": b"x" for number in range(MAX_CONTENT_FILES)}
    with pytest.raises(ModelContractError, match="in 256 files"):
        unpacked(tmp_path, NEEDED | many, facts("content"))
    long = {"boards.yaml": bytes(MAX_TEXT_BYTES + 1)}
    with pytest.raises(ModelContractError, match="wanted at most 1000000 bytes"):
        unpacked(tmp_path, NEEDED | long, facts("content", 2 << 20))
    with pytest.raises(ModelContractError, match="bytes unpacked"):
        unpacked(tmp_path, NEEDED, facts("content", MAX_CONTENT_BYTES + 1))


def test_settings_are_one_file(tmp_path: Path) -> None:
    found = unpacked(tmp_path, {SETTINGS_FILE: b"x = 1"}, facts("config", 5))
    assert (found / SETTINGS_FILE).read_bytes() == b"x = 1"
    with pytest.raises(ModelContractError, match="wanted only"):
        unpacked(tmp_path, {SETTINGS_FILE: b"", "site.yaml": b""}, facts("config", 5))
