"""Central finds a customer by their tag in one look: also who came before there were tags, or just now."""

from edge.central.my_data.home_tags import claimed, tag_new
from edge.central.my_data.tables import MY_DATA
from edge.central.my_data.tagging import Tagging
from edge.central.postgres import migrate
from edge.core.chance import system_chance
from edge.core.errors import StorageUnavailableError
from edge.identity.consent import Purpose
from edge.identity.day_keys import pseudonym_of
from edge.identity.home_key import home_key, home_tag
from tests.fakes.broker import wait_until
from tests.fakes.central_customers import GROUP, CentralCustomers, Voice, said


def come(central: CentralCustomers, shop: Voice, count: int = 1) -> list[bytes]:
    keys = [system_chance(32) for _ in range(count)]
    for key in keys:
        central.take(shop.enrolment(key, [said(Purpose.TASTES, central.clock())]))
    return keys


def found(central: CentralCustomers, beacon_key: bytes) -> bytes | None:
    tag = home_tag(home_key(beacon_key, GROUP))
    with central.con.cursor() as cur:
        claim = claimed(cur, central.part.keys.row_key, tag)
    assert claim is None or claim.home_key == home_key(beacon_key, GROUP)
    return None if claim is None else claim.pseudonym


def test_who_was_there_before_and_who_comes_later_get_their_tags(
    central: CentralCustomers, shop: Voice
) -> None:
    before = come(central, shop, 5)
    migrate(central.con, MY_DATA)
    key = central.part.keys.row_key

    assert tag_new(central.con, key, 3) == 3
    assert tag_new(central.con, key, 3) == 2
    assert tag_new(central.con, key, 3) == 0
    assert [found(central, one) for one in before] == [pseudonym_of(one) for one in before]
    (later,) = come(central, shop)
    assert found(central, later) is None
    assert tag_new(central.con, key) == 1
    assert found(central, later) == pseudonym_of(later)


def test_an_erasure_takes_the_tag_and_who_comes_back_gets_it_again(
    central: CentralCustomers, shop: Voice
) -> None:
    migrate(central.con, MY_DATA)
    key = central.part.keys.row_key
    (ada,) = come(central, shop)
    tag_new(central.con, key)
    tag = home_tag(home_key(ada, GROUP)).hex().encode()
    assert tag in central.everything()

    central.take(shop.erasure(ada))

    assert tag not in central.everything()
    assert found(central, ada) is None


def test_a_look_by_tag_reads_no_table_from_end_to_end(
    central: CentralCustomers, shop: Voice
) -> None:
    migrate(central.con, MY_DATA)
    come(central, shop, 20)
    tag_new(central.con, central.part.keys.row_key)
    with central.con.transaction():
        central.con.execute("SET LOCAL enable_seqscan = off")
        for query in ("home_tag = '\\x00'", "home_tag IS NULL"):
            plan = central.con.execute(f"EXPLAIN SELECT 1 FROM customer WHERE {query}".encode())
            assert "Index" in str(plan.fetchall())


def test_the_thread_goes_on_when_the_database_is_back() -> None:
    left: list[int] = []
    failures = iter([StorageUnavailableError("away")])

    def tag() -> int:
        for failure in failures:
            raise failure
        left.append(0 if left else 500)
        return left[-1]

    tagging = Tagging(tag, every_s=0.01)
    tagging.start()
    wait_until(lambda: left[:2] == [500, 0], "it has gone on")
    tagging.stop()
