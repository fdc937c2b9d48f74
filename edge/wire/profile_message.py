"""Messages from central about customers: profiles with day keys, and erasures.

The outer message is small and open; what it says about people is sealed to this device (HPKE),
and hostile until it has passed here.

Source: decided.md 30, 41; fleet.md of the design.
"""

from base64 import b64decode
from collections.abc import Callable
from typing import Annotated, Final, Literal, TypeVar

import orjson
from pydantic import AwareDatetime, Field, ValidationError

from edge.core.errors import TrustError, WireContractError
from edge.identity.consent import Purpose
from edge.identity.profile import Profile
from edge.wire.profile_facts import (
    Day,
    Entry,
    Moment,
    PurchaseLine,
    Short,
    WishesSaid,
    profile_of,
)
from edge.wire.signed import MAX_BYTES

PROFILE_INFO: Final = b"instore profile 1"
ERASE_INFO: Final = b"instore erase 1"

Open = Callable[[bytes, bytes], bytes]
"""Opens what was sealed to this device: (sealed, info) -> plain. Raises TrustError."""

Hex8 = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
Hex16 = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class _Envelope(Entry):
    version: Literal[1]
    message_id: Annotated[str, Field(min_length=32, max_length=36)]
    sent_at: AwareDatetime
    sealed: Annotated[str, Field(min_length=1, max_length=349_526)]
    signature: Annotated[str, Field(pattern=r"^([0-9a-f]{128})?$")] = ""
    """Checked before (edge/wire/signed.py) where a message comes over the broker."""


class ConsentSaid(Entry):
    """One event of a consent as central keeps it."""

    event_id: Annotated[str, Field(min_length=32, max_length=36)]
    record_id: Annotated[str, Field(min_length=32, max_length=36)]
    purpose: Purpose
    state: Literal["given", "refused", "withdrawn", "expired", "renewed", "invalidated"]
    at: Moment
    valid_until: Moment | None = None
    notice_version: Annotated[str, Field(max_length=32)] = ""
    knows: Annotated[tuple[Annotated[str, Field(max_length=36)], ...], Field(max_length=60)] = ()
    """Withdrawals that were known where this was said."""


class CustomerSaid(Entry):
    """One customer as central knows them."""

    pseudonym: Hex8
    since_at: Moment | None = None
    language: Annotated[str, Field(max_length=16)] = ""
    day_keys: Annotated[
        dict[Annotated[str, Field(pattern=r"^[0-9]{1,6}$")], Hex16], Field(max_length=40)
    ]
    purchases: Annotated[tuple[PurchaseLine, ...], Field(max_length=200)] = ()
    wishes: WishesSaid | None = None
    wrong: Annotated[dict[Short, Day], Field(max_length=200)] = Field(default_factory=dict)
    consents: Annotated[tuple[ConsentSaid, ...], Field(min_length=1, max_length=60)]

    @property
    def profile(self) -> Profile:
        """Return what is said of them beside keys and consents."""
        return profile_of(self.purchases, self.wishes, self.wrong)

    def keys_by_day(self) -> dict[int, bytes]:
        """Return day -> key."""
        return {int(day): bytes.fromhex(key) for day, key in self.day_keys.items()}


class ProfileSaid(Entry):
    """What a profile message holds."""

    customers: Annotated[tuple[CustomerSaid, ...], Field(max_length=500)]


class EraseSaid(Entry):
    """What an erase message holds."""

    pseudonyms: Annotated[tuple[Hex8, ...], Field(min_length=1, max_length=500)]


_Said = TypeVar("_Said", bound=Entry)


def parse_profile(payload: bytes, unseal: Open) -> ProfileSaid:
    """Return what a profile message says.

    Raises:
        WireContractError: It is too large, not JSON, or not such a message; names no value.
        TrustError: It was not sealed to this device for this purpose.
    """
    return _parse("profile", ProfileSaid, _opened("profile", payload, unseal, PROFILE_INFO))


def parse_erase(payload: bytes, unseal: Open) -> EraseSaid:
    """Return what an erase message says; raises as ``parse_profile`` does."""
    return _parse("erase", EraseSaid, _opened("erase", payload, unseal, ERASE_INFO))


def _opened(name: str, payload: bytes, unseal: Open, info: bytes) -> bytes:
    if len(payload) > MAX_BYTES:
        msg = f"{name}: wanted at most {MAX_BYTES} bytes, got {len(payload)}"
        raise WireContractError(msg)
    envelope = _parse(name, _Envelope, payload)
    try:
        sealed = b64decode(envelope.sealed, validate=True)
    except ValueError as error:
        msg = f"{name}: wanted base64 in 'sealed', got something else"
        raise TrustError(msg) from error
    return unseal(sealed, info)


def _parse(name: str, wanted: type[_Said], text: bytes) -> _Said:
    try:
        return wanted.model_validate(orjson.loads(text))
    except orjson.JSONDecodeError:
        msg = f"{name}: wanted JSON, got something else"
        raise WireContractError(msg) from None
    except ValidationError as error:
        found = "; ".join(
            f"{'.'.join(str(step) for step in mistake['loc'])}: {mistake['msg']}"
            for mistake in error.errors(include_input=False, include_url=False)[:5]
        )
        msg = f"{name}: wanted schemas/{name}.json, got {found}"
        raise WireContractError(msg) from None
