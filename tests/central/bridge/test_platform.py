"""The platform gets every event once in effect, whatever it answers, and never holds up ingestion."""

from collections.abc import Iterator

import pytest

from edge.central.bridge.dead_letters import letters
from edge.central.bridge.platform_drain import Drained, PlatformDrain
from edge.central.bridge.platform_http import Platform, PlatformHttp, PlatformUnavailableError
from edge.central.bridge.platform_sink import PlatformSink
from edge.central.bridge.postgres_sink import PostgresSink
from edge.central.bridge.retrying import Sinks, retry
from edge.central.bridge.schema import WRITING_LOCK
from edge.central.postgres import Connection, connect
from edge.core.clock import SettableClock
from tests.fakes.cdp import KEY, Answer, Cdp
from tests.fakes.device_events import NOON, TENANT, Sender
from tests.fakes.patience import wait_until

SENDER = Sender()
CLOCK = SettableClock(NOON)


@pytest.fixture
def cdp() -> Iterator[Cdp]:
    with Cdp().running() as cdp:
        yield cdp


@pytest.fixture
def platform(cdp: Cdp) -> Platform:
    return Platform(cdp.url, KEY, timeout_s=5)


@pytest.fixture
def to_platform(platform: Platform) -> Iterator[PlatformSink]:
    http = PlatformHttp(platform, CLOCK)
    yield PlatformSink(http)
    http.close()


@pytest.fixture
def drain(con: Connection, database: str, to_platform: PlatformSink) -> Iterator[PlatformDrain]:
    drain = PlatformDrain(database, to_platform, CLOCK)
    yield drain
    drain.close()


def ids(seqs: range | list[int]) -> list[str]:
    return [one.event_id for one in SENDER.arrived(seqs)]


def turned(drain: PlatformDrain) -> Drained:
    """Return a turn that does something: PostgreSQL frees the right to drain within moments."""
    turns: list[Drained] = []

    def has_done_something() -> bool:
        turns.append(drain.turn())
        return turns[-1] != Drained()

    wait_until(has_done_something)
    return turns[-1]


def test_a_batch_is_segments_shape_with_the_body_as_the_device_made_it(
    cdp: Cdp, to_platform: PlatformSink
) -> None:
    batch = SENDER.arrived([1, 2])

    assert to_platform.write(batch).new == 2

    (call,) = cdp.calls
    assert call == {
        "batch": [one.event["data"] for one in batch],
        "sentAt": "2026-03-01T12:00:00.000Z",
    }
    assert [body["messageId"] for body in call["batch"]] == [one.event_id for one in batch]


def test_calls_stay_below_500_kb_and_2500_events(cdp: Cdp, to_platform: PlatformSink) -> None:
    large = SENDER.arrived([1], {"pad": "x" * 30_000})[0]
    small = SENDER.arrived([2])[0]

    assert to_platform.write([large] * 40 + [small] * 2_600).new == 2_640

    assert len(cdp.taken) == 2_640
    assert max(cdp.sizes) <= 500_000
    assert max(len(call["batch"]) for call in cdp.calls) <= 2_500


def test_the_event_that_spoils_a_batch_is_found_and_the_others_are_taken(
    cdp: Cdp, to_platform: PlatformSink
) -> None:
    cdp.refuses = lambda body: body["properties"]["n"] in {3, 8}

    written = to_platform.write(SENDER.arrived(range(1, 11)))

    assert sorted(cdp.taken) == sorted(ids([1, 2, 4, 5, 6, 7, 9, 10]))
    assert [one.arrived.seq for one in written.refused] == [3, 8]
    assert written.new == 8


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503])
def test_what_is_not_about_the_events_refuses_none(
    cdp: Cdp, to_platform: PlatformSink, status: int
) -> None:
    cdp.answers = [Answer(status, {"retry-after": "7"})]

    with pytest.raises(PlatformUnavailableError, match=str(status)) as caught:
        to_platform.write(SENDER.arrived([1]))
    assert caught.value.wait_s == 7
    assert KEY not in str(caught.value)
    assert to_platform.write(SENDER.arrived([1])).new == 1


@pytest.mark.parametrize(
    ("asked", "wait_s"),
    [("Sun, 01 Mar 2026 12:01:00 GMT", 60), ("99999999", 3600), ("soon", None), ("-1", None)],
)
def test_how_long_it_asks_to_be_left_alone_is_kept_within_an_hour(
    cdp: Cdp, to_platform: PlatformSink, asked: str, wait_s: float | None
) -> None:
    cdp.answers = [Answer(503, {"retry-after": asked})]
    with pytest.raises(PlatformUnavailableError) as caught:
        to_platform.write(SENDER.arrived([1]))
    assert caught.value.wait_s == wait_s


def test_nobody_at_the_address_is_unavailable_and_the_key_is_in_no_text(cdp: Cdp) -> None:
    nobody = Platform("http://127.0.0.1:1/v1/batch", KEY)
    http = PlatformHttp(nobody, CLOCK)
    with pytest.raises(PlatformUnavailableError, match="check") as caught:
        PlatformSink(http).write(SENDER.arrived([1]))
    http.close()
    assert KEY not in repr(nobody) + str(caught.value)


def test_it_is_drained_in_order_of_arrival_and_goes_on_where_it_was(
    cdp: Cdp, drain: PlatformDrain, sink: PostgresSink, database: str, to_platform: PlatformSink
) -> None:
    sink.write(SENDER.arrived(range(1, 1_501)))

    assert drain.turn() == Drained(sent=1_000, has_more=True)
    drain.close()  # as if it was killed
    again = PlatformDrain(database, to_platform, CLOCK)
    assert turned(again) == Drained(sent=500)
    sink.write(SENDER.arrived([1_501]))
    assert [again.turn().sent for _ in range(3)] == [1, 0, 0]
    again.close()

    assert cdp.taken == ids(range(1, 1_502))


def test_what_the_platform_had_when_the_cursor_was_lost_comes_again_under_the_same_id(
    cdp: Cdp, drain: PlatformDrain, sink: PostgresSink, con: Connection
) -> None:
    sink.write(SENDER.arrived([1, 2]))
    drain.turn()
    con.execute("UPDATE platform_cursor SET row_id = 0")
    drain.turn()
    assert cdp.taken == ids([1, 2]) * 2
    assert len(set(cdp.taken)) == 2


def test_while_the_platform_is_away_events_are_kept_and_then_sent(
    cdp: Cdp, drain: PlatformDrain, sink: PostgresSink
) -> None:
    cdp.answers = [Answer(500), Answer(429)]
    for n in (1, 2):
        sink.write(SENDER.arrived([n]))
        with pytest.raises(PlatformUnavailableError):
            turned(drain)
    assert [turned(drain).sent, turned(drain).sent, drain.turn().sent] == [1, 1, 0]
    assert cdp.taken == ids([1, 2])


def test_an_event_the_platform_refuses_is_a_dead_letter_and_can_be_tried_again(
    cdp: Cdp,
    drain: PlatformDrain,
    sink: PostgresSink,
    database: str,
    platform: Platform,
) -> None:
    cdp.refuses = lambda body: body["properties"]["n"] == 2
    sink.write(SENDER.arrived([1, 2, 3]))

    assert drain.turn() == Drained(sent=2, refused=1)

    with connect(database) as con:
        (kept,) = letters(con)
    assert (kept.letter.target, kept.letter.device) == ("platform", "kiosk-01")
    assert retry(Sinks(database, TENANT, platform), [kept.number], CLOCK) == 0
    cdp.refuses = lambda body: False
    assert retry(Sinks(database, TENANT, platform), [kept.number], CLOCK) == 1
    with connect(database) as con:
        assert letters(con) == []
    assert sorted(cdp.taken) == sorted(ids([1, 2, 3]))


def test_a_platform_that_refuses_everything_of_everybody_is_unavailable_and_costs_nothing(
    cdp: Cdp, drain: PlatformDrain, sink: PostgresSink, con: Connection
) -> None:
    for number in range(3):
        sink.write(Sender(device=f"kiosk-0{number}").arrived([1, 2]))
    cdp.refuses = lambda body: True

    with pytest.raises(PlatformUnavailableError, match="all 6 events refused"):
        drain.turn()

    assert letters(con) == []
    cdp.refuses = lambda body: False
    assert turned(drain).sent == 6


def test_a_device_or_two_of_which_all_is_refused_hold_up_nobody(
    cdp: Cdp, drain: PlatformDrain, sink: PostgresSink
) -> None:
    for number in range(2):
        sink.write(Sender(device=f"kiosk-0{number}").arrived([1, 2]))
    cdp.refuses = lambda body: True

    assert drain.turn() == Drained(sent=0, refused=4)


def test_an_event_that_postgresql_blows_up_costs_only_itself(
    cdp: Cdp, drain: PlatformDrain, sink: PostgresSink, con: Connection
) -> None:
    (bomb,) = SENDER.arrived([2], {"n": [1e-300] * 4_000})
    assert len(bomb.raw) < 32_768
    row = con.execute("SELECT octet_length(%s::jsonb::text)", (bomb.raw.decode(),)).fetchone()
    assert row is not None
    assert row[0] > 1_000_000
    sink.write([*SENDER.arrived([1]), bomb, *SENDER.arrived([3])])

    assert drain.turn() == Drained(sent=2, refused=1)
    assert cdp.taken == ids([1, 3])
    (kept,) = letters(con)
    assert (kept.letter.target, kept.size_bytes < 100) == ("platform", True)
    assert bomb.event_id.encode() in kept.letter.incoming.payload


def test_a_row_that_is_still_being_written_is_not_passed_over(
    cdp: Cdp, drain: PlatformDrain, sink: PostgresSink, database: str
) -> None:
    with connect(database) as writing:
        # A worker that has taken the lowest number and has not committed yet.
        writing.execute("SELECT pg_advisory_xact_lock_shared(%s)", (WRITING_LOCK,))
        writing.execute("SELECT nextval('event_row')")
        sink.write(SENDER.arrived([2]))
        with connect(database) as asking:
            row = asking.execute("SELECT pg_try_advisory_xact_lock(%s)", (WRITING_LOCK,)).fetchone()
            assert row == (False,)  # the drain would wait here
        writing.rollback()
    assert turned(drain).sent == 1
    assert cdp.taken == ids([2])


def test_one_of_several_bridges_drains(
    cdp: Cdp, drain: PlatformDrain, sink: PostgresSink, database: str, to_platform: PlatformSink
) -> None:
    sink.write(SENDER.arrived([1, 2]))
    second = PlatformDrain(database, to_platform, CLOCK)

    assert turned(drain).sent == 2
    sink.write(SENDER.arrived([3]))
    assert second.turn().sent == 0
    drain.close()
    assert second.turn().sent == 1
    second.close()
    assert cdp.taken == ids([1, 2, 3])
