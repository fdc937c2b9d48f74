"""A model package is taken whole or refused with a reason."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from edge.core.errors import ModelContractError
from edge.recommend.package import (
    PACKAGE_FILES,
    catalog_digest,
    check_golden,
    load_package,
    open_package,
    read_golden,
)
from tests.fakes.small_model import contract, plain_request, small_package

CONTRACT = contract()
FILES = small_package()
Files = dict[str, bytes]


def sealed(files: Files, **changes: object) -> Files:
    """``files`` with a manifest that agrees with them again."""
    manifest = json.loads(files["model.json"]) | changes
    manifest["files"] = {n: hashlib.sha256(files[n]).hexdigest() for n in PACKAGE_FILES}
    return {**files, "model.json": json.dumps(manifest).encode()}


def test_a_sound_package_ranks_and_states_its_items_and_calibration() -> None:
    package = load_package(FILES, contract=CONTRACT)
    base = package.base(np.zeros(33, dtype=np.float32), np.zeros(12, dtype=np.float32))

    assert package.items[:2] == ("sku-000", "sku-001")
    assert package.calibration == (0.9, -2.5)
    assert package.metadata["model_id"] == "small"
    assert package.ranker.digest == package.digest
    assert len(package.ranker.rank(plain_request(12, base)).items) == 12


def test_a_package_without_calibration_says_so() -> None:
    package = load_package(sealed(FILES, calibration=None), contract=CONTRACT)

    assert package.calibration is None


@pytest.mark.parametrize("name", ["model.json", *PACKAGE_FILES])
def test_a_missing_file_is_named(name: str) -> None:
    files = {other: content for other, content in FILES.items() if other != name}

    with pytest.raises(ModelContractError, match=rf"missing \['{name}'\]"):
        load_package(files, contract=CONTRACT)


@pytest.mark.parametrize("name", PACKAGE_FILES)
def test_one_changed_byte_is_found(name: str) -> None:
    content = bytearray(FILES[name])
    content[len(content) // 2] ^= 1

    with pytest.raises(ModelContractError, match=f"{name}: expected SHA-256"):
        load_package({**FILES, name: bytes(content)}, contract=CONTRACT)


def test_a_model_of_another_catalog_is_refused() -> None:
    other = small_package(9)
    files = sealed({**FILES, "serving.onnx": other["serving.onnx"]})

    with pytest.raises(ModelContractError, match=r"serving\.onnx: expected the 12 items"):
        load_package(files, contract=CONTRACT)


def test_a_package_is_refused_where_another_catalog_is_needed() -> None:
    needed = catalog_digest(["tea", "jam"])

    with pytest.raises(ModelContractError, match="of this site"):
        load_package(FILES, contract=CONTRACT, catalog=needed)
    here = load_package(FILES, contract=CONTRACT, catalog=catalog_digest(small_items()))
    assert list(here.items) == small_items()


def small_items() -> list[str]:
    return [f"sku-{i:03d}" for i in range(12)]


def test_the_catalog_digest_depends_on_every_id_and_its_place() -> None:
    digests = {catalog_digest(items) for items in (["a", "b"], ["b", "a"], ["ab"], ["a,b"], [])}

    assert len(digests) == 5


def test_an_answer_that_differs_from_training_is_refused() -> None:
    golden = json.loads(FILES["golden.json"])
    golden[1]["score"][0] += 0.001
    files = sealed({**FILES, "golden.json": json.dumps(golden).encode()})

    with pytest.raises(ModelContractError, match=r"golden request 1: .* differs by 0\.001"):
        load_package(files, contract=CONTRACT)


def test_a_golden_item_that_is_not_ranked_is_refused() -> None:
    golden = json.loads(FILES["golden.json"])
    golden[0]["unavailable"] = golden[0]["items"][:1]
    files = sealed({**FILES, "golden.json": json.dumps(golden).encode()})

    with pytest.raises(ModelContractError, match="golden request 0"):
        load_package(files, contract=CONTRACT)


def test_a_part_that_is_no_number_is_refused_even_where_the_score_is_right() -> None:
    package = open_package(FILES, contract=CONTRACT)
    (first, *_) = read_golden(FILES["golden.json"], 12)
    parts = first.parts * np.float32("nan")

    with pytest.raises(ModelContractError, match="differs by nan"):
        check_golden(package, (replace(first, parts=parts),), CONTRACT)


def golden_with(**changes: object) -> bytes:
    first, *others = json.loads(FILES["golden.json"])
    return json.dumps([first | changes, *others]).encode()


def replaced(name: str, content: bytes) -> Callable[[], Files]:
    return lambda: sealed({**FILES, name: content})


@pytest.mark.parametrize(
    ("files", "why"),
    [
        pytest.param(replaced("items.json", b"{}"), "list of item ids, got dict", id="a dict"),
        pytest.param(replaced("items.json", b"[1]"), "list of item ids", id="a number"),
        pytest.param(replaced("items.json", b"tea"), "JSON list of item ids", id="no JSON"),
        pytest.param(replaced("items.json", b'["a","a"]'), "distinct item ids", id="repeats"),
        pytest.param(replaced("items.json", b"[]"), "distinct item ids", id="no items"),
        pytest.param(replaced("golden.json", b'[{"context": 1}]'), "golden.json", id="golden"),
        pytest.param(replaced("golden.json", b"\xff"), "golden.json", id="golden is no text"),
        pytest.param(
            replaced("golden.json", golden_with(score=[0.1])), "golden.json", id="one score of ten"
        ),
        pytest.param(
            replaced("golden.json", golden_with(items=[], score=[], parts=[])),
            "golden.json",
            id="no answer",
        ),
        pytest.param(
            replaced("golden.json", golden_with(basket=[2**40])), "golden.json", id="too large"
        ),
        pytest.param(replaced("golden.json", b"[" * 99_999), "golden.json", id="too deep"),
        pytest.param(replaced("items.json", b"[" * 99_999), "items.json", id="items too deep"),
        pytest.param(replaced("items.json", b'["\\ud800"]'), "items.json", id="half a character"),
        pytest.param(lambda: {**FILES, "model.json": b"[" * 99_999}, "model.json", id="deep"),
        pytest.param(lambda: {**FILES, "model.json": b"[]"}, "model.json: expected", id="list"),
        pytest.param(lambda: {**FILES, "model.json": b"{"}, "model.json: expected", id="cut"),
        pytest.param(lambda: sealed(FILES, catalog_digest="0"), "catalog 0 of model", id="digest"),
        pytest.param(lambda: sealed(FILES, calibration={"a": 1}), "calibration", id="no b"),
        pytest.param(lambda: sealed(FILES, calibration={"a": -1, "b": 0}), "a > 0", id="falling"),
    ],
)
def test_files_that_make_no_sense_are_refused(files: Callable[[], Files], why: str) -> None:
    with pytest.raises(ModelContractError, match=why):
        load_package(files(), contract=CONTRACT)
