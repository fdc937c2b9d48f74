"""The tar that carries a package, read only if it was made as central makes it.

A tar can hold links, devices, paths that climb, sparse holes and headers that rename what comes
after them. None of it is read here: this reader knows plain files with the names of a package of
its kind and nothing else, so there is no rule to forget. What it unpacks is whole on the disk, or
not there.

Source: POSIX.1-1988, ``ustar`` interchange format.
"""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

from edge.core.errors import ModelContractError, StorageUnavailableError
from edge.update.layout import LAYOUTS, NAMES, Layout, longest
from edge.wire.releases import PackageFacts

__all__ = ["NAMES", "longest", "unpack"]

_BLOCK: Final = 512
_PIECE_BYTES: Final = 1 << 20
_RECORD_BYTES: Final = 20 * _BLOCK
"""A tar ends in blocks of zeros, up to a whole record."""
_OCTAL: Final = re.compile(rb"[0-7]{1,11}[\0 ]+")
_MAGICS: Final = (b"ustar\x0000", b"ustar  \0")
_PLAIN: Final = (b"0", b"\0")


def unpack(tar: Path, into: Path, facts: PackageFacts) -> None:
    """Unpack a package into the folder ``into``, which is then whole or as it was.

    Args:
        tar: A file whose length and SHA-256 are already those that were signed.
        into: Replaced if it is there.
        facts: What was signed about the package.

    Raises:
        ModelContractError: It holds anything but the files of a package, or more than was signed.
        StorageUnavailableError: The disk is full or read-only.
    """
    fresh = into.with_name(f".{into.name}.new")
    layout = LAYOUTS[facts.kind]
    try:
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        with tar.open("rb") as file:
            _check_length(os.fstat(file.fileno()).st_size, facts, layout)
            _write_all(file, fresh, facts.size_unpacked, layout)
        for folder in {fresh, *(path.parent for path in fresh.rglob("*"))}:
            _sync(folder)
        if into.exists():
            shutil.rmtree(into)
        fresh.rename(into)
        _sync(into.parent)
    except OSError as error:
        msg = f"wanted to unpack {tar.name} into {into.name}, got: {error.strerror}"
        raise StorageUnavailableError(msg) from error
    finally:
        with suppress(OSError):
            shutil.rmtree(fresh, ignore_errors=True)


def _check_length(length: int, facts: PackageFacts, layout: Layout) -> None:
    if facts.size_unpacked > layout.most_bytes:
        msg = (
            f"wanted a {facts.kind} package of at most {layout.most_bytes} bytes unpacked, "
            f"got {facts.size_unpacked} signed"
        )
        raise ModelContractError(msg)
    most = facts.size_unpacked + layout.most_files * 2 * _BLOCK + 2 * _BLOCK + _RECORD_BYTES
    if length > most:
        msg = f"wanted a tar of at most {most} bytes as signed, got {length}"
        raise ModelContractError(msg)


def _write_all(file: BinaryIO, folder: Path, most: int, layout: Layout) -> None:
    left = most
    found: set[str] = set()
    for name, size in _entries(file, layout):
        if name in found:
            msg = f"wanted each file of a package once, got {name} twice"
            raise ModelContractError(msg)
        left -= size
        if left < 0 or len(found) == layout.most_files:
            msg = (
                f"wanted at most the {most} bytes that were signed, in {layout.most_files} files, "
                f"got more with {name}"
            )
            raise ModelContractError(msg)
        _write(file, folder / name, size)
        found.add(name)
    if not layout.needed <= found:
        needed = sorted(layout.needed)
        msg = f"wanted the files {needed}, missing {sorted(layout.needed - found)}"
        raise ModelContractError(msg)


def _entries(file: BinaryIO, layout: Layout) -> Iterator[tuple[str, int]]:
    """Yield name and size of each file; the caller reads its bytes and the filling after them."""
    while True:
        header = file.read(_BLOCK)
        if not header.strip(b"\0"):
            rest = file.read(_RECORD_BYTES)
            if len(header) != _BLOCK or len(rest) == _RECORD_BYTES or rest.strip(b"\0"):
                msg = "wanted a tar that ends in a few blocks of zeros, got something else"
                raise ModelContractError(msg)
            return
        yield _entry(header, layout)


def _entry(header: bytes, layout: Layout) -> tuple[str, int]:
    _check_header(header)
    name = header[:100].split(b"\0", 1)[0].decode("ascii", "replace")
    if not layout.is_name(name) or header[345:500].strip(b"\0"):
        msg = f"wanted only {layout.wanted} in a package, got {name!r}"
        raise ModelContractError(msg)
    size = _number(header[124:136], name)
    if size > layout.longest(name):
        msg = f"{name}: wanted at most {layout.longest(name)} bytes, got {size}"
        raise ModelContractError(msg)
    return name, size


def _check_header(header: bytes) -> None:
    if len(header) != _BLOCK or header[257:265] not in _MAGICS:
        msg = "wanted a tar in ustar format, as `edge fleet sign` packs it, got something else"
        raise ModelContractError(msg)
    spaces = header[:148] + b" " * 8 + header[156:]
    if _number(header[148:156], "a header") != sum(spaces):
        msg = "wanted a tar whose headers are whole, got one with a wrong checksum"
        raise ModelContractError(msg)
    if header[156:157] not in _PLAIN:
        msg = f"wanted plain files only, got an entry of type {header[156:157]!r}"
        raise ModelContractError(msg)


def _number(field: bytes, of: str) -> int:
    if not _OCTAL.fullmatch(field):
        msg = f"{of}: wanted a number in octal digits in the tar, got {field!r}"
        raise ModelContractError(msg)
    return int(field.strip(b"\0 "), 8)


def _write(file: BinaryIO, path: Path, size: int) -> None:
    path.parent.mkdir(exist_ok=True)
    with path.open("xb") as out:
        left = size
        while left:
            piece = file.read(min(left, _PIECE_BYTES))
            if not piece:
                msg = f"{path.name}: wanted {size} bytes, the tar ends {left} before"
                raise ModelContractError(msg)
            out.write(piece)
            left -= len(piece)
        out.flush()
        os.fsync(out.fileno())
    path.chmod(0o444)
    file.read(-size % _BLOCK)


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
