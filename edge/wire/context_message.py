"""Context that central retains for a site: weather ahead, kitchen load, stock.

Everything from outside is hostile until it has passed here: at most 64 KiB, JSON without NaN and
without bombs, known fields only, each in its range.
"""

from datetime import datetime
from typing import Annotated, Final, Literal

import orjson
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from edge.context.moment import Weather
from edge.core.errors import WireContractError

MAX_BYTES: Final = 64 * 1024


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class WeatherAhead(_Entry):
    """The weather expected from ``from_at`` until the next entry."""

    from_at: AwareDatetime
    temp_c: Annotated[float, Field(ge=-80, le=60)]
    is_wet: bool

    @property
    def weather(self) -> Weather:
        """The weather without its time."""
        return Weather(self.temp_c, self.is_wet)


class StockLine(_Entry):
    """How many are left of one sku; None: unknown."""

    sku: Annotated[str, Field(min_length=1, max_length=64)]
    available: Annotated[int, Field(ge=0, le=1_000_000)] | None


class ContextMessage(_Entry):
    """What one message says; a field left out changes nothing."""

    version: Literal[1]
    sent_at: AwareDatetime
    weather: Annotated[tuple[WeatherAhead, ...], Field(max_length=72)] = ()
    kitchen_load: Annotated[float, Field(ge=0, le=1)] | None = None
    stock: Annotated[tuple[StockLine, ...], Field(max_length=2000)] = ()

    def weather_at(self, at: datetime) -> Weather | None:
        """Return the weather expected for ``at``, or None before the first entry."""
        begun = [entry for entry in self.weather if entry.from_at <= at]
        return max(begun, key=lambda entry: entry.from_at).weather if begun else None


def parse_context(payload: bytes) -> ContextMessage:
    """Return the message in ``payload``.

    Raises:
        WireContractError: It is too large, not JSON, or not a context message; says which.
    """
    if len(payload) > MAX_BYTES:
        msg = f"context: wanted at most {MAX_BYTES} bytes, got {len(payload)}"
        raise WireContractError(msg)
    try:
        # orjson bounds the depth and refuses NaN; pydantic refuses the infinity of 1e999.
        return ContextMessage.model_validate(orjson.loads(payload))
    except orjson.JSONDecodeError as error:
        msg = f"context: wanted JSON, got {error}"
        raise WireContractError(msg) from error
    except ValidationError as error:
        found = "; ".join(
            f"{'.'.join(str(step) for step in mistake['loc'])}: {mistake['msg']}"
            for mistake in error.errors(include_input=False, include_url=False)[:5]
        )
        msg = f"context: wanted schemas/context.json, got {found}"
        raise WireContractError(msg) from error
