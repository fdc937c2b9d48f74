"""The retained word on whether a device is there."""

from datetime import UTC, datetime

import orjson
import pytest
from jsonschema import Draft202012Validator

from edge.wire.schema_files import schema
from edge.wire.status import About, Birth, ForCustomers, offline, online

BIRTH = Birth("harbour", "kiosk-01", "0.1.0", "3.40.1", "ab" * 8)
SURFACES = ("signage", "kiosk", "tablet", "phone", "pos")
LARGEST = Birth(
    "s" * 32,
    "d" * 32,
    "1" * 32,
    "3" * 16,
    "ab" * 8,
    About(
        "r" * 32,
        "none",
        "file",
        999,
        dict.fromkeys(SURFACES, 64),
        ForCustomers("ab" * 32, 2**32 - 1, {"profile": "9" * 80, "erase": "9" * 80}),
    ),
)


@pytest.mark.parametrize(
    "document",
    [
        online(BIRTH, 1000001, datetime(2026, 3, 1, 12, tzinfo=UTC)),
        online(LARGEST, 1000001, datetime(2026, 3, 1, 12, tzinfo=UTC)),
        offline(1000001, "lost"),
        offline(1000001, "stopped"),
    ],
)
def test_births_and_wills_keep_their_schema_and_carry_the_connections_number(
    document: bytes,
) -> None:
    said = orjson.loads(document)

    assert list(Draft202012Validator(dict(schema("status"))).iter_errors(said)) == []
    assert said["conn_seq"] == 1000001


def test_the_largest_birth_is_below_two_kilobytes_and_says_what_central_must_know() -> None:
    document = online(LARGEST, 2**53, datetime(2026, 3, 1, 12, tzinfo=UTC))
    said = orjson.loads(document)

    assert len(document) < 2000
    assert (said["ring"], said["clock"], said["key_protection"]) == ("r" * 32, "none", "file")
    assert (said["abi"], said["screens"]["kiosk"]) == (999, 64)
