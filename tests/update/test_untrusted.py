"""A lost line, a full disk and a lie are told apart."""

import errno

import pytest
from tuf.api.exceptions import (
    BadVersionNumberError,
    DownloadError,
    DownloadHTTPError,
    DownloadLengthMismatchError,
    EqualVersionNumberError,
    ExpiredMetadataError,
    LengthOrHashMismatchError,
    RepositoryError,
    SlowRetrievalError,
    UnsignedMetadataError,
)
from tuf.api.serialization import DeserializationError

from edge.core.errors import StorageUnavailableError, TrustError, UnavailableError
from edge.update.space import NoRoomError
from edge.update.untrusted import SourceUnavailableError, UntrustedReleaseError, told_apart


@pytest.mark.parametrize(
    "error",
    [
        UnsignedMetadataError,
        BadVersionNumberError,
        EqualVersionNumberError,
        ExpiredMetadataError,
        LengthOrHashMismatchError,
        DownloadLengthMismatchError,
        RepositoryError,
    ],
)
def test_a_lie_keeps_the_name_that_ops_know(error: type[Exception]) -> None:
    with pytest.raises(TrustError) as told, told_apart("somewhere"):
        raise error("why")

    assert isinstance(told.value, UntrustedReleaseError)
    assert told.value.code == error.__name__
    assert str(told.value) == f"{error.__name__}: why, from somewhere"


@pytest.mark.parametrize(
    "error",
    [
        DownloadError("cut"),
        SlowRetrievalError("slow"),
        DownloadHTTPError("trouble", 503),
        DeserializationError("a page"),
    ],
)
def test_a_lost_line_may_come_back(error: Exception) -> None:
    with pytest.raises(SourceUnavailableError, match="somewhere"), told_apart("somewhere"):
        raise error


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (errno.ENOSPC, NoRoomError),
        (errno.EDQUOT, NoRoomError),
        (errno.EROFS, StorageUnavailableError),
        (errno.EIO, StorageUnavailableError),
    ],
)
def test_the_disk_is_nobody_elses_fault(number: int, told: type[UnavailableError]) -> None:
    with pytest.raises(told) as raised, told_apart("somewhere"):
        raise OSError(number, "why")

    assert not isinstance(raised.value, SourceUnavailableError)
