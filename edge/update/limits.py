"""What a model may be and cost, at most: every number of admission in one place.

They are the device's, not the package's: who makes a model does not say what a shop's screen can
spare. Measured with models of 54 to 50,000 items on x86-64 (``python -m tests.update.preflight_cost``).
"""

from typing import Final

from edge.confine.confinement import Limits

MAX_FILE_BYTES: Final = 64 << 20
MAX_JSON_BYTES: Final = 8 << 20
MAX_UNPACKED_BYTES: Final = 3 * (MAX_FILE_BYTES + MAX_JSON_BYTES)
"""Three graphs, three texts."""

MAX_CONTENT_BYTES: Final = 16 << 20
MAX_CONTENT_FILES: Final = 256
"""Texts of a shop: it is read in some dozens of milliseconds, and each file is short."""

# Static: what a graph may hold.
MAX_NODES: Final = 2_000
MAX_INITIALIZER_BYTES: Final = 256 << 20
MAX_ELEMENTS: Final = 1 << 28
"""Of one tensor, wherever a graph states its sizes."""
MAX_DIMENSIONS: Final = 16
MAX_ENTRIES: Final = 100_000
"""Of everything else a graph can hold many of: names, attributes, sizes, notes."""
MAX_TEXT_BYTES: Final = 4_096
"""Of one name or note."""

# The child that tries a model.
CHILD: Final = Limits(memory_bytes=1_200 << 20, cpu_s=30)
WALL_S: Final = 30.0
MAX_REPORT_BYTES: Final = 64 << 10
NICENESS: Final = 5
"""The screens come first."""

# What an answer may cost: CPU time of the 95th of 100 calls, and memory with everything loaded.
RANK_P95_MS: Final = 5.0
"""A decision as a whole has 5 ms; a model that needs all of it is too slow."""
BASE_P95_MS: Final = 25.0
"""Once per hour and trend, not per shopper."""
MAX_RSS_BYTES: Final = 512 << 20

# Golden requests: fewer, or emptier ones, would hold of any model.
MIN_GOLDEN: Final = 4
