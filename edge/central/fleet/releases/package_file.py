"""Packages as they are signed: one tar whose bytes depend on nothing but what is in it.

No times, owners or modes of the machine that packed it, names in order, no compression: whoever
packs the same files again gets the same digest, and can check what was signed.
"""

import hashlib
import io
import tarfile
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson
from pydantic import ValidationError

from edge.catalog.parse import parse_site
from edge.catalog.yaml_text import MAX_TEXT_BYTES
from edge.core.errors import ModelContractError, RequestContractError, SiteContractError
from edge.policy.conditions import check
from edge.recommend.package import MANIFEST, PACKAGE_FILES, catalog_digest
from edge.update.limits import MAX_CONTENT_BYTES, MAX_CONTENT_FILES
from edge.update.package import longest
from edge.wire.config_settings import MAX_SETTINGS_BYTES, SETTINGS_FILE, mistakes_in_names
from edge.wire.releases import ABI, PackageFacts

MAX_FILE_BYTES: Final = 256 * 1024 * 1024
_MAX_NAME: Final = 100
"""In the header of a tar; a longer one stands in two places, and devices read one."""


@dataclass(frozen=True, slots=True)
class PackageFile:
    """A package before it is signed: what will be said about it, and its bytes."""

    facts: PackageFacts
    content: bytes


@dataclass(frozen=True, slots=True)
class Label:
    """What a person says about a package."""

    name: str
    version: str
    min_agent: str = "0.1.0"
    minimum_version: str = "0.0.0"


def model_package(folder: Path, label: Label) -> PackageFile:
    """Pack a model's folder, whose files must be those that its ``model.json`` names.

    Whether it answers as trained is `edge model check`'s and each device's to find out.

    Raises:
        ModelContractError: A file is missing or is not the one that was trained.
        RequestContractError: Name or version is malformed, or a file cannot be read.
    """
    files = {name: _read(folder / name) for name in (MANIFEST, *PACKAGE_FILES)}
    try:
        manifest = orjson.loads(files[MANIFEST])
        stated = {name: manifest["files"][name] for name in PACKAGE_FILES}
        digest = catalog_digest(orjson.loads(files["items.json"]))
        made_for = manifest["catalog_digest"]
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        msg = f"{folder}: wanted a model package with model.json and items.json, got {error!r}"
        raise ModelContractError(msg) from error
    too_long = [name for name, content in files.items() if len(content) > longest(name)]
    if too_long:
        msg = f"{folder}: wanted files that a device takes, got too long ones: {too_long}"
        raise ModelContractError(msg)
    wrong = [name for name in PACKAGE_FILES if stated[name] != _digest(files[name])]
    if wrong or made_for != digest:
        what = f"other bytes in {', '.join(wrong)}" if wrong else "another catalog in items.json"
        msg = f"{folder}: wanted the files that model.json names, got {what}; train it again"
        raise ModelContractError(msg)
    return _packed("model", label, files, digest)


def content_package(folder: Path, label: Label) -> PackageFile:
    """Pack a site folder: its YAML files, in which there is no mistake.

    Raises:
        SiteContractError: There are mistakes; it lists every one of them.
        RequestContractError: Name or version is malformed, or a file cannot be read.
    """
    paths = sorted(path for path in folder.rglob("*.y*ml") if path.is_file())
    files = {path.relative_to(folder).as_posix(): _read(path) for path in paths}
    if too_much := tuple(_too_much(files)):
        raise SiteContractError(too_much)
    texts = {name: content.decode(errors="surrogateescape") for name, content in files.items()}
    # What a device drops for good, because its condition says nothing, is better never sent.
    parse_site(texts, condition=check)
    return _packed("content", label, files, None)


def config_package(file: Path, label: Label) -> PackageFile:
    """Pack some settings: one TOML file. Each device holds it against its own before use.

    Raises:
        RequestContractError: It is not TOML, too long, or says what makes a device itself; name or
            version is malformed; or it cannot be read.
    """
    content = _read(file)
    try:
        raw = tomllib.loads(content.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        msg = f"wanted settings as TOML in {file}, got: {error}"
        raise RequestContractError(msg) from error
    mistakes = mistakes_in_names(raw)
    if len(content) > MAX_SETTINGS_BYTES:
        mistakes += (f"wanted at most {MAX_SETTINGS_BYTES} bytes, got {len(content)}",)
    if mistakes:
        raise RequestContractError("\n".join((f"{file}: this cannot be signed:", *mistakes)))
    return _packed("config", label, {SETTINGS_FILE: content}, None)


def _too_much(files: Mapping[str, bytes]) -> Iterator[str]:
    """Yield what no device would take, though it reads well."""
    for name, content in files.items():
        if len(content) > MAX_TEXT_BYTES:
            yield f"{name}: longer than a text may be"
        if len(name) > _MAX_NAME:
            yield f"{name}: wanted a name of at most {_MAX_NAME} characters"
    if len(files) > MAX_CONTENT_FILES:
        yield f"wanted at most {MAX_CONTENT_FILES} files, got {len(files)}"
    if sum(map(len, files.values())) > MAX_CONTENT_BYTES:
        yield f"wanted at most {MAX_CONTENT_BYTES} bytes in all, got more"


def packed(files: Mapping[str, bytes]) -> bytes:
    """Return ``files`` as a tar: the same files, the same bytes."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name in sorted(files):
            entry = tarfile.TarInfo(name)
            entry.size = len(files[name])
            entry.mode = 0o644
            tar.addfile(entry, io.BytesIO(files[name]))
    return out.getvalue()


def _packed(kind: str, label: Label, files: Mapping[str, bytes], digest: str | None) -> PackageFile:
    said: dict[str, Any] = {
        "kind": kind,
        "name": label.name,
        "version": label.version,
        "abi": ABI,
        "min_agent": label.min_agent,
        "minimum_version": label.minimum_version,
        "size_unpacked": sum(len(content) for content in files.values()),
        "catalog_digest": digest,
    }
    try:
        facts = PackageFacts.model_validate(said)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        msg = f"{where}: {first['msg']}, got {str(said.get(where))[:60]!r}"
        raise RequestContractError(msg) from error
    return PackageFile(facts, packed(files))


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            msg = f"{path}: wanted at most {MAX_FILE_BYTES} bytes, got {path.stat().st_size}"
            raise RequestContractError(msg)
        return path.read_bytes()
    except OSError as error:
        msg = f"wanted the file {path}, got: {error.strerror}"
        raise RequestContractError(msg) from error


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
