"""Events into a customer-data platform, through the same port as into PostgreSQL.

``messageId`` is the event's id, by which the platform drops repeats: a batch that was cut short is
sent again. A batch that is refused is halved until the event that spoils it stands alone.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import orjson

from edge.central.bridge.platform_http import (
    MAX_BATCH_BYTES,
    MAX_BATCH_EVENTS,
    MAX_EVENT_BYTES,
    PlatformHttp,
    PlatformRefusedError,
    PlatformUnavailableError,
)
from edge.central.bridge.sink import Arrived, Refused, Written

MOST_WRONG: Final = 2
"""Devices of which all events may be refused, before it is the platform that is not as it should be."""
_FRAME_BYTES: Final = 64
"""``{"batch":[`` and ``],"sentAt":"…"}``."""

_Body = tuple[Arrived, bytes]


class PlatformSink:
    """Writes through HTTP. Cannot tell repeats: all it wrote counts as new."""

    def __init__(self, http: PlatformHttp) -> None:
        self._http = http

    def write(self, batch: Sequence[Arrived]) -> Written:
        """Have the platform take ``batch``, in as many calls as its limits ask for.

        Raises:
            PlatformUnavailableError: It does not, now; or it refuses everything of everybody.
        """
        bodies = [(one, orjson.dumps(one.event["data"])) for one in batch]
        refused = [
            Refused(
                one, f"wanted at most {MAX_EVENT_BYTES} bytes for the platform, got {len(body)}"
            )
            for one, body in bodies
            if len(body) > MAX_EVENT_BYTES
        ]
        fitting = [pair for pair in bodies if len(pair[1]) <= MAX_EVENT_BYTES]
        by_platform = [one for call in _calls(fitting) for one in self._post(call)]
        if len(by_platform) == len(fitting) and _speaks_of_us(by_platform):
            msg = f"wanted the platform to take something, got all {len(fitting)} events refused"
            raise PlatformUnavailableError(msg)
        refused += by_platform
        return Written(new=len(batch) - len(refused), refused=tuple(refused))

    def _post(self, call: Sequence[_Body]) -> list[Refused]:
        try:
            self._http.post([body for _, body in call])
        except PlatformRefusedError as error:
            if len(call) == 1:
                return [Refused(call[0][0], str(error))]
            middle = len(call) // 2
            return self._post(call[:middle]) + self._post(call[middle:])
        return []


def _speaks_of_us(refused: Sequence[Refused]) -> bool:
    """Say whether so many devices cannot all be wrong; one or two that lie may not stop the others."""
    return len({one.arrived.device for one in refused}) > MOST_WRONG


def _calls(bodies: Sequence[_Body]) -> Iterator[Sequence[_Body]]:
    call: list[_Body] = []
    size = _FRAME_BYTES
    for pair in bodies:
        if call and (size + len(pair[1]) + 1 > MAX_BATCH_BYTES or len(call) == MAX_BATCH_EVENTS):
            yield call
            call, size = [], _FRAME_BYTES
        call.append(pair)
        size += len(pair[1]) + 1
    if call:
        yield call
