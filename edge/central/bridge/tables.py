"""The bridge's database, ready to be used."""

from edge.central.bridge.partitions import make_partitions
from edge.central.bridge.schema import STEPS
from edge.central.postgres import Connection, connect, migrate
from edge.core.clock import Clock


def opened(database: str, clock: Clock) -> Connection:
    """Return a connection to a database that has the bridge's tables and this week's partitions.

    Raises:
        StorageUnavailableError: Nobody answers there.
    """
    con = connect(database, name="bridge tables")
    try:
        migrate(con, STEPS)
        make_partitions(con, clock().date())
        con.commit()
    except BaseException:
        con.close()
        raise
    return con
