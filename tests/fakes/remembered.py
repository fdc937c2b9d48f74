"""Templates compiled once for all applications of a test run.

Each application has an environment of its own and would compile each template again, which costs
more than most tests. Jinja keys what it remembers by the template's place and its text.
"""

from typing import Final

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


class RememberedTemplates(BytecodeCache):
    """Keeps the compiled code in memory."""

    def __init__(self) -> None:
        self._kept: Final[dict[str, tuple[str, bytes]]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give ``bucket`` what was kept, if its text is still the same."""
        checksum, code = self._kept.get(bucket.key, ("", b""))
        if checksum == bucket.checksum:
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._kept[bucket.key] = (bucket.checksum, bucket.bytecode_to_string())
