from datetime import UTC, datetime
from typing import Any

import pytest

from edge.core.errors import WireContractError
from edge.wire.rollout import (
    Candidate,
    Release,
    RolloutDocument,
    document_bytes,
    read_document,
    wanted,
)

AT = datetime(2026, 3, 1, tzinfo=UTC)


def _release(version: str) -> dict[str, Any]:
    return {
        "release_id": f"ranker-{version}",
        "target": f"models/ranker/{version}/ranker-{version}.tar",
        "version": version,
    }


STABLE = Release(**_release("1.0.0"))


def _document(**more: object) -> RolloutDocument:
    new = Candidate.model_validate({**_release("1.1.0"), "salt": "s", **more})
    return RolloutDocument(name="ranker", version=3, issued_at=AT, stable=STABLE, candidate=new)


def test_a_document_is_read_as_it_was_written() -> None:
    document = _document(share=0.05, sites=frozenset({"shop-b", "shop-a"}))
    assert read_document(document_bytes(document)) == document


def test_a_listed_site_takes_the_candidate_and_the_others_stay() -> None:
    document = _document(sites=frozenset({"shop-a"}))
    assert wanted(document, "shop-a") == document.candidate
    assert wanted(document, "shop-b") == STABLE


def test_a_paused_candidate_begins_nowhere_and_goes_on_where_it_has_begun() -> None:
    document = _document(share=1.0, paused=True)
    assert wanted(document, "shop-a") == STABLE
    assert wanted(document, "shop-a", has_begun="ranker-1.1.0") == document.candidate


def test_without_a_candidate_everybody_runs_the_stable_release_or_the_factorys() -> None:
    empty = RolloutDocument(name="ranker", version=1, issued_at=AT)
    assert wanted(empty, "shop-a") is None
    assert wanted(empty.model_copy(update={"stable": STABLE}), "shop-a") == STABLE


def test_a_candidate_that_is_the_stable_release_is_refused() -> None:
    with pytest.raises(ValueError, match="two different packages"):
        RolloutDocument(
            name="ranker",
            version=1,
            issued_at=AT,
            stable=STABLE,
            candidate=Candidate(**_release("1.0.0"), salt="s"),
        )


@pytest.mark.parametrize("payload", [b"{}", b"[]", b'{"name": "ranker", "version": 0}'])
def test_what_is_no_document_is_refused(payload: bytes) -> None:
    with pytest.raises(WireContractError, match="rollout document"):
        read_document(payload)
