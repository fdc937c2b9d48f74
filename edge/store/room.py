"""What an event takes on disk, so that a cap in bytes is a cap on the disk.

A page of 4,096 bytes holds only whole rows: an event of 1,500 bytes takes half a page. A test holds
this to a real file.
"""

from typing import Final

_PAGE: Final = 4096
_USABLE: Final = 4084
"""A leaf page without its header."""
_BESIDE: Final = 58
"""The columns beside the body."""
_POINTER: Final = 2
_INDEXES: Final = 66
"""The row's share of the two indexes."""
_LARGEST_IN_LEAF: Final = 4061
_LEAST_IN_LEAF: Final = 489
_OVERFLOW: Final = 4092


def room(body_bytes: int) -> int:
    """Return the bytes that a row with such a body takes in the file.

    Source: https://www.sqlite.org/fileformat2.html, "Cell Payload Overflow Pages".
    """
    payload = body_bytes + _BESIDE
    in_leaf = payload
    if payload > _LARGEST_IN_LEAF:
        in_leaf = _LEAST_IN_LEAF + (payload - _LEAST_IN_LEAF) % _OVERFLOW
        if in_leaf > _LARGEST_IN_LEAF:
            in_leaf = _LEAST_IN_LEAF
    overflow_pages = -(-(payload - in_leaf) // _OVERFLOW)
    return overflow_pages * _PAGE + _PAGE // (_USABLE // (in_leaf + _POINTER)) + _INDEXES
