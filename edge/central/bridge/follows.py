"""What central does with new events, in the very transaction that writes them.

Each area that follows events adds its function here.
"""

from typing import Final

from edge.central.bridge.sink import Follow

FOLLOWS: Final[tuple[Follow, ...]] = ()
