"""The last lines of the log, kept in memory for central to ask for.

No personal data is logged anywhere (a rule of this house). Should a line hold something that looks
like a key, a token or a customer's code all the same, it does not leave the device; tracebacks,
which quote values, are never kept.
"""

import logging
import re
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from edge.app.commands.listener import Arguments
from edge.core.errors import RequestContractError
from edge.wire.cloudevents import rfc3339

KEPT: Final = 500
MOST_LINES: Final = 100
_MOST_CHARACTERS: Final = 240
_SECRET: Final = re.compile(r"K[124]:\S+|/P/\S+|[0-9A-Fa-f]{24,}|[A-Za-z0-9+/_-]{40,}")


class LogTail(logging.Handler):
    """Keeps the last lines of the loggers it is added to."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self._lines: deque[str] = deque(maxlen=KEPT)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line."""
        try:
            said = record.getMessage()
        except (TypeError, ValueError):
            said = "a line that cannot be written"
        at = rfc3339(datetime.fromtimestamp(record.created, UTC))
        line = " ".join(_SECRET.sub("…", said).split())
        line = "".join(letter if letter.isprintable() else "?" for letter in line)
        self._lines.append(f"{at} {record.levelname} {record.name} {line}"[:_MOST_CHARACTERS])

    def __call__(self, arguments: Arguments) -> Mapping[str, object]:
        """Carry ``log-tail`` out: the last ``lines`` (50), oldest first.

        Raises:
            RequestContractError: ``lines`` is not 1 to 100.
        """
        count = arguments.get("lines", 50)
        if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= MOST_LINES:
            msg = f"lines: wanted 1 to {MOST_LINES}, got {count!r}"
            raise RequestContractError(msg)
        return {"lines": list(self._lines)[-count:]}
