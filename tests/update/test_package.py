"""A package's tar is read only if it is made as ours are; what is unpacked is whole or not there."""

import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.central.fleet.releases.package_file import Label, model_package
from edge.core.errors import ModelContractError, StorageUnavailableError
from edge.update.package import NAMES, unpack
from edge.wire.releases import PackageFacts
from tests.fakes.bad_models import FACTORY, factory_files, facts

FILES = factory_files()
SIGNED = facts(FACTORY)
Entries = list[tuple[tarfile.TarInfo, bytes]]


def entries() -> Entries:
    return [(entry(name, len(FILES[name])), FILES[name]) for name in NAMES]


def entry(name: str, size: int = 0, kind: bytes = tarfile.REGTYPE, to: str = "") -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.size, made.type, made.linkname = size, kind, to
    return made


def tar_of(found: Entries, form: int = tarfile.USTAR_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for made, content in found:
            archive.addfile(made, io.BytesIO(content))
    return out.getvalue()


def unpacked(tar: bytes, folder: Path, signed: PackageFacts = SIGNED) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "package.tar").write_bytes(tar)
    unpack(folder / "package.tar", folder / "ranker" / "abc", signed)
    return folder / "ranker" / "abc"


def test_what_central_packs_is_unpacked_byte_for_byte(tmp_path: Path) -> None:
    packed = model_package(FACTORY, Label("ranker", "1.2.0"))
    folder = unpacked(packed.content, tmp_path, packed.facts)

    assert {path.name: path.read_bytes() for path in folder.iterdir()} == FILES
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_a_tar_by_gnu_tar_of_plain_files_is_taken_too(tmp_path: Path) -> None:
    folder = unpacked(tar_of(entries(), tarfile.GNU_FORMAT), tmp_path)

    assert {path.name for path in folder.iterdir()} == set(NAMES)


def test_unpacking_again_replaces_what_is_there(tmp_path: Path) -> None:
    folder = unpacked(tar_of(entries()), tmp_path)
    (folder / "stray").write_bytes(b"x")
    (folder.parent / ".abc.new").mkdir()

    assert {path.name for path in unpacked(tar_of(entries()), tmp_path).iterdir()} == set(NAMES)
    assert [path.name for path in folder.parent.iterdir()] == ["abc"]


def with_first(**changes: object) -> Callable[[], bytes]:
    def make() -> bytes:
        found = entries()
        for name, value in changes.items():
            setattr(found[0][0], name, value)
        return tar_of(found)

    return make


def with_extra(made: tarfile.TarInfo, content: bytes = b"") -> Callable[[], bytes]:
    return lambda: tar_of([*entries(), (made, content)])


def with_header(at: int, value: bytes, *, is_summed: bool = True) -> Callable[[], bytes]:
    """Change the first header; with its checksum made right again, or not."""

    def make() -> bytes:
        tar = bytearray(tar_of(entries()))
        tar[at : at + len(value)] = value
        if is_summed:
            total = sum(tar[:148]) + 8 * 32 + sum(tar[156:512])
            tar[148:156] = f"{total:06o}\0 ".encode()
        return bytes(tar)

    return make


def large_pax() -> bytes:
    found = entries()
    found[0][0].pax_headers = {"comment": "x" * 4_000}
    return tar_of(found, tarfile.PAX_FORMAT)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        pytest.param(lambda: tar_of(entries()[1:]), "missing", id="a file is missing"),
        pytest.param(lambda: tar_of([*entries(), entries()[0]]), "twice", id="a file twice"),
        pytest.param(with_extra(entry("extra.txt")), "wanted only", id="another file"),
        pytest.param(with_first(name="../model.json"), "wanted only", id="a path that climbs"),
        pytest.param(with_first(name="/model.json"), "wanted only", id="a path from the root"),
        pytest.param(with_first(name="./model.json"), "wanted only", id="a path from here"),
        pytest.param(with_first(name="a/model.json"), "wanted only", id="a folder's file"),
        pytest.param(with_extra(entry("a", kind=tarfile.DIRTYPE)), "plain files", id="a folder"),
        *(
            pytest.param(
                with_extra(entry("items.json", kind=kind, to="/etc/passwd")), "plain files", id=name
            )
            for name, kind in {
                "a symbolic link": tarfile.SYMTYPE,
                "a hard link": tarfile.LNKTYPE,
                "a pipe": tarfile.FIFOTYPE,
                "a device": tarfile.CHRTYPE,
                "a sparse file": tarfile.GNUTYPE_SPARSE,
                "a file of another kind": tarfile.CONTTYPE,
            }.items()
        ),
        pytest.param(large_pax, "plain files", id="extended headers"),
        pytest.param(
            lambda: tar_of([(entry("model.json" + "x" * 120), b"")], tarfile.GNU_FORMAT),
            "plain files",
            id="a long name",
        ),
        pytest.param(with_header(345, b"etc"), "wanted only", id="a prefix"),
        pytest.param(with_header(124, b"\x80" + b"\xff" * 11), "octal", id="a size in binary"),
        pytest.param(with_header(124, b"-0000000001\0"), "octal", id="a size below zero"),
        pytest.param(with_header(124, b"77777777777\0"), "at most", id="a size of 8 GiB"),
        pytest.param(with_header(0, b"M", is_summed=False), "checksum", id="a wrong checksum"),
        pytest.param(with_header(257, b"other"), "ustar format", id="another format"),
        pytest.param(lambda: tar_of(entries())[:5_000], "ends", id="cut in a file"),
        pytest.param(lambda: tar_of(entries())[:512], "ends", id="cut after a header"),
        pytest.param(lambda: tar_of(entries()).rstrip(b"\0"), "zeros", id="cut before its end"),
        pytest.param(lambda: tar_of(entries()) + b"more", "zeros", id="something after its end"),
        pytest.param(lambda: bytes(40_000), "zeros", id="only zeros"),
        pytest.param(lambda: b"", "zeros", id="nothing"),
        pytest.param(lambda: b"\x1f\x8b" + bytes(600), "ustar format", id="gzip"),
    ],
)
def test_anything_else_is_refused_and_nothing_is_left(
    tmp_path: Path, make: Callable[[], bytes], why: str
) -> None:
    with pytest.raises(ModelContractError, match=why):
        unpacked(make(), tmp_path)

    assert list((tmp_path / "ranker").iterdir()) == []


def test_more_than_was_signed_is_refused_before_it_is_written(tmp_path: Path) -> None:
    small = SIGNED.model_copy(update={"size_unpacked": SIGNED.size_unpacked - 1})

    with pytest.raises(ModelContractError, match="that were signed"):
        unpacked(tar_of(entries()), tmp_path, small)
    with pytest.raises(ModelContractError, match="tar of at most"):
        unpacked(tar_of(entries()) + bytes(100_000), tmp_path)


def test_content_is_not_unpacked_as_a_model(tmp_path: Path) -> None:
    with pytest.raises(ModelContractError, match="wanted only site, sections"):
        unpacked(tar_of(entries()), tmp_path, SIGNED.model_copy(update={"kind": "content"}))


def test_a_folder_that_cannot_be_written_is_no_fault_of_the_package(tmp_path: Path) -> None:
    (tmp_path / "package.tar").write_bytes(tar_of(entries()))
    (tmp_path / "ranker").write_bytes(b"a file")

    with pytest.raises(StorageUnavailableError, match=r"package\.tar"):
        unpack(tmp_path / "package.tar", tmp_path / "ranker" / "abc", SIGNED)
