"""Make a first site folder from a till's export: how a real shop starts.

What the export does not say is left open and not invented: a product without a price, and
every product's allergens, stay unknown, and no kiosk sells it until somebody fills them in.
"""

import csv
import io
import re
import shutil
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Final
from zoneinfo import available_timezones

import yaml
from babel.numbers import get_currency_precision

from edge.app.load_site import load_site
from edge.app.shipped import Shipped
from edge.app.shipped import shipped as shipped_here
from edge.app.starter.dataset import dataset_path, dataset_toml
from edge.app.starter.files import (
    Fields,
    board_entries,
    guide_entries,
    opening_fields,
    placement_entries,
    product_entry,
    section_entry,
)
from edge.app.starter.menu import MenuSection, menu_sections, slug
from edge.app.starter.till_export import ExportColumns, TillExport, read_export
from edge.catalog.site import Site
from edge.core.errors import RequestContractError, StorageUnavailableError
from edge.core.mistakes import found

PRODUCTS_PER_FILE: Final = 1000
"""A file stays far below the limit of what is read, and can still be edited by hand."""

ITEMS: Final = "items.csv"
"""Till id -> sku, so that ``python -m models.training`` names its items as the shop does."""


@dataclass(frozen=True, slots=True)
class Shop:
    """What an export cannot say about its shop."""

    name: str
    currency: str
    timezone: str
    region: str = "gb"


@dataclass(frozen=True, slots=True)
class MadeSite:
    """A site folder that was made, and what it was made from."""

    site: Site
    export: TillExport
    dataset: Path | None
    """The TOML to train a model from; None where the export has no dates."""


def export_columns(config: Path | None, given: Mapping[str, object]) -> ExportColumns:
    """Return the columns that the TOML ``config`` names, with what is ``given`` on top.

    The TOML has them in a table ``[columns]`` or at its top; other keys are for other readers.

    Raises:
        RequestContractError: ``config`` cannot be read, or a name is not text.
    """
    table = _table(config) if config else {}
    columns = ExportColumns()
    for role, value in (*table.items(), *given.items()):
        if role in _ROLES and value not in (None, "", ()):
            columns = _named(columns, role, value)
    return columns


def _table(config: Path) -> Mapping[str, object]:
    try:
        whole = tomllib.loads(config.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        msg = f"{config}: wanted TOML that names columns, found: {error}"
        raise RequestContractError(msg) from error
    table = whole.get("columns", whole)
    if not isinstance(table, dict):
        msg = f"{config}: wanted a table of columns, found {found(table)}"
        raise RequestContractError(msg)
    return table


_ROLES: Final = tuple(each.name for each in fields(ExportColumns))


def _named(columns: ExportColumns, role: str, value: object) -> ExportColumns:
    names = [value] if isinstance(value, str) else value
    is_many = role in {"ticket", "drop"}
    if (
        not isinstance(names, (list, tuple))
        or not all(isinstance(each, str) for each in names)
        or (len(names) != 1 and not is_many)
    ):
        wanted = "a name or a list of names" if is_many else "a column's name"
        msg = f"{role}: wanted {wanted}, found {found(value)}"
        raise RequestContractError(msg)
    change: dict[str, Any] = {role: tuple(names) if is_many else names[0]}
    return replace(columns, **change)


def make_site(
    file: Path,
    folder: Path,
    shop: Shop,
    columns: ExportColumns,
    *,
    shipped: Shipped = shipped_here,
) -> MadeSite:
    """Read the export ``file`` and write the site folder ``folder``, whole or not at all.

    Beside it stands a TOML of the same name, from which a model of the same tickets is trained.

    Raises:
        ContractError: The export has mistakes, or the folder is in use.
        StorageUnavailableError: The disk refuses.
    """
    _refuse_used(folder)
    if shop.timezone not in available_timezones():  # before Polars says it of the file
        msg = f"--timezone: wanted a name such as Europe/London, found {found(shop.timezone)}"
        raise RequestContractError(msg)
    dataset = dataset_path(folder)
    if dataset.exists():
        msg = f"{dataset}: wanted to write what a model is trained from, found a file; move it away"
        raise RequestContractError(msg)
    export = read_export(file, columns, shop.timezone)
    site = write_site(site_files(export, shop), folder, shipped=shipped)
    text = dataset_toml(file, folder, export, site.header)
    if text:
        _write_dataset(dataset, text)
    return MadeSite(site, export, dataset if text else None)


def _write_dataset(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        msg = f"{path}: wanted to write what a model is trained from, found: {error.strerror}"
        raise StorageUnavailableError(msg) from error


def site_files(export: TillExport, shop: Shop) -> dict[str, str]:
    """Return the texts of the shop's folder by file name."""
    sections = menu_sections(export.items)
    files = {
        "site.yaml": _yaml(_header(export, shop)),
        "sections.yaml": _yaml([section_entry(section) for section in sections]),
        "placements.yaml": _yaml(placement_entries(sections)),
    }
    digits = get_currency_precision(shop.currency)
    for section in sections:
        files.update(_product_files(section, digits))
    for name, entries in (
        ("boards.yaml", board_entries(sections)),
        ("guide.yaml", guide_entries(sections)),
    ):
        if entries:
            files[name] = _yaml(entries)
    files[ITEMS] = _items_table(sections)
    return files


def write_site(files: Mapping[str, str], folder: Path, *, shipped: Shipped = shipped_here) -> Site:
    """Write ``files`` as the site folder ``folder``, whole or not at all, and return the shop.

    Raises:
        RequestContractError: The folder exists and holds something.
        SiteContractError: The files are not a shop; nothing is written.
        StorageUnavailableError: The disk refuses.
    """
    _refuse_used(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            return _write(files, partial, folder, shipped)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    except OSError as error:
        msg = f"{folder}: wanted to write a site folder, found: {error.strerror}"
        raise StorageUnavailableError(msg) from error


def _refuse_used(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        msg = f"{folder}: wanted a folder that is new or empty, found one that is in use"
        raise RequestContractError(msg)


def _write(files: Mapping[str, str], partial: Path, folder: Path, shipped: Shipped) -> Site:
    whole = partial / "site"  # mkdtemp's own folder is closed to other users
    for name, text in files.items():
        path = whole / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    site = load_site(whole, shipped=shipped)
    whole.rename(folder)
    return site


def _header(export: TillExport, shop: Shop) -> Fields:
    site = slug(shop.name, otherwise="shop")[:32].strip("-")
    site = site if len(site) >= 3 else f"shop-{site}"
    return {
        "site": site,
        "tenant": site,
        "name": shop.name,
        "timezone": shop.timezone,
        "currency": shop.currency,
        "region": shop.region,
        "languages": ["en"],
        **opening_fields(export.hours),
    }


def _product_files(section: MenuSection, digits: int) -> Iterator[tuple[str, str]]:
    entries = [product_entry(item, section, digits) for item in section.items]
    for start in range(0, len(entries), PRODUCTS_PER_FILE):
        part = f"_{start // PRODUCTS_PER_FILE + 1}" if start else ""
        yield f"products/{section.id}{part}.yaml", _yaml(entries[start : start + PRODUCTS_PER_FILE])


def _items_table(sections: Iterable[MenuSection]) -> str:
    rows = [(item.sold.till, item.sku) for section in sections for item in section.items]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([("till_id", "sku"), *sorted(rows)])
    return text.getvalue()


class _Dumper(yaml.SafeDumper):
    """Quotes every text but plain words, so that none is taken for a number or a time."""


def _text(dumper: _Dumper, value: str) -> yaml.ScalarNode:
    is_plain = re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*( [A-Za-z0-9_-]+)*", value)
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=None if is_plain else '"')


_Dumper.add_representer(str, _text)


def _yaml(entries: object) -> str:
    # default_flow_style=None: what holds only words, such as {en: Tea}, stays on one line.
    return yaml.dump(
        entries,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=100,
        default_flow_style=None,
    )
