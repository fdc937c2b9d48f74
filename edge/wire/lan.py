"""What the devices of one shop tell each other over the shop's broker.

    stock    retained   which sku has how many left, as this device last heard it said
    counts   retained   how often each offer was shown and taken on this device, per day of the site
    used     passing    that a code opened something here; only a digest of it
    near     passing    that a known beacon is heard here: the bytes that anybody in the shop hears

Nothing here names or links a customer: a digest is of one code, a beacon's bytes change every
five minutes, and neither is kept for longer than that matters. Whoever can write here is a device of this
shop; what it says is still checked, bounded, and believed no further than docs/threats.md says.

Source: decided.md 21, 29, 33, 43.
"""

from datetime import date
from typing import Annotated, Final, Literal, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from edge.core.errors import WireContractError
from edge.wire.canonical import parse_object

MAX_STATE_BYTES: Final = 200 * 1024
MAX_PASSING_BYTES: Final = 1024
MAX_SKUS: Final = 5_000
MAX_OFFERS: Final = 1_000

STOCK: Final = "stock"
COUNTS: Final = "counts"
USED: Final = "used"
NEAR: Final = "near"
KINDS: Final = (STOCK, COUNTS, USED, NEAR)

Sku = Annotated[str, Field(min_length=1, max_length=64)]
Device = Annotated[str, Field(pattern=r"^[a-z0-9-]{3,32}$")]
_Seq = Annotated[int, Field(ge=1, lt=2**53)]
_Left = Annotated[int, Field(ge=0, le=1_000_000)]
_Times = Annotated[int, Field(ge=0, le=10_000_000)]


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    version: Literal[1] = 1


class StockTold(_Told):
    """The newest word on each sku that this device knows, wherever it was said."""

    entries: Annotated[
        tuple[tuple[Sku, _Seq, Device, _Left | None], ...], Field(max_length=MAX_SKUS)
    ]
    """sku, its number in the order of words on that sku, who said it, how many are left."""


class CountsTold(_Told):
    """This device's own counts; they only grow within a day."""

    days: Annotated[
        dict[date, Annotated[dict[Sku, tuple[_Times, _Times]], Field(max_length=MAX_OFFERS)]],
        Field(max_length=3),
    ]
    """Day of the site -> offer -> (shown, taken)."""


class UsedTold(_Told):
    """A code opened something here."""

    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    at_s: Annotated[int, Field(ge=0, lt=2**32)]
    """The code's own moment."""


class NearTold(_Told):
    """A known beacon is heard at a screen of this device."""

    frame: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    screen: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
    place: Annotated[str, Field(max_length=40)] = ""
    rssi_dbm: Annotated[int, Field(ge=-127, le=20)]


Told = TypeVar("Told", StockTold, CountsTold, UsedTold, NearTold)


def told_bytes(told: StockTold | CountsTold | UsedTold | NearTold) -> bytes:
    """Return the message as it is published."""
    return orjson.dumps(told.model_dump(mode="json"))


def read_told(kind: type[Told], payload: bytes) -> Told:
    """Return the message of ``kind`` in ``payload``.

    Raises:
        WireContractError: It is too long, or not such a message.
    """
    is_state = issubclass(kind, StockTold | CountsTold)
    max_bytes = MAX_STATE_BYTES if is_state else MAX_PASSING_BYTES
    found = parse_object(payload, max_bytes=max_bytes, what=kind.__name__)
    try:
        return kind.model_validate(found)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        # A place in it may be a name that the sender chose: it goes into the log as one short line.
        where = ascii(".".join(str(part) for part in first["loc"]))[:80]
        msg = (
            f"{kind.__name__}: {error.error_count()} mistakes, the first at {where}: {first['msg']}"
        )
        raise WireContractError(msg) from error
