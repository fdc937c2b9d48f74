"""Adding people: what will not do is said, and what was done is audited."""

from pathlib import Path

import pytest

from edge.core.errors import RequestContractError
from edge.web.staff_ports import SignInRefused, StaffSession
from tests.fakes.staff_shop import PIN, StaffShop

OTHER_PIN = "161803"


@pytest.mark.parametrize("user_id", ["", "a", "Amira", "1a", "a b", "a" * 33, "ämira"])
def test_a_user_id_is_short_and_plain(shop: StaffShop, user_id: str) -> None:
    with pytest.raises(RequestContractError, match="user id"):
        shop.office.put(user_id, "Amira", "associate", PIN)


@pytest.mark.parametrize("name", ["", "  ", "x" * 41, "a\x00b"])
def test_a_name_is_there_and_short(shop: StaffShop, name: str) -> None:
    with pytest.raises(RequestContractError, match="name"):
        shop.office.put("amira", name, "associate", PIN)


def test_another_pin_takes_the_place_of_the_one_before(shop: StaffShop) -> None:
    tablet = shop.tablet()
    shop.office.set_pin("amira", OTHER_PIN)

    assert isinstance(shop.desk.sign_in(tablet, "amira", PIN), SignInRefused)
    assert isinstance(shop.desk.sign_in(tablet, "amira", OTHER_PIN), StaffSession)


def test_nobody_can_be_changed_who_is_not_there(shop: StaffShop) -> None:
    with pytest.raises(RequestContractError, match="nobody"):
        shop.office.set_pin("nobody", PIN)
    with pytest.raises(RequestContractError, match="nobody"):
        shop.office.remove("nobody")
    with pytest.raises(RequestContractError, match="nobody"):
        shop.office.remove_tablet("nobody")


def test_a_new_code_for_a_tablet_takes_the_place_of_the_one_before(shop: StaffShop) -> None:
    first = shop.office.offer_tablet("counter").code
    second = shop.office.offer_tablet("counter")

    assert shop.desk.enrol_tablet(first) is None
    assert second.code not in repr(second)
    assert shop.desk.enrol_tablet(second.code) is not None
    assert [tablet.name for tablet in shop.store.staff.tablets()] == ["counter"]


def test_a_tablet_that_is_enrolled_again_leaves_its_old_key_worthless(shop: StaffShop) -> None:
    old, new = shop.tablet("counter"), shop.tablet("counter")

    assert not shop.desk.is_enrolled(old)
    assert shop.desk.is_enrolled(new)


def test_every_change_of_the_team_is_audited(shop: StaffShop) -> None:
    before = len(shop.deeds())
    shop.office.set_pin("amira", OTHER_PIN)
    shop.tablet()
    shop.office.remove_tablet("counter")
    shop.office.remove("amira")

    assert [action for _, action in shop.deeds()[before:]] == [
        "set_pin",
        "offer_tablet",
        "enrol_tablet",
        "remove_tablet",
        "remove_member",
    ]


def test_no_pin_code_or_key_lies_on_the_disk_in_clear(shop: StaffShop, tmp_path: Path) -> None:
    code = shop.office.offer_tablet("counter").code
    key = shop.desk.enrol_tablet(code) or ""
    session = shop.signed_in(key)
    secrets = [PIN, code, code.replace("-", ""), key, session.key]

    files = [path for path in tmp_path.iterdir() if path.is_file()]
    assert any(path.name == "edge.db-wal" for path in files)
    for path in files:
        found = path.read_bytes()
        assert not any(secret.encode() in found for secret in secrets), path.name
        assert bytes.fromhex(key) not in found, path.name
