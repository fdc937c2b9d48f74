"""What a customer bought and told us leaves for central's eyes alone, whole, in parts that fit."""

from base64 import b64decode
from datetime import UTC, datetime
from functools import reduce

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from pydantic import ValidationError

from edge.core.chance import system_chance
from edge.core.clock import SettableClock
from edge.identity.consent import ConsentEvent, Notice, Purpose
from edge.identity.informed import Informed
from edge.identity.profile import MAX_PURCHASES, Profile, Purchase, Wishes
from edge.identity.profile_merge import joined
from edge.identity.sealing import unseal
from edge.store.profile_bytes import MAX_BYTES, to_bytes
from edge.wire.cloudevents import Event, Origin
from edge.wire.customer_events import CustomerEvents
from edge.wire.schema_files import schema
from edge.wire.taste_event import TASTE_INFO, TasteSaid, known_withdrawals, taste_plains

NOON = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
TODAY = 20_513
CENTRAL = X25519PrivateKey.from_private_bytes(b"\x05" * 32)
PSEUDONYM = bytes.fromhex("a1b2c3d4e5f60718")
SHORT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=64)
PURCHASES = st.builds(
    Purchase,
    sku=SHORT,
    day=st.integers(TODAY - 80, TODAY),
    count=st.integers(1, 1000),
    is_gift=st.booleans(),
    gift_said=st.integers(0, 5),
)
PROFILES = st.builds(
    Profile,
    wishes=st.builds(
        Wishes,
        starred=st.frozensets(SHORT, max_size=4),
        less=st.frozensets(SHORT, max_size=4),
        help_level=st.sampled_from(["less", "usual", "more"]),
    ),
    purchases=st.lists(PURCHASES, max_size=4).map(tuple),
    wrong=st.dictionaries(SHORT, st.integers(TODAY - 80, TODAY), max_size=4),
    wishes_changed_at=st.just(NOON),
)


def made(told: Informed, central_key: bytes) -> list[Event]:
    origin = Origin("harbour", "kiosk-01", "0.1.0", lambda: "rtc")
    return CustomerEvents(origin, SettableClock(NOON), system_chance, central_key).tastes(
        PSEUDONYM, told
    )


def withdrawn(event_id: str, purpose: Purpose) -> ConsentEvent:
    notice = Notice("recognition", "1.0", bytes(32), bytes(32), "en")
    return ConsentEvent(event_id, "r" * 32, purpose, "withdrawn", NOON, "app_toggle", notice)


def read_back(plains: list[bytes]) -> list[Informed]:
    return [TasteSaid.model_validate(orjson.loads(plain)).informed for plain in plains]


def whole(parts: list[Informed]) -> Profile:
    return reduce(lambda one, other: joined(one, other.profile, TODAY), parts, Profile())


@given(PROFILES)
def test_what_is_told_is_what_is_read_and_keeps_its_schema(profile: Profile) -> None:
    knows = known_withdrawals([withdrawn("w" * 32, Purpose.TASTES)])

    plains = taste_plains(PSEUDONYM, Informed(profile, knows))

    assert whole(read_back(plains)) == joined(Profile(), profile, TODAY)
    assert all(part.knows == knows for part in read_back(plains))
    validator = Draft202012Validator(dict(schema("taste_sealed")), format_checker=FormatChecker())
    for plain in plains:
        assert [one.message for one in validator.iter_errors(orjson.loads(plain))] == []


def test_a_full_profile_goes_in_parts_that_fit_an_event() -> None:
    lines = tuple(
        Purchase(f"a-long-name-{n}", TODAY - n % 80, 999, is_gift=True, gift_said=9)
        for n in range(MAX_PURCHASES)
    )
    wishes = Wishes(starred=frozenset("s" * 60 + f"{n:03}" for n in range(110)))
    wrong = {f"wrong-{n}": TODAY for n in range(150)}
    profile = Profile(wishes, lines, wrong, NOON)
    knows = {one: frozenset(f"{n:016x}" for n in range(60)) for one in Purpose}
    assert len(to_bytes(Profile(wishes=wishes, wishes_changed_at=NOON))) > MAX_BYTES - 1000

    events = made(Informed(profile, knows), CENTRAL.public_key().public_bytes_raw())

    assert len(events) == 2
    assert all(one.lane == "c" for one in events)
    plains = [
        unseal(
            b64decode(orjson.loads(one.body)["data"]["properties"]["subject_sealed"]),
            CENTRAL.private_bytes_raw(),
            TASTE_INFO,
        )
        for one in events
    ]
    assert whole(read_back(plains)) == Profile(
        wishes, tuple(sorted(lines, key=lambda p: (-p.day, p.sku))), wrong, NOON
    )


def test_outside_of_what_is_sealed_nothing_is_said_of_anybody() -> None:
    told = Informed(Profile(purchases=(Purchase("latte", TODAY, 1),)))

    (event,) = made(told, CENTRAL.public_key().public_bytes_raw())

    assert set(orjson.loads(event.body)["data"]["properties"]) == {"subject_sealed"}
    for secret in (PSEUDONYM, PSEUDONYM.hex().encode(), b"latte"):
        assert secret not in event.body


def test_without_centrals_key_or_without_news_nothing_leaves() -> None:
    told = Informed(Profile(purchases=(Purchase("latte", TODAY, 1),)))

    assert made(told, b"") == []
    assert made(Informed(Profile()), CENTRAL.public_key().public_bytes_raw()) == []


def test_a_withdrawal_is_known_by_itself_and_by_the_consent_that_knew_of_it() -> None:
    gone = withdrawn("w" * 32, Purpose.TASTES)
    again = ConsentEvent(
        "g" * 32,
        "r" * 32,
        Purpose.TASTES,
        "given",
        NOON,
        "app_toggle",
        gone.notice,
        knows=frozenset({"w" * 32}),
    )

    known = known_withdrawals([gone])

    assert known_withdrawals([again]) == known
    assert len(known[Purpose.TASTES]) == 1
    assert known[Purpose.PAST_ORDERS] == frozenset()
    assert "w" * 32 not in str(known)


@pytest.mark.parametrize(
    "change",
    [
        {"pseudonym": "zz"},
        {"purchases": [{"sku": "", "day": TODAY, "count": 1}]},
        {"purchases": [{"sku": "latte", "day": TODAY, "count": 0}]},
        {"wrong": {"latte": -1}},
        {"knows": {"another": []}},
        {"wishes": {"starred": ["secret" * 20]}},
    ],
)
def test_what_no_device_says_is_refused_and_not_repeated(change: dict[str, object]) -> None:
    (plain,) = taste_plains(PSEUDONYM, Informed(Profile(purchases=(Purchase("tea", TODAY, 1),))))

    with pytest.raises(ValidationError) as refused:
        TasteSaid.model_validate(orjson.loads(plain) | change)

    assert "secret" not in str(refused.value)
    assert PSEUDONYM.hex() not in str(refused.value)
