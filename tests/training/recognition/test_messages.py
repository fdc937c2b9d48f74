"""What central says of a household passes the appliance's own reading, moved to today."""

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from edge.core.chance import system_chance
from edge.core.errors import TrustError
from edge.identity.consent import Purpose
from edge.identity.day_keys import day_of
from edge.identity.sealing import unseal
from edge.wire.profile_message import parse_profile
from edge.wire.signed import MAX_BYTES
from models.training.recognition.messages import DAYS_AHEAD, PER_MESSAGE, enrolled, messages
from tests.fakes.small_households import one_case

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
DEVICE = X25519PrivateKey.from_private_bytes(b"\x07" * 32)
KEY = DEVICE.public_key().public_bytes_raw()


def opened(sealed: bytes, info: bytes) -> bytes:
    return unseal(sealed, DEVICE.private_bytes_raw(), info)


def test_what_was_bought_three_days_before_lies_three_days_back() -> None:
    people = enrolled([one_case()], system_chance)

    (payload,) = messages(people, KEY, NOW, system_chance)

    (customer,) = parse_profile(payload, opened).customers
    assert {line.day for line in customer.purchases} == {day_of(NOW) - 3}
    assert [said.purpose for said in customer.consents] == [Purpose.PAST_ORDERS]


def test_day_keys_are_those_of_the_households_phone() -> None:
    people = enrolled([one_case()], system_chance)

    (payload,) = messages(people, KEY, NOW, system_chance)

    (customer,) = parse_profile(payload, opened).customers
    keys = customer.keys_by_day()
    assert sorted(keys) == list(range(day_of(NOW) - 1, day_of(NOW) + DAYS_AHEAD + 1))
    assert keys[day_of(NOW)] == people[0].phone.day_key(NOW)


def test_full_profiles_fit_into_messages_that_are_taken() -> None:
    people = enrolled([one_case(lines=250)] * (PER_MESSAGE + 1), system_chance)

    payloads = list(messages(people, KEY, NOW, system_chance))

    assert [len(parse_profile(p, opened).customers) for p in payloads] == [PER_MESSAGE, 1]
    assert max(map(len, payloads)) <= MAX_BYTES


def test_nobody_but_the_device_reads_them() -> None:
    other = X25519PrivateKey.from_private_bytes(b"\x08" * 32)
    (payload,) = messages(enrolled([one_case()], system_chance), KEY, NOW, system_chance)

    with pytest.raises(TrustError):
        parse_profile(payload, lambda s, info: unseal(s, other.private_bytes_raw(), info))
