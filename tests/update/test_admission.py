"""A package is admitted if it fits this software, stands its trial and knows this shop."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from edge.recommend.package import catalog_digest
from edge.update.admission import Admission, Shop
from edge.update.preflight import Preflight
from edge.update.verdict import Reason, Verdict, refusal
from tests.fakes.bad_models import FACTORY, POISON, factory_items, facts, good_package
from tests.fakes.small_model import CONTRACT_FILE

FACTS = facts(FACTORY)
tried: list[Path] = []


def good(folder: Path) -> Verdict:
    tried.append(folder)
    return Verdict(True, figures={"rank_p95_ms": 0.1})


def known(share: float) -> Shop:
    return Shop("0.4.1", lambda _items: share, least_known=0.5)


def test_a_good_package_of_this_shop_is_admitted_after_a_real_trial(tmp_path: Path) -> None:
    asked: list[Sequence[str]] = []

    def share(items: Sequence[str]) -> float:
        asked.append(items)
        return 0.9

    folder = good_package(tmp_path / "package", seed=4)
    admission = Admission(Preflight(CONTRACT_FILE), Shop("1.0.0", share, 0.5))
    signed = facts(folder).model_copy(update={"catalog_digest": catalog_digest(factory_items())})

    found = admission(folder, signed)

    assert found.is_good, found.detail
    assert found.figures["rank_p95_ms"] > 0
    assert asked == [factory_items()]
    assert max(POISON) < len(factory_items())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": "content"}, "got a content of abi 1"),
        ({"abi": 2}, "got a model of abi 2"),
        ({"min_agent": "0.4.2"}, "wanted a model for edge 0.4.1, got one for 0.4.2 and on"),
        ({"min_agent": "0.10.0"}, "got one for 0.10.0"),
    ],
)
def test_a_package_for_other_software_is_refused_before_it_is_tried(
    changes: dict[str, object], words: str
) -> None:
    tried.clear()
    found = Admission(good, known(1.0))(FACTORY, FACTS.model_copy(update=changes))

    assert (found.is_good, found.reason, tried) == (False, "abi", [])
    assert words in found.detail


@pytest.mark.parametrize(
    ("share", "is_good"), [(0.0, False), (0.49, False), (float("nan"), False), (0.5, True)]
)
def test_a_model_of_another_shop_is_refused(share: float, is_good: bool) -> None:
    found = Admission(good, known(share))(FACTORY, FACTS)

    assert (found.is_good, found.reason) == (is_good, "" if is_good else "catalog")


def test_a_catalog_other_than_the_signed_one_is_refused() -> None:
    signed = FACTS.model_copy(update={"catalog_digest": "0" * 64})

    found = Admission(good, known(1.0))(FACTORY, signed)

    assert (found.reason, "as signed" in found.detail) == ("catalog", True)


def test_items_that_went_missing_are_refused(tmp_path: Path) -> None:
    found = Admission(good, known(1.0))(tmp_path, FACTS)

    assert found.reason == "catalog"


def test_a_model_that_fails_its_trial_is_refused_with_what_the_trial_said() -> None:
    said = refusal(Reason.NAN, "golden request 0: an answer is not a number")

    assert Admission(lambda _folder: said, known(1.0))(FACTORY, FACTS) is said
