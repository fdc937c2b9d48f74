"""A full disk: every refusal is said, orders use the reserve, and space that comes back is used."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.core.errors import StorageUnavailableError
from edge.store.store import Store
from edge.store.store_settings import StoreSettings
from tests.fakes.recorded import NOON, decision, event, open_store, order
from tests.fakes.small_disk import fill, small_disk

MIB = 1 << 20


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 12 MiB."""
    with small_disk(tmp_path / "disk", 12) as is_own:
        if not is_own:
            pytest.skip("a test may not mount here")
        yield tmp_path / "disk"


def record_until_refused(store: Store) -> list[str]:
    """Record until the disk says no, and return the decisions that were promised."""
    kept: list[str] = []
    refusal: BaseException | None = None
    while refusal is None:
        made = decision()
        future = store.record_decision(made, [event(size=2000)])
        refusal = future.exception(5)
        kept += [made.decision_id] * (refusal is None)
    assert isinstance(refusal, StorageUnavailableError)
    return kept


def test_when_the_disk_is_full_refusals_are_said_and_nothing_acknowledged_is_lost(
    disk: Path,
) -> None:
    store = open_store(disk, settings=StoreSettings(reserve_bytes=2 * MIB))
    assert (disk / "reserve").exists()
    other = fill(disk)
    kept = record_until_refused(store)
    assert "SQLITE_FULL" in (store.health().last_error or "")

    taken = store.add_order(order(), lambda _: [event("t", "order")]).result(5)
    assert not (disk / "reserve").exists()
    with pytest.raises(StorageUnavailableError, match="what is left is for orders"):
        store.record_decision(decision(), [event()]).result(5)
    assert store.reads.order(taken.order.order_id) == taken

    other.unlink()
    back = decision()
    store.record_decision(back, [event()]).result(5)
    assert store.health().last_error is None
    assert (disk / "reserve").exists()
    store.close()

    store = open_store(disk, settings=StoreSettings(reserve_bytes=0))
    assert store.boot.set_aside is None
    for decision_id in [*kept, back.decision_id]:
        assert store.reads.decision(decision_id) is not None
    assert store.health().waiting == len(kept) + 2
    store.close()


def test_the_files_own_limit_refuses_too(tmp_path: Path) -> None:
    store = open_store(tmp_path, settings=StoreSettings(max_bytes=MIB, reserve_bytes=0))
    kept = record_until_refused(store)

    assert len(kept) > 50
    assert store.reads.decision(kept[-1]) is not None
    store.close()
    assert (tmp_path / "edge.db").stat().st_size <= MIB


@pytest.mark.parametrize("outbox_bytes", [MIB, 1 << 30, 64_000_000_000])
def test_the_files_limit_is_never_below_what_may_wait(outbox_bytes: int) -> None:
    settings = StoreSettings.for_outbox(outbox_bytes)

    assert settings.outbox_bytes == outbox_bytes
    assert settings.max_bytes >= max(4 * outbox_bytes, 4 << 30)
    assert settings.reserve_bytes == 64 * MIB


def test_a_start_on_a_full_disk_comes_up_and_records_once_there_is_room(disk: Path) -> None:
    other = fill(disk)
    store = open_store(disk, settings=StoreSettings(reserve_bytes=0))
    assert store.boot.problem is not None
    with pytest.raises(StorageUnavailableError):
        store.record_decision(decision(), []).result(5)
    assert store.health().last_error is not None

    other.unlink()
    made = decision()
    store.record_decision(made, []).result(5)
    health = store.health()
    assert (health.last_error, health.boot.problem) == (None, None)
    assert store.reads.decision(made.decision_id) == made
    assert made.at == NOON
    store.close()
