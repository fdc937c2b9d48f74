"""When messages were carried they may be acknowledged: all in them is kept, or named as dead."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest

from edge.central.bridge.apart import write_apart
from edge.central.bridge.carrying import Carrying, Graveyard
from edge.central.bridge.dead_letters import MOST_OF_A_DEVICE, bury, drop, letter, letters
from edge.central.bridge.postgres_sink import PostgresSink
from edge.central.bridge.reading import DeadLetter, Incoming
from edge.central.bridge.sink import Arrived, Written
from edge.central.postgres import Connection, Cursor
from edge.core.clock import SettableClock
from edge.core.errors import StorageUnavailableError, WireContractError
from edge.wire.topics import CentralTopics
from tests.fakes.device_events import NOON, TENANT, Sender

SENDER = Sender()
TOPICS = CentralTopics(TENANT)
CLOCK = SettableClock(NOON + timedelta(seconds=5))


@pytest.fixture
def graveyard(database: str) -> Iterator[Graveyard]:
    graveyard = Graveyard(database)
    yield graveyard
    graveyard.close()


def follow_but_seven(_cursor: Cursor, batch: Sequence[Arrived]) -> None:
    if any(one.seq == 7 for one in batch):
        msg = "wanted anything but seven"
        raise WireContractError(msg)


def test_what_was_carried_is_counted_and_its_lag_is_known(
    sink: PostgresSink, graveyard: Graveyard, con: Connection
) -> None:
    carrying = Carrying(TOPICS, sink, graveyard, CLOCK)
    done = carrying.carry([SENDER.message([1, 2]), SENDER.message([2, 3]), Incoming("x", b"?")])

    assert (done.messages, done.new, done.repeats, done.dead, done.buried) == (3, 3, 1, 1, 1)
    assert done.newest_lag_s == pytest.approx(5 - 0.003)
    assert carrying.carry([]).newest_lag_s is None


def test_whatever_was_kept_may_be_forgotten_by_its_device_repeats_and_dead_letters_too(
    sink: PostgresSink, graveyard: Graveyard
) -> None:
    carrying = Carrying(TOPICS, sink, graveyard, CLOCK)
    dead = Incoming(SENDER.topic, SENDER.body(9).replace(b"instore.track.v1", b"instore.other.v1"))
    messages = [SENDER.message([1, 2]), SENDER.message([2, 3]), dead]

    for _ in range(2):
        done = carrying.carry(messages)
        assert sorted(one.seq for one in done.kept) == [1, 2, 2, 3, 9]


def test_one_event_that_spoils_its_batch_is_set_aside_alone(
    con: Connection, database: str, graveyard: Graveyard
) -> None:
    sink = PostgresSink(database, follow=[follow_but_seven])
    done = Carrying(TOPICS, sink, graveyard, CLOCK).carry(
        [SENDER.message(range(1, 6)), SENDER.message(range(6, 11))]
    )
    sink.close()

    assert (done.new, done.dead, done.buried) == (9, 1, 1)
    (kept,) = letters(con)
    assert kept.letter.why == "wanted anything but seven"
    assert kept.letter.incoming.topic == SENDER.topic
    assert con.execute("SELECT count(*) FROM event WHERE seq = 7").fetchone() == (0,)


def test_nothing_is_set_aside_while_the_database_is_away(graveyard: Graveyard) -> None:
    class Away:
        def write(self, batch: Sequence[Arrived]) -> Written:
            msg = "wanted PostgreSQL, got none"
            raise StorageUnavailableError(msg)

    with pytest.raises(StorageUnavailableError):
        Carrying(TOPICS, Away(), graveyard, CLOCK).carry([SENDER.message([1])])
    with pytest.raises(StorageUnavailableError):
        write_apart(Away(), SENDER.arrived([1, 2]))


def test_the_same_dead_letter_is_kept_once(
    sink: PostgresSink, graveyard: Graveyard, con: Connection
) -> None:
    carrying = Carrying(TOPICS, sink, graveyard, CLOCK)
    poison = Incoming(SENDER.topic, b"\x00\xff not json")
    assert [carrying.carry([poison]).buried for _ in range(3)] == [1, 0, 0]

    (kept,) = letters(con, "kiosk-01")
    assert kept.letter.incoming == poison
    assert letter(con, kept.number) == kept
    assert letters(con, "kiosk-02") == []
    assert drop(con, [kept.number, 99]) == 1
    assert letter(con, kept.number) is None


def test_a_device_that_sends_nothing_else_fills_no_disk(
    sink: PostgresSink, graveyard: Graveyard, con: Connection
) -> None:
    carrying = Carrying(TOPICS, sink, graveyard, CLOCK)
    flood = [Incoming(SENDER.topic, b"%d?" % n) for n in range(MOST_OF_A_DEVICE + 30)]

    done = carrying.carry(flood)
    assert (done.buried, done.untaken) == (MOST_OF_A_DEVICE, 30)
    other = Incoming(Sender(device="kiosk-02").topic, b"?")
    assert carrying.carry([other]).buried == 1


def test_a_device_is_not_told_that_central_has_what_there_was_no_room_for(
    database: str, graveyard: Graveyard, con: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.central.bridge.dead_letters.MOST_OF_A_DEVICE", 2)
    sink = PostgresSink(database, follow=[follow_but_seven])
    carrying = Carrying(TOPICS, sink, graveyard, CLOCK)
    unread = [
        Incoming(SENDER.topic, SENDER.body(n).replace(b"instore.track.v1", b"instore.other.v1"))
        for n in (1, 2, 3)
    ]
    # 3 is unreadable, 7 is what a follower refuses; 6 and 8 are good.
    messages = [*unread, SENDER.message([6, 7, 8])]

    for again in range(2):  # what is kept is known when it comes again, whatever room there is
        done = carrying.carry(messages)
        assert (done.untaken, sorted(one.seq for one in done.kept)) == (2, [1, 2, 6, 8])
        assert done.buried == (0 if again else 2)
    assert con.execute("SELECT device, times, why FROM dead_letter_untaken").fetchall() == [
        ("kiosk-01", 4, "wanted anything but seven")
    ]

    drop(con, [kept.number for kept in letters(con)])
    assert sorted(one.seq for one in carrying.carry(messages[2:]).kept) == [3, 6, 7, 8]
    sink.close()


def test_what_a_platform_refuses_takes_no_room_from_what_a_device_sends(
    graveyard: Graveyard, con: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.central.bridge.dead_letters.MOST_OF_A_DEVICE", 2)
    refused = [
        DeadLetter(Incoming(SENDER.topic, b"%d" % n), TENANT, SENDER.device, "?", NOON, "platform")
        for n in range(3)
    ]
    with con.transaction(), con.cursor() as cursor:
        assert bury(cursor, refused).new == 2

    sink = PostgresSink("host=/nonexistent")
    done = Carrying(TOPICS, sink, graveyard, CLOCK).carry([Incoming(SENDER.topic, b"?")])

    assert (done.buried, done.untaken) == (1, 0)


def test_a_letter_from_a_topic_with_nul_is_kept(graveyard: Graveyard, con: Connection) -> None:
    sink = PostgresSink("host=/nonexistent")
    Carrying(TOPICS, sink, graveyard, CLOCK).carry([Incoming("a\x00b", b"x")])
    assert [kept.letter.incoming.topic for kept in letters(con)] == ["a?b"]
