"""A customer's phone without the phone."""

import pytest

from edge.core.chance import system_chance
from edge.core.errors import RequestContractError
from edge.identity.codes import K1, K4, Issuer, parse
from edge.identity.simulated_phone import SimulatedPhone
from tests.fakes import frozen_token as frozen

PHONE = SimulatedPhone(frozen.BEACON_KEY, frozen.GROUP, frozen.PREFIX)


def once(size: int) -> bytes:
    assert size == 4
    return frozen.NONCE


def test_it_shows_and_sends_what_the_frozen_phone_does() -> None:
    assert PHONE.day_key(frozen.AT) == frozen.DAY_KEY
    assert PHONE.k1(frozen.AT, once) == frozen.K1_CODE
    assert PHONE.frame(frozen.AT) == frozen.FRAME


def test_each_code_it_draws_is_new() -> None:
    codes = {PHONE.k1(frozen.AT, system_chance) for _ in range(20)}

    assert len(codes) == 20
    assert all(isinstance(parse(code), K1) for code in codes)


def test_with_an_issuers_word_it_shows_k4_codes_too() -> None:
    issuer = Issuer(b"shop", bytes(32))
    phone = PHONE.with_credential(issuer, frozen.AT, system_chance, scope=1)
    code = parse(phone.k4(frozen.AT, system_chance))

    assert isinstance(code, K4)
    assert code.is_signed_by(issuer.public_key)
    assert (code.pseudonym, code.scope) == (PHONE.pseudonym, 1)
    assert phone.k1(frozen.AT, once) == frozen.K1_CODE


def test_without_one_it_says_what_is_missing() -> None:
    with pytest.raises(RequestContractError, match="wanted a phone with a credential"):
        PHONE.k4(frozen.AT, system_chance)


def test_its_keys_are_not_printed() -> None:
    phone = PHONE.with_credential(Issuer(b"shop", bytes(32)), frozen.AT, system_chance)

    assert repr(phone) == f"SimulatedPhone(group=7, prefix={frozen.PREFIX!r})"
    assert repr(phone.held) == "HeldCredential()"
