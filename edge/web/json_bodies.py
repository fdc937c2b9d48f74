"""Read the JSON that pages send without the reader that a deep nesting breaks.

Python's own reader raises RecursionError at some thousand brackets, which is no ValueError and so
becomes a failure of the server; it also takes NaN. orjson bounds the depth and refuses both.
"""

from typing import Any

import orjson
from flask.json.provider import DefaultJSONProvider


class JsonBodies(DefaultJSONProvider):
    """Flask's JSON, with orjson reading."""

    def loads(self, s: str | bytes, **_kwargs: object) -> Any:  # noqa: ANN401 - as Flask declares it
        """Return what ``s`` says.

        Raises:
            ValueError: It is not JSON, or nested too deeply.
        """
        return orjson.loads(s)
