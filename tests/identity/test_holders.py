"""A customer's keys as this device holds them."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from edge.core.errors import ContractError
from edge.identity.holders import Holder, keys_for
from edge.identity.profile import CustomerId
from tests.fakes import frozen_token as frozen

HOLDER = Holder(
    customer_id=CustomerId(b"customer-id-16-b"),
    subject_ref="subject-reference",
    pseudonym=b"pseudo-8",
    beacon_key=frozen.BEACON_KEY,
    day_keys={20716: b"k" * 16, 20717: b"l" * 16},
    is_reported=True,
    since_at=datetime(2026, 9, 21, 13, 33, 20, tzinfo=UTC),
    language="de",
)


@pytest.mark.parametrize("holder", [HOLDER, replace(HOLDER, pseudonym=None, beacon_key=None)])
def test_a_holder_is_read_back_as_it_was_written(holder: Holder) -> None:
    assert Holder.from_json(holder.to_json()) == holder


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"{}", id="no field"),
        pytest.param(b"\xff", id="no text"),
        pytest.param(HOLDER.to_json().replace(b'"language"', b'"lang"'), id="another field"),
        pytest.param(HOLDER.to_json().replace(b"6c6c", b"6c", 1), id="a short key"),
        pytest.param(HOLDER.to_json().replace(b'"20716"', b'"today"'), id="a day with a name"),
        pytest.param(HOLDER.to_json().replace(b'"2026-', b'"26-'), id="no moment"),
    ],
)
def test_other_content_is_refused_without_being_repeated(text: bytes) -> None:
    with pytest.raises(ContractError, match=r"^wanted a holder as this device seals it") as caught:
        Holder.from_json(text)

    assert caught.value.__cause__ is None
    assert HOLDER.subject_ref not in str(caught.value)


def test_nothing_that_leads_to_a_person_is_printed() -> None:
    assert repr(HOLDER) == (
        "Holder(is_reported=True, since_at=datetime.datetime(2026, 9, 21, 13, 33, 20, "
        "tzinfo=datetime.timezone.utc), language='de')"
    )


def test_centrals_day_keys_are_used_and_the_phones_key_gives_those_of_other_days() -> None:
    keys = keys_for(replace(HOLDER, day_keys={20716: b"k" * 16}), frozen.GROUP, range(20716, 20719))

    assert list(keys) == [20716, 20717, 20718]
    assert keys[20716] == b"k" * 16
    assert keys[20717] == frozen.DAY_KEY


def test_without_the_phones_key_recognition_ends_with_the_day_keys() -> None:
    keys = keys_for(replace(HOLDER, beacon_key=None), frozen.GROUP, range(20717, 20750))

    assert keys == {20717: b"l" * 16}
