"""A model that was admitted is loaded, and what a new menu does to it."""

from dataclasses import replace
from pathlib import Path

import pytest

from edge.app.load_model import OtherShopError
from edge.app.releases.crash_marks import CrashMarks
from edge.app.releases.folder import ReleaseFolder
from edge.app.releases.install import manifest_digest
from edge.app.releases.loading import Loading
from edge.core.errors import ModelContractError
from edge.update.machine_state import Held
from tests.fakes.appliance import site
from tests.fakes.bad_models import facts, good_package


def loading(folder: Path) -> tuple[Loading, Held]:
    """A model that was admitted for the demo shop."""
    digest = "a" * 64
    package = good_package(folder / digest)
    held = Held(
        release_id="ranker-1.1.0",
        target="models/ranker/1.1.0/ranker-1.1.0.tar",
        facts=facts(package, "1.1.0"),
        digest=digest,
        length=1,
        model=manifest_digest(package),
    )
    return Loading(
        ReleaseFolder(folder), folder / "none", site(), dict, CrashMarks(folder / "asked")
    ), held


def test_a_model_that_knows_little_of_a_new_menu_makes_way_to_counts_and_comes_back(
    tmp_path: Path,
) -> None:
    load, held = loading(tmp_path)
    products = tuple(one.model_copy(update={"sku": f"new-{one.sku}"}) for one in site().products)
    renamed = site().model_copy(update={"products": products, "offers": ()})
    other = replace(load, site=renamed)

    assert "knows 0%" in (other.in_force(held).scoring.degraded or "")
    with pytest.raises(OtherShopError):
        other(held)
    assert load.in_force(held).ranker.digest == held.model


def test_a_damaged_model_is_not_taken_for_one_of_another_menu(tmp_path: Path) -> None:
    load, held = loading(tmp_path)
    (tmp_path / held.digest / "serving.onnx").write_bytes(b"spoiled")
    with pytest.raises(ModelContractError):
        load.in_force(held)
