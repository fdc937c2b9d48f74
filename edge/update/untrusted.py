"""What went wrong with a repository: the world was not there, or somebody lied.

python-tuf's errors stop here. Which of the two families an error belongs to decides whether ops are
told of a lost line or of an attack, so it is decided in one place.

Source: decided.md 49.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from errno import EDQUOT, ENOSPC
from typing import Final

from tuf.api.exceptions import (
    DownloadError,
    DownloadHTTPError,
    DownloadLengthMismatchError,
    RepositoryError,
)
from tuf.api.serialization import DeserializationError

from edge.core.errors import StorageUnavailableError, TrustError, UnavailableError
from edge.update.space import NoRoomError

_FULL: Final = frozenset({ENOSPC, EDQUOT})


class UntrustedReleaseError(TrustError):
    """What a source gave is not what was signed, or no longer holds; nothing of it is used.

    Args:
        code: python-tuf's name of the error, as ops know it.
        message: What was wanted and what came.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class SourceUnavailableError(UnavailableError):
    """A source cannot be reached, or answers with something else; another may do."""


@contextmanager
def told_apart(source: str) -> Iterator[None]:
    """Turn what python-tuf and the disk raise into the appliance's families.

    Args:
        source: Whom is asked, for the message.

    Raises:
        SourceUnavailableError: The network, or a captive portal's page.
        StorageUnavailableError: The disk; ``NoRoomError`` where it is full.
        UntrustedReleaseError: The source gave what must not be used.
    """
    try:
        yield
    except DeserializationError as error:
        # A captive portal answers everything with its own page. Whoever can put something unreadable
        # in the way can also cut the line, so nothing is hidden by calling it that.
        msg = f"wanted signed metadata from {source}, got a page that is none; a captive portal?"
        raise SourceUnavailableError(msg) from error
    except (RepositoryError, DownloadLengthMismatchError) as error:
        code = type(error).__name__
        raise UntrustedReleaseError(code, f"{error}, from {source}") from error
    except DownloadHTTPError as error:
        msg = f"wanted a file from {source}, got HTTP status {error.status_code}"
        raise SourceUnavailableError(msg) from error
    except DownloadError as error:
        msg = f"wanted an answer from {source}, got {type(error).__name__}: {error}"
        raise SourceUnavailableError(msg) from error
    except OSError as error:
        raise disk_error(error) from error


def disk_error(error: OSError) -> UnavailableError:
    """Return what ``error`` of the disk is called here."""
    msg = f"wanted to write below the releases folder, got {error.strerror}; check the disk"
    if error.errno in _FULL:
        return NoRoomError(msg)
    return StorageUnavailableError(msg)
