"""Events share a message, up to its limit."""

import orjson

from edge.wire.batch import BATCH_TYPE, MAX_BATCH_BYTES, SINGLE_TYPE, fitting, pack


def test_a_batch_is_a_json_array_and_a_lone_event_is_itself() -> None:
    assert pack([b'{"id":"a"}']).payload == b'{"id":"a"}'
    assert pack([b'{"id":"a"}']).content_type == SINGLE_TYPE
    batch = pack([b'{"id":"a"}', b'{"id":"b"}'])
    assert orjson.loads(batch.payload) == [{"id": "a"}, {"id": "b"}]
    assert batch.content_type == BATCH_TYPE


def test_as_many_go_as_fit_and_not_one_more() -> None:
    bodies = [b"x" * 999] * 100
    count = fitting([len(body) for body in bodies])

    assert len(pack(bodies[:count]).payload) <= MAX_BATCH_BYTES
    assert len(pack(bodies[: count + 1]).payload) > MAX_BATCH_BYTES


def test_exactly_full_fits() -> None:
    assert fitting([4, 4], max_bytes=11) == 2
    assert fitting([4, 4], max_bytes=10) == 1


def test_one_always_goes_even_too_large() -> None:
    assert fitting([1_000_000, 5]) == 1
