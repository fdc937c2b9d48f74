"""Wait until what a person changed is on disk."""

from concurrent.futures import Future
from typing import Final, TypeVar

from edge.core.errors import StorageUnavailableError

COMMIT_TIMEOUT_S: Final = 10.0
"""Far above any commit; a disk that takes longer is not there."""

T = TypeVar("T")


def committed(future: Future[T]) -> T:
    """Return what ``future`` gives.

    Raises:
        StorageUnavailableError: It took too long, or the disk is full.
        RequestContractError: What was asked for is not there.
    """
    try:
        return future.result(COMMIT_TIMEOUT_S)
    except TimeoutError as error:
        msg = f"wanted the change on disk within {COMMIT_TIMEOUT_S:.0f} s; look at /ops/"
        raise StorageUnavailableError(msg) from error
