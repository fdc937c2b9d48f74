import tomllib
from datetime import UTC, datetime, timedelta

import pytest

from edge.central.fleet.provision.claim_files import Handout, claim_file, cloud_init, svg
from edge.central.fleet.provision.claims import LASTS, Place, hash_of, new_claim
from edge.core.chance import system_chance
from edge.core.errors import RequestContractError
from edge.core.shipped import shipped

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
PLACE = Place("shop-7", "kiosk-7")


def test_a_claim_is_160_random_bits_that_a_person_can_read_out() -> None:
    sizes: list[int] = []

    def chance(size: int) -> bytes:
        sizes.append(size)
        return bytes(range(size))

    claim = new_claim(PLACE, LASTS, NOW, chance)
    assert sizes == [20]
    assert claim.text == "EC1-AAAQ-EAYE-AUDA-OCAJ-BIFQ-YDIO-B4IB-CEQT"
    assert claim.text not in repr(claim)


def test_it_is_known_again_however_it_was_typed() -> None:
    text = new_claim(PLACE, LASTS, NOW, system_chance).text
    assert hash_of(text) == hash_of(text.lower().replace("-", " ")) == hash_of(f" {text}\n")


@pytest.mark.parametrize(
    "bad", ["", "EC1", "EC1-" + "A" * 31, "EC2-" + "A" * 32, "EC1-" + "1" * 32]
)
def test_what_is_no_claim_is_said_to_be_none(bad: str) -> None:
    with pytest.raises(RequestContractError, match="wanted a claim") as caught:
        hash_of(bad)
    assert bad == "" or len(bad) < 10 or bad not in str(caught.value)


def test_a_claim_lasts_at_most_30_days() -> None:
    with pytest.raises(RequestContractError, match="30 days"):
        new_claim(PLACE, timedelta(days=31), NOW, system_chance)


def test_a_machine_gets_it_as_a_file_as_user_data_and_as_a_code() -> None:
    claim = new_claim(PLACE, LASTS, NOW, system_chance)
    handout = Handout(claim, "https://central.example", "-----BEGIN CERTIFICATE-----\n")
    text = claim_file(handout)
    assert claim.text in text
    assert claim.text not in repr(handout)
    user_data = cloud_init(shipped("firmware_config/cloud-init/user-data").read_text(), handout)
    assert "@" not in user_data.replace("user-data", "").split("\n", 4)[4]
    assert claim.text not in user_data  # as base64 only
    assert "<svg" in svg(claim)


def test_its_file_holds_the_root_that_the_machine_pins_to_the_last_byte() -> None:
    claim = new_claim(PLACE, LASTS, NOW, system_chance)
    root = '{"keys": "-----BEGIN\\n\u00e9\\"\\\\"}\n'
    text = claim_file(Handout(claim, "https://central.example", "pem\n", root))
    assert tomllib.loads(text)["root"] == root
    assert "root" not in tomllib.loads(claim_file(Handout(claim, "", "pem\n")))
