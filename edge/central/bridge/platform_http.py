"""One POST to a customer-data platform's batch interface, in Segment's shape.

Source: Segment HTTP Tracking API, ``/v1/batch``: {"batch": [...], "sentAt"}, at most 500 kB and 2,500
events a call, 32 kB an event, basic authentication with the write key as the user's name.
RudderStack's is the same.

The platform is somebody else's. It gets ``timeout_s`` for the whole of a call, and 64 KiB for its answer; of
the answer only the status counts, and whether it is a page, which no such interface gives: somebody
else answers at the address then, such as a proxy that wants a password.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Final

import urllib3
from urllib3.exceptions import HTTPError

from edge.central.bridge.cut_short import POOLS, cut_after
from edge.core.clock import Clock
from edge.core.errors import ContractError, UnavailableError
from edge.wire.cloudevents import rfc3339

MAX_BATCH_BYTES: Final = 500_000
MAX_BATCH_EVENTS: Final = 2_500
MAX_EVENT_BYTES: Final = 32_000
_MAX_ANSWER_BYTES: Final = 64 * 1024
_LONGEST_WAIT_S: Final = 3600.0
_TAKEN: Final = frozenset({200, 201, 202, 204})
_REFUSED: Final = frozenset({207, 400, 413, 422})
"""Answers that are about what was sent; 207 is about a part of it, which is found by halving. A wrong address or key is about us: 401, 403, 404."""


class PlatformUnavailableError(UnavailableError):
    """The platform cannot take events now."""

    def __init__(self, message: str, wait_s: float | None = None) -> None:
        super().__init__(message)
        self.wait_s = wait_s
        """How long it asks to be left alone."""


class PlatformRefusedError(ContractError):
    """The platform does not take something in this batch."""


@dataclass(frozen=True, slots=True)
class Platform:
    """Where the platform is, and what it knows us by."""

    url: str
    write_key: str = field(repr=False)
    timeout_s: float = 20.0


class PlatformHttp:
    """Posts batches; not for several threads."""

    def __init__(self, platform: Platform, clock: Clock) -> None:
        self._platform = platform
        self._clock = clock
        self._pool = urllib3.PoolManager(
            num_pools=1,
            retries=False,
            timeout=urllib3.Timeout(total=platform.timeout_s),
            headers={
                "content-type": "application/json",
                **urllib3.make_headers(basic_auth=f"{platform.write_key}:"),
            },
        )
        self._pool.pool_classes_by_scheme = dict(POOLS)

    def post(self, bodies: Sequence[bytes]) -> None:
        """Have the platform take ``bodies``.

        Raises:
            PlatformUnavailableError: It is not there, is busy, or does not know us: try later.
            PlatformRefusedError: It does not take something in it.
        """
        sent_at = f'],"sentAt":"{rfc3339(self._clock())}"}}'.encode()
        payload = b'{"batch":[' + b",".join(bodies) + sent_at
        status, headers = self._asked(payload)
        is_page = headers.get("content-type", "").lower().startswith("text/html")
        if status in _TAKEN and not is_page:
            return
        if status in _REFUSED:
            msg = f"the platform refused it with {status}"
            raise PlatformRefusedError(msg)
        got = f"{status} with a page for people" if is_page else str(status)
        msg = f"wanted the platform to take {len(bodies)} events, got {got}"
        if is_page:
            msg += "; check [platform] url"
        if status in {401, 403}:
            msg += "; check [platform] write_key_file"
        raise PlatformUnavailableError(msg, self._wait_s(headers.get("retry-after")))

    def _asked(self, payload: bytes) -> tuple[int, Mapping[str, str]]:
        try:
            with cut_after(self._platform.timeout_s) as call:
                answer = self._pool.request(
                    "POST", self._platform.url, body=payload, preload_content=False
                )
                try:
                    # What follows would be the next answer's beginning.
                    rest = answer.read(_MAX_ANSWER_BYTES, decode_content=False)
                    if len(rest) == _MAX_ANSWER_BYTES:
                        answer.close()
                finally:
                    answer.release_conn()
        except HTTPError as error:
            msg = f"wanted the platform, got {type(error).__name__}; check [platform] url"
            raise PlatformUnavailableError(msg) from error
        if call.was_cut:
            msg = f"wanted the platform's answer within {self._platform.timeout_s:g} s, got a part"
            raise PlatformUnavailableError(msg)
        return answer.status, answer.headers

    def close(self) -> None:
        """Close its connections."""
        self._pool.clear()

    def _wait_s(self, asked: str | None) -> float | None:
        if asked is None:
            return None
        try:
            if asked.strip().isdigit():
                wait_s = float(asked)
            else:
                wait_s = (parsedate_to_datetime(asked) - self._clock()).total_seconds()
        except (ValueError, TypeError):
            return None
        return min(max(wait_s, 0.0), _LONGEST_WAIT_S)
