from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.central.fleet.devices.heard import Birth, Gone, Result, read
from edge.core.errors import WireContractError
from edge.wire.releases import Phase, release_states
from edge.wire.status import Birth as DeviceBirth
from edge.wire.status import offline, online
from edge.wire.topics import CentralTopics, Topics
from tests.fakes.fleet import state

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CENTRAL = CentralTopics("harbour")
DEVICE = Topics("harbour", "shop-1", "shop-1-1")


def test_what_a_device_writes_is_what_central_reads() -> None:
    birth = online(DeviceBirth("shop-1", "shop-1-1", "0.1.0", "3.45", "e1"), 7, NOW)
    heard = read(CENTRAL, DEVICE.status, birth, NOW)
    assert heard is not None
    assert isinstance(heard.said, Birth)
    assert (heard.device, heard.said.conn_seq, heard.said.ring) == ("shop-1-1", 7, "stable")
    gone = read(CENTRAL, DEVICE.status, offline(7, "lost"), NOW)
    assert gone is not None
    assert gone.said == Gone(status="offline", conn_seq=7, why="lost")
    said = release_states([state("shop-1.1", Phase.TRIAL, 3, NOW, {})])
    states = read(CENTRAL, DEVICE.release, said, NOW)
    assert states is not None
    assert isinstance(states.said, tuple)
    result = read(CENTRAL, DEVICE.result("abc"), b'{"ok": true}', NOW)
    assert result is not None
    assert result.said == Result("abc", {"ok": True})


def test_nobody_speaks_for_another_device() -> None:
    birth = online(DeviceBirth("shop-2", "shop-2-1", "0.1.0", "3.45", "e1"), 7, NOW)
    with pytest.raises(WireContractError, match="speak for itself"):
        read(CENTRAL, DEVICE.status, birth, NOW)
    said = release_states([state("shop-2.1", Phase.TRIAL, 3, NOW, {})])
    with pytest.raises(WireContractError, match="speak for itself"):
        read(CENTRAL, DEVICE.release, said, NOW)


def test_a_retained_message_that_was_taken_back_says_nothing() -> None:
    assert read(CENTRAL, DEVICE.status, b"", NOW) is None


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_moment_that_no_database_holds_is_refused(at: str) -> None:
    document = orjson.loads(release_states([state("shop-1.1", Phase.TRIAL, 3, NOW, {})]))
    document["states"][0]["at"] = at
    with pytest.raises(WireContractError):
        read(CENTRAL, DEVICE.release, orjson.dumps(document), NOW)


_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from((DEVICE.status, DEVICE.release, DEVICE.result("x"), DEVICE.commands, "a/b")),
    st.binary() | _json.map(lambda value: orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS)),
)
def test_anything_is_understood_or_refused(topic: str, payload: bytes) -> None:
    try:
        read(CENTRAL, topic, payload, NOW)
    except WireContractError:
        return
