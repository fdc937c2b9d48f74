import pytest

from edge.central.postgres import Steps, connect, migrate
from edge.core.errors import StorageUnavailableError
from tests.fakes.postgres import PostgresServer


def test_steps_are_taken_once_and_in_order(database: str) -> None:
    first = Steps("shop", ("CREATE TABLE a(x int)",))
    second = Steps("shop", ("CREATE TABLE a(x int)", "ALTER TABLE a ADD COLUMN y int"))
    with connect(database) as con:
        migrate(con, first)
        migrate(con, first)
        migrate(con, second)
        columns = con.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'a' ORDER BY 1"
        ).fetchall()
    assert columns == [("x",), ("y",)]


def test_a_step_that_fails_leaves_nothing_behind(database: str) -> None:
    broken = Steps("shop", ("CREATE TABLE a(x int)", "CREATE TABLE a(x int)"))
    with connect(database) as con:
        with pytest.raises(Exception, match="already exists"):
            migrate(con, broken)
        assert con.execute("SELECT to_regclass('a')").fetchone() == (None,)


def test_a_server_that_is_away_is_said_to_be_away() -> None:
    with pytest.raises(StorageUnavailableError, match="wanted PostgreSQL"):
        connect("host=/nonexistent user=postgres dbname=x")


@pytest.mark.broker
def test_the_server_keeps_what_was_committed_when_it_is_killed(
    postgres_server: PostgresServer,
) -> None:
    url = postgres_server.url()
    with connect(url) as con:
        con.execute("CREATE TABLE kept(x int)")
        con.execute("INSERT INTO kept VALUES (7)")
    postgres_server.kill()
    postgres_server.start()
    with connect(url) as con:
        assert con.execute("SELECT x FROM kept").fetchone() == (7,)
