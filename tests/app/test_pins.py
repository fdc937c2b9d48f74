"""A PIN is slow to guess, worth nothing on another device, and never a well-known one."""

import pytest
from argon2 import Type, extract_parameters

from edge.app.pins import PinCost, Pins, refuse_weak
from edge.core.chance import system_chance
from edge.core.errors import RequestContractError
from edge.store.chain import keyed
from tests.fakes.staff_shop import CHEAP, PIN


def pins(key: bytes = b"k" * 32, cost: PinCost | None = CHEAP) -> Pins:
    return Pins(keyed(key), system_chance, cost)


def test_the_right_pin_fits_and_another_does_not() -> None:
    kept = pins().hashed("amira", PIN)

    assert pins().fits("amira", PIN, kept)
    assert not pins().fits("amira", "271829", kept)


def test_a_hash_is_of_one_member_on_one_device() -> None:
    kept = pins().hashed("amira", PIN)

    assert not pins().fits("jonas", PIN, kept)
    assert not pins(b"other" * 8).fits("amira", PIN, kept)


def test_a_pin_is_hashed_with_argon2id_over_64_mebibytes_three_times() -> None:
    kept = pins(cost=None).hashed("amira", PIN)
    found = extract_parameters(kept)

    assert (found.type, found.memory_cost, found.time_cost, found.parallelism) == (
        Type.ID,
        65_536,
        3,
        1,
    )
    assert PIN not in kept


def test_two_hashes_of_one_pin_differ() -> None:
    assert pins().hashed("amira", PIN) != pins().hashed("amira", PIN)


@pytest.mark.parametrize("kept", [None, "", "nonsense", "$argon2id$v=19$m=8,t=1,p=1$x$y"])
def test_nobody_signs_in_without_a_hash_that_fits(kept: str | None) -> None:
    assert not pins().fits("amira", PIN, kept)


@pytest.mark.parametrize(
    "pin",
    ["", "12345", "1234567890123", "27182a", "\u0662\u0667\u0661\u0668\u0662\u0668", "27 182 8"],
)
def test_a_pin_has_six_to_twelve_digits(pin: str) -> None:
    with pytest.raises(RequestContractError, match="6 to 12 digits") as refused:
        refuse_weak(pin)
    assert not pin or pin not in str(refused.value)


@pytest.mark.parametrize("pin", ["000000", "1111111", "123456", "234567890", "987654", "01234567"])
def test_what_everybody_tries_first_is_no_pin(pin: str) -> None:
    with pytest.raises(RequestContractError, match="take another"):
        refuse_weak(pin)
