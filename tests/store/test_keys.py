"""The device's keys and its customers' keys: made once, private, and gone when they are deleted."""

import os
import shutil
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from edge.core.chance import system_chance
from edge.core.clock import SettableClock
from edge.core.errors import SettingsContractError, StorageUnavailableError, TrustError
from edge.identity.profile import CustomerId
from edge.identity.sealing import seal as seal_to
from edge.store.key_file import KeysUnfitError
from edge.store.keys import KeyFile
from edge.store.keys_database import KeysDatabase
from edge.store.sealed import Place, SealBrokenError, seal, unseal
from tests.fakes.recorded import NOON

ROOT = "device-root.key"


def open_keys(folder: Path, clock: SettableClock | None = None) -> KeyFile:
    return KeyFile.open(folder, clock=clock or SettableClock(NOON), chance=system_chance)


def customer() -> CustomerId:
    return CustomerId(system_chance(16))


def bytes_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def wrapped_keys(folder: Path) -> dict[bytes, bytes]:
    database = KeysDatabase(folder / "keys.db")
    rows = database.read("SELECT customer_id, wrapped FROM data_key")
    database.close()
    return dict(rows)


def test_a_new_device_makes_its_keys_for_its_owner_only_and_keeps_them(tmp_path: Path) -> None:
    one = customer()
    keys = open_keys(tmp_path)
    made = (keys.public_key, keys.exchange_key, keys.derive("session"), keys.data.make(one))
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    keys.close()

    again = open_keys(tmp_path)
    assert again.problem is None
    assert again.protection == "file"
    assert (again.public_key, again.exchange_key, again.derive("session")) == made[:3]
    assert again.data.of(one) == made[3]
    again.close()
    assert modes == {ROOT: 0o600, "keys.db": 0o600, "keys.db-wal": 0o600}


def test_labels_and_devices_give_unrelated_keys(tmp_path: Path) -> None:
    keys, other = open_keys(_folder(tmp_path, "a")), open_keys(_folder(tmp_path, "b"))
    derived = {k.derive(label) for k in (keys, other) for label in ("audit-hmac", "session")}
    assert len(derived) == 4
    assert all(len(key) == 32 for key in derived)
    for label in ("kek/1", "device-keys"):
        with pytest.raises(ValueError, match="wraps other keys"):
            keys.derive(label)
    keys.close()
    other.close()


def test_the_device_signs_and_opens_what_is_sealed_to_it(tmp_path: Path) -> None:
    keys = open_keys(tmp_path)
    public = Ed25519PublicKey.from_public_bytes(keys.public_key)
    public.verify(keys.sign(b"message"), b"message")
    with pytest.raises(InvalidSignature):
        public.verify(keys.sign(b"message"), b"another")

    sealed = seal_to(b"a profile", keys.exchange_key, b"purpose")
    assert keys.open_sealed(sealed, b"purpose") == b"a profile"
    with pytest.raises(TrustError):
        keys.open_sealed(sealed, b"another purpose")
    keys.close()


@pytest.mark.parametrize("name", [ROOT, "keys.db"])
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o700])
def test_the_service_does_not_start_while_others_may_read_the_keys(
    tmp_path: Path, name: str, mode: int
) -> None:
    open_keys(tmp_path).close()
    (tmp_path / name).chmod(mode)

    with pytest.raises(SettingsContractError, match=rf"{name}.*chmod 600"):
        open_keys(tmp_path)


def test_a_mask_that_lets_everybody_in_does_not_reach_the_keys(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        keys = open_keys(tmp_path)
    finally:
        os.umask(before)
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    keys.close()


def _folder(parent: Path, name: str) -> Path:
    folder = parent / name
    folder.mkdir()
    return folder


def _lose_root(folder: Path) -> None:
    (folder / ROOT).unlink()


def _swap_root(folder: Path) -> None:
    (folder / ROOT).write_bytes(system_chance(32))


def _cut_root(folder: Path) -> None:
    (folder / ROOT).write_bytes(b"short")


def _link_root(folder: Path) -> None:
    (folder / ROOT).rename(folder / "elsewhere")
    (folder / ROOT).symlink_to(folder / "elsewhere")


def _damage_database(folder: Path) -> None:
    (folder / "keys.db").write_bytes(b"no database" * 1000)


@pytest.mark.parametrize("harm", [_lose_root, _swap_root, _cut_root, _link_root, _damage_database])
def test_keys_that_do_not_fit_leave_the_device_anonymous_and_are_reported(
    tmp_path: Path, harm: object
) -> None:
    open_keys(tmp_path).close()
    before = {path.name for path in tmp_path.iterdir()}
    assert callable(harm)
    harm(tmp_path)
    left = bytes_in(tmp_path)

    keys = open_keys(tmp_path)
    assert keys.problem is not None
    for use in (lambda: keys.derive("x"), lambda: keys.sign(b""), lambda: keys.data):
        with pytest.raises(KeysUnfitError):
            use()
    keys.close()
    assert bytes_in(tmp_path) == left, "nothing may be made in place of what is lost"
    assert {path.name for path in tmp_path.iterdir()} - {"elsewhere"} <= before


def test_a_key_can_be_shredded_while_the_root_is_lost(tmp_path: Path) -> None:
    one, other = customer(), customer()
    keys = open_keys(tmp_path)
    keys.data.make(one)
    keys.data.make(other)
    keys.close()
    root = (tmp_path / ROOT).read_bytes()
    _lose_root(tmp_path)

    lost = open_keys(tmp_path)
    lost.shred([one])
    lost.close()
    (tmp_path / ROOT).write_bytes(root)
    (tmp_path / ROOT).chmod(0o600)

    found = open_keys(tmp_path)
    assert found.data.of(one) is None
    assert found.data.of(other) is not None
    found.close()


def test_no_key_is_on_the_disk_in_clear(tmp_path: Path) -> None:
    keys = open_keys(tmp_path)
    secret = [keys.data.make(customer()) for _ in range(20)]
    secret += [keys.derive("session"), keys.derive("audit-hmac")]
    found = bytes_in(tmp_path)
    keys.close()
    assert not [key for key in secret if key in found]


def test_nothing_of_a_shredded_key_is_in_the_file_or_its_log(tmp_path: Path) -> None:
    keys = open_keys(tmp_path)
    everybody = [customer() for _ in range(600)]
    for one in everybody:
        keys.data.make(one)
    keys.close()
    wrapped = wrapped_keys(tmp_path)

    keys = open_keys(tmp_path)
    gone, kept = everybody[::2], everybody[1::2]
    size = (tmp_path / "keys.db").stat().st_size
    for one in gone[:20]:
        keys.shred([one])
        keys.data.make(customer())
    keys.shred(gone[20:])
    found = bytes_in(tmp_path)
    assert not [one for one in gone if bytes(one) in found or wrapped[one] in found]
    assert not [one for one in gone if wrapped[one][:12] in found or wrapped[one][-16:] in found]
    assert all(wrapped[one] in found for one in kept), "else the search proves nothing"
    assert (tmp_path / "keys.db").stat().st_size < size, "the file is written anew"
    assert not any(keys.data.of(one) for one in gone)
    assert all(keys.data.of(one) for one in kept)
    keys.close()


def test_after_thirty_days_keys_are_wrapped_again_and_the_old_epoch_opens_nothing(
    tmp_path: Path,
) -> None:
    clock = SettableClock(NOON)
    keys = open_keys(tmp_path, clock)
    everybody = [customer() for _ in range(25)]
    before = {one: keys.data.make(one) for one in everybody}
    keys.close()
    stolen = shutil.copytree(tmp_path, tmp_path.with_name("stolen"))
    old = wrapped_keys(stolen)

    keys = open_keys(tmp_path, clock)
    clock.advance(timedelta(days=29))
    assert keys.data.rotate(clock()) == 0
    clock.advance(timedelta(days=1))
    assert keys.data.rotate(clock(), limit=10) == 25
    assert keys.data.rotate(clock(), limit=10) == 0
    assert {one: keys.data.of(one) for one in everybody} == before
    keys.shred(everybody[:1])
    found = bytes_in(tmp_path)
    keys.close()

    assert not [one for one in everybody if old[one] in found]
    assert set(wrapped_keys(tmp_path)) == set(everybody[1:])
    # A remnant of the old row, put back: root and keys.db of today open it no more.
    one = everybody[0]
    database = KeysDatabase(tmp_path / "keys.db")
    with database.transaction() as con:
        con.execute("INSERT INTO data_key VALUES (?, 1, 20000, ?)", (one, old[one]))
    database.close()
    keys = open_keys(tmp_path, clock)
    with pytest.raises(SealBrokenError, match="destroyed"):
        keys.data.of(one)
    keys.close()


def test_a_rotation_that_was_cut_off_is_finished_by_the_next(tmp_path: Path) -> None:
    clock = SettableClock(NOON)
    keys = open_keys(tmp_path, clock)
    everybody = [customer() for _ in range(10)]
    before = {one: keys.data.make(one) for one in everybody}
    clock.advance(timedelta(days=31))
    wrap_again, left = keys.data._wrap_again, iter(range(4))

    def cut_off(*row: object) -> None:
        if next(left, None) is None:
            raise StorageUnavailableError
        wrap_again(*row)  # type: ignore[arg-type]

    keys.data._wrap_again = cut_off  # type: ignore[method-assign,assignment]
    with pytest.raises(StorageUnavailableError):
        keys.data.rotate(clock(), limit=2)
    keys.close()

    keys = open_keys(tmp_path, clock)
    assert {one: keys.data.of(one) for one in everybody} == before
    assert keys.data.rotate(clock()) == 6
    assert {one: keys.data.of(one) for one in everybody} == before
    keys.close()
    database = KeysDatabase(tmp_path / "keys.db")
    assert database.read("SELECT epoch FROM key_epoch") == [(2,)]
    database.close()


def test_an_epoch_that_a_clock_years_ahead_began_ends_once_the_clock_is_right(
    tmp_path: Path,
) -> None:
    clock = SettableClock(NOON + timedelta(days=2000))
    keys = open_keys(tmp_path, clock)
    one = customer()
    key = keys.data.make(one)
    clock.at = NOON
    assert keys.data.rotate(clock()) == 1
    assert keys.data.of(one) == key
    keys.close()


def test_a_changed_row_of_keys_takes_no_other_along(tmp_path: Path) -> None:
    keys = open_keys(tmp_path)
    everybody = sorted(customer() for _ in range(5))
    for one in everybody:
        keys.data.make(one)
    keys.close()
    database = KeysDatabase(tmp_path / "keys.db")
    with database.transaction() as con:  # one customer's key in another's row
        con.execute(
            "UPDATE data_key SET wrapped = (SELECT wrapped FROM data_key WHERE customer_id = ?)"
            " WHERE customer_id = ?",
            (everybody[1], everybody[2]),
        )
    database.close()

    keys = open_keys(tmp_path)
    assert list(keys.data.within(everybody[0], everybody[4])) == [
        *everybody[:2],
        *everybody[3:],
    ]
    with pytest.raises(SealBrokenError):
        keys.data.of(everybody[2])
    keys.close()


def test_facts_are_kept_apart_from_the_main_database(tmp_path: Path) -> None:
    keys = open_keys(tmp_path)
    assert keys.noted("audit-head") is None
    keys.note("audit-head", b"1")
    keys.note("audit-head", b"2")
    keys.close()
    keys = open_keys(tmp_path)
    assert keys.noted("audit-head") == b"2"
    keys.close()
    with pytest.raises(StorageUnavailableError, match="closed"):
        keys.noted("audit-head")


def test_a_sealed_value_opens_at_its_own_place_only() -> None:
    key, place = system_chance(32), Place("customer", b"1" * 16, 7)
    sealed = seal(key, b"a name", place, system_chance)
    assert unseal(key, sealed, place) == b"a name"
    assert seal(key, b"a name", place, system_chance) != sealed

    elsewhere = [
        Place("other", place.row, 7),
        Place("customer", b"2" * 16, 7),
        Place("customer", place.row, 6),
    ]
    for wrong in elsewhere:
        with pytest.raises(SealBrokenError):
            unseal(key, sealed, wrong)
    for changed in (sealed[:-1], sealed[1:], b"", bytes([sealed[0] ^ 1]) + sealed[1:]):
        with pytest.raises(SealBrokenError):
            unseal(key, changed, place)
    with pytest.raises(SealBrokenError):
        unseal(system_chance(32), sealed, place)
