"""Packages before they are signed: the same files, the same bytes; and what is refused."""

import os
import shutil
import tarfile
from pathlib import Path

import pytest

from edge.central.fleet.releases.package_file import (
    Label,
    config_package,
    content_package,
    model_package,
)
from edge.core.errors import ModelContractError, RequestContractError, SiteContractError
from edge.recommend.package import MANIFEST, PACKAGE_FILES
from edge.update.limits import MAX_JSON_BYTES
from edge.update.package import unpack
from edge.wire.config_settings import SETTINGS_FILE

ROOT = Path(__file__).parents[4]
FACTORY = ROOT / "models/factory"
SITE = ROOT / "firmware_config/sites/harbour_kitchen"
LABEL = Label("ranker", "1.2.0")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return shutil.copytree(FACTORY, tmp_path / "model")


def test_the_same_files_give_the_same_bytes_whoever_packs_them_and_when(model: Path) -> None:
    for path in model.iterdir():
        os.utime(path, (1, 1))
        path.chmod(0o600)
    assert model_package(model, LABEL) == model_package(FACTORY, LABEL)


def test_a_device_unpacks_what_was_packed(tmp_path: Path) -> None:
    package = model_package(FACTORY, LABEL)
    (tmp_path / "package.tar").write_bytes(package.content)
    unpack(tmp_path / "package.tar", tmp_path / "out", package.facts)
    names = {MANIFEST, *PACKAGE_FILES}
    assert {path.name for path in (tmp_path / "out").iterdir()} == names
    for name in names:
        assert (tmp_path / "out" / name).read_bytes() == (FACTORY / name).read_bytes()


def test_what_is_signed_about_a_model_names_its_catalog_and_its_size(tmp_path: Path) -> None:
    facts = model_package(FACTORY, LABEL).facts
    assert facts.catalog_digest is not None
    sizes = [(FACTORY / name).stat().st_size for name in (MANIFEST, *PACKAGE_FILES)]
    assert facts.size_unpacked == sum(sizes)
    assert (facts.kind, facts.name, facts.version) == ("model", "ranker", "1.2.0")


@pytest.mark.parametrize(
    ("name", "content"),
    [("serving.onnx", b"other"), ("items.json", b'["x"]'), ("model.json", b"{}")],
)
def test_a_file_that_was_not_trained_is_not_signed(model: Path, name: str, content: bytes) -> None:
    (model / name).write_bytes(content)
    with pytest.raises(ModelContractError):
        model_package(model, LABEL)


def test_a_file_longer_than_a_device_takes_is_not_signed(model: Path) -> None:
    with (model / "golden.json").open("ab") as file:
        file.truncate(MAX_JSON_BYTES + 1)
    with pytest.raises(ModelContractError, match=r"too long ones: \['golden\.json'\]"):
        model_package(model, LABEL)


def test_a_missing_file_is_named(model: Path) -> None:
    (model / "golden.json").unlink()
    with pytest.raises(RequestContractError, match=r"golden\.json"):
        model_package(model, LABEL)


@pytest.mark.parametrize(
    "label",
    [Label("ranker", "1.2"), Label("../up", "1.2.0"), Label("ranker", "1.2.0", min_agent="new")],
)
def test_a_malformed_name_or_version_is_refused(label: Label) -> None:
    with pytest.raises(RequestContractError):
        model_package(FACTORY, label)


def test_a_shop_s_folder_becomes_a_package_of_its_texts(tmp_path: Path) -> None:
    package = content_package(SITE, Label("harbour-kitchen", "1.0.0"))
    (tmp_path / "site.tar").write_bytes(package.content)
    with tarfile.open(tmp_path / "site.tar") as tar:
        names = tar.getnames()
    assert "site.yaml" in names
    assert "products/coffee.yaml" in names
    assert package.facts.kind == "content"


def test_a_shop_s_folder_with_mistakes_is_not_signed_and_all_are_listed(tmp_path: Path) -> None:
    site = shutil.copytree(SITE, tmp_path / "site")
    (site / "extra.yaml").write_text("- x\n")
    (site / "placements.yaml").write_text("not: a list\n")
    with pytest.raises(SiteContractError) as caught:
        content_package(site, Label("harbour-kitchen", "1.0.0"))
    assert len(caught.value.mistakes) >= 2


def test_settings_are_toml(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.toml"
    path.write_text("[mqtt]\nreconnect_spread_s = 60\n")
    package = config_package(path, Label("kiosk", "1.0.0"))
    (tmp_path / "config.tar").write_bytes(package.content)
    with tarfile.open(tmp_path / "config.tar") as tar:
        assert tar.getnames() == [SETTINGS_FILE]
    path.write_text("[mqtt\n")
    with pytest.raises(RequestContractError, match="TOML"):
        config_package(path, Label("kiosk", "1.0.0"))


def test_settings_that_make_a_device_itself_are_not_signed_and_all_are_listed(
    tmp_path: Path,
) -> None:
    path = tmp_path / "kiosk.toml"
    path.write_text('device_id = "x"\n[mqtt]\nkey_file = "k"\nconfirm_within_s = 9\n')
    with pytest.raises(RequestContractError) as caught:
        config_package(path, Label("kiosk", "1.0.0"))
    assert [line.partition(":")[0] for line in str(caught.value).splitlines()[1:]] == [
        "device_id",
        "mqtt.key_file",
    ]


def test_a_shop_s_folder_that_no_device_would_take_is_not_signed(tmp_path: Path) -> None:
    site = shutil.copytree(SITE, tmp_path / "site")
    (site / "products" / f"{'a' * 100}.yaml").write_text("[]\n")
    with pytest.raises(SiteContractError, match="at most 100 characters"):
        content_package(site, Label("harbour-kitchen", "1.0.0"))
