"""What one end writes keeps its schema, and what keeps its schema the other end reads."""

import copy
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any, TypeVar

import orjson
import pytest
from jsonschema import Draft202012Validator, FormatChecker
from pydantic import BaseModel, ValidationError

from edge.central.customers.profile_content import Customer, content
from edge.core.errors import WireContractError
from edge.identity.consent import ConsentEvent, Notice, Purpose
from edge.identity.informed import Informed
from edge.identity.profile import Profile, Purchase, Wishes
from edge.wire.lan import CountsTold, NearTold, StockTold, UsedTold, read_told, told_bytes
from edge.wire.profile_message import ProfileSaid
from edge.wire.releases import (
    Phase,
    ReleaseState,
    Serving,
    read_release_states,
    release_states,
    target_path,
)
from edge.wire.rollout import Candidate, Release, RolloutDocument, document_bytes, read_document
from edge.wire.schema_files import schema
from edge.wire.taste_event import TasteSaid, taste_plains

Sealed = TypeVar("Sealed", bound=BaseModel)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PATH = target_path("model", "ranker", "1.2.0")
STATE = ReleaseState(
    site="harbour",
    device="kiosk-01",
    name="ranker",
    seq=7,
    at=NOON,
    serving=Serving(name="ranker", version="1.1.0", digest="ab" * 32, release_id="r-6"),
    release_id="r-7",
    target=PATH,
    phase=Phase.TRIAL,
    figures={"p99_ms": 3.5},
)
FACTORY = ReleaseState(
    site="harbour",
    device="kiosk-01",
    name="ranker",
    seq=0,
    at=NOON,
    serving=Serving(name="ranker", digest="factory"),
)
STABLE = Release(release_id="r-6", target=target_path("model", "ranker", "1.1.0"), version="1.1.0")
CANDIDATE = Candidate(
    release_id="r-7", target=PATH, version="1.2.0", salt="r-7", share=0.25, sites=["harbour"]
)

BOUGHT = Profile(
    wishes=Wishes(starred=frozenset({"latte"}), muted=frozenset({"tea"}), surprise="none"),
    purchases=(Purchase("latte", 20_513, 2), Purchase("mug", 20_512, 1, True, 3)),
    wrong={"cake": 20_510},
    wishes_changed_at=NOON,
)


def read_taste(payload: bytes) -> TasteSaid:
    return read_sealed(TasteSaid, payload)


def read_profile(payload: bytes) -> ProfileSaid:
    return read_sealed(ProfileSaid, payload)


def read_sealed(wanted: type[Sealed], payload: bytes) -> Sealed:
    try:
        return wanted.model_validate(orjson.loads(payload))
    except ValidationError:
        raise WireContractError from None


def profile_bytes() -> bytes:
    notice = Notice("central", "1.0", bytes(32), bytes(32), "en")
    record, first, second = (f"{digit}" * 32 for digit in "abc")
    given = [
        ConsentEvent(first, record, Purpose.TASTES, "given", NOON, "app_toggle", notice),
        ConsentEvent(second, record, Purpose.PAST_ORDERS, "given", NOON, "app_toggle", notice),
    ]
    customer = Customer(bytes(8), bytes(32), 1, "en", NOON, given, BOUGHT)
    return orjson.dumps({"customers": [content(customer, NOON, 1)]})


WRITTEN: dict[str, tuple[str, bytes, Callable[[bytes], object]]] = {
    "release states": ("release_states", release_states([STATE, FACTORY]), read_release_states),
    "no release state": ("release_states", release_states([]), read_release_states),
    "rollout": (
        "rollout",
        document_bytes(
            RolloutDocument(
                name="ranker", version=3, issued_at=NOON, stable=STABLE, candidate=CANDIDATE
            )
        ),
        read_document,
    ),
    "factory rollout": (
        "rollout",
        document_bytes(RolloutDocument(name="ranker", version=1, issued_at=NOON)),
        read_document,
    ),
    "taste": (
        "taste_sealed",
        taste_plains(bytes(8), Informed(BOUGHT, {Purpose.TASTES: frozenset({"ab" * 8})}))[0],
        read_taste,
    ),
    "profile": ("profile_sealed", profile_bytes(), read_profile),
    "stock": (
        "lan_stock",
        told_bytes(StockTold(entries=(("tea", 1, "kiosk-01", 4), ("jam", 2, "kiosk-02", None)))),
        lambda payload: read_told(StockTold, payload),
    ),
    "counts": (
        "lan_counts",
        told_bytes(CountsTold(days={date(2026, 3, 1): {"product:tea": (5, 2)}})),
        lambda payload: read_told(CountsTold, payload),
    ),
    "used": (
        "lan_used",
        told_bytes(UsedTold(digest="ab" * 16, at_s=1_772_366_400)),
        lambda payload: read_told(UsedTold, payload),
    ),
    "near": (
        "lan_near",
        told_bytes(NearTold(frame="cd" * 16, screen="kiosk-1", place="front", rssi_dbm=-60)),
        lambda payload: read_told(NearTold, payload),
    ),
}
Json = dict[str, Any] | list[Any] | str | float | bool | None
VALUES: list[Any] = [
    None,
    True,
    -1,
    0,
    1,
    2**53,
    0.5,
    "",
    "x",
    "abc",
    "x" * 400,
    [],
    {},
    [1],
    "1.0.0",
]


def is_valid(name: str, value: object) -> bool:
    checker = FormatChecker()
    return Draft202012Validator(dict(schema(name)), format_checker=checker).is_valid(value)


def mutants(value: Json) -> Iterator[Json]:
    """Every document that differs from ``value`` in one place."""
    for path in paths(value):
        for put in VALUES:
            yield changed(value, path, put)
        yield changed(value, path, None, remove=True)
        yield changed(value, (*path[:-1], "another"), 1)


def paths(value: Json, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for name, inner in items:
        yield (*path, name)
        yield from paths(inner, (*path, name))


def changed(value: Json, path: tuple[Any, ...], put: object, *, remove: bool = False) -> Json:
    mutant = copy.deepcopy(value)
    place: Any = mutant
    for name in path[:-1]:
        place = place[name]
    if remove:
        del place[path[-1]]
    elif isinstance(place, list) and path[-1] == "another":
        place.append(put)
    else:
        place[path[-1]] = put
    return mutant


def is_read(read: Callable[[bytes], object], value: object) -> bool:
    try:
        read(orjson.dumps(value))
    except WireContractError:
        return False
    return True


@pytest.mark.parametrize("what", WRITTEN)
def test_what_is_written_keeps_its_schema_and_is_read(what: str) -> None:
    name, payload, read = WRITTEN[what]

    assert is_valid(name, orjson.loads(payload))
    read(payload)


@pytest.mark.parametrize("what", WRITTEN)
def test_whatever_keeps_the_schema_is_read_and_most_mutants_do_not(what: str) -> None:
    name, payload, read = WRITTEN[what]
    refused = 0
    for mutant in mutants(orjson.loads(payload)):
        if is_valid(name, mutant):
            assert is_read(read, mutant), mutant
        else:
            refused += 1
    assert refused > 0
