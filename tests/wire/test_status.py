"""The retained word on whether a device is there."""

from datetime import UTC, datetime

import orjson
import pytest
from jsonschema import Draft202012Validator

from edge.wire.schema_files import schema
from edge.wire.status import Birth, offline, online

BIRTH = Birth("harbour", "kiosk-01", "0.1.0", "3.40.1", "ab" * 8)


@pytest.mark.parametrize(
    "document",
    [
        online(BIRTH, 1000001, datetime(2026, 3, 1, 12, tzinfo=UTC)),
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
